"""Groups and their members."""

from apps.groups.models.group import Group, GroupKind, GroupQuerySet
from apps.groups.models.member import GroupMember, GroupMemberQuerySet, Role

__all__ = ["Group", "GroupKind", "GroupMember", "GroupMemberQuerySet", "GroupQuerySet", "Role"]
