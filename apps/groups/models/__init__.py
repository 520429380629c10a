"""Groups and their members."""

from apps.groups.models.group import LARGEST_GID, Group, GroupKind, GroupQuerySet
from apps.groups.models.member import GroupMember, GroupMemberQuerySet, Role

__all__ = [
    "LARGEST_GID",
    "Group",
    "GroupKind",
    "GroupMember",
    "GroupMemberQuerySet",
    "GroupQuerySet",
    "Role",
]
