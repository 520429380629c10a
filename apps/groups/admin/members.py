"""Members of groups."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.operations import row_link
from apps.core.adminkit.panels import panel
from apps.groups.admin.gathering_member_admin import GatheringMemberAdmin, wholes_of
from apps.groups.admin.gatherings import GROUPS
from apps.groups.models import Group, GroupMember


@admin.register(GroupMember)
class GroupMemberAdmin(GatheringMemberAdmin):
    """The members of one group, or the groups of one user."""

    gathering = GROUPS
    silenced = "silenced"
    wholes = wholes_of(GROUPS)
    exported_number = "gid"
    app_path = "group__app"
    parents = {"group": Group, "user": User}
    list_display = (
        "user_link", "app_name", "nickname", "group_link", "role_badge", "voice", "joined_at",
        "details",
    )  # fmt: skip
    list_select_related = ("user__app", "group__app")
    fields = ("user", "app_name", "group", "role_badge", "voice", "joined_at")

    @admin.display(description=_("group"))
    def group_link(self, member: GroupMember) -> SafeString:
        """Where."""
        return row_link(member.group)


_admin: GroupMemberAdmin = admin.site.get_model_admin(GroupMember)  # type: ignore[assignment]  # ours
panel(Group)(_admin.panel_of_place)
panel(User, place=40)(_admin.panel_of_user)
