"""Members: who is in a group, and who is to leave it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    link,
    list_url,
    page_action,
    row_link,
    ticked,
)
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import App
from apps.groups.models import Group, GroupMember, Role
from apps.groups.services.members import change_members
from apps.groups.services.silence import silence_members

_COUNTED = 1000  # members; beyond, the panel says "more than"


@admin.register(GroupMember)
class GroupMemberAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The members of one group, or the groups of one user. Members are added on the group's page."""

    app_path = "group__app"
    grants = ("view", "add", "change", "delete")
    parents = {"group": Group, "user": User}
    list_display = ("user_link", "nickname", "group_link", "badge_of_role", "voice", "joined_at")
    list_display_links = None
    list_select_related = ("user", "group")
    list_per_page = 100
    fields = ("user", "group", "badge_of_role", "voice", "joined_at")
    actions = ("remove_selected", "silence_selected", "let_speak_selected")
    actions_detail = ("remove", "silence", "let_speak")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete members."""
        return bool(request.user.has_perm("groups.delete_groupmember"))

    def has_silence_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change members."""
        return bool(request.user.has_perm("groups.change_groupmember"))

    @admin.display(description=_("speaks"))
    def voice(self, member: GroupMember) -> SafeString:
        """Whether they may speak in the group."""
        return _voice(member)

    @admin.display(description=_("user"))
    def user_link(self, member: GroupMember) -> SafeString:
        """Who it is."""
        return row_link(member.user)

    @admin.display(description=_("group"))
    def group_link(self, member: GroupMember) -> SafeString:
        """Where."""
        return row_link(member.group)

    @admin.display(description=_("nickname"))
    def nickname(self, member: GroupMember) -> str:
        """The user's."""
        return member.user.nickname

    @admin.display(description=_("role"))
    def badge_of_role(self, member: GroupMember) -> SafeString | str:
        """Owner or member."""
        return _role(member)

    def senseless(self, row: GroupMember) -> set[str]:
        """The owner can't be removed: the group is to be handed on before, or dissolved."""
        senseless = {"silence"} if row.silenced else {"let_speak"}
        return senseless | ({"remove"} if row.role == Role.OWNER else set())

    @page_action(
        description=_("Remove"),
        permission="remove",
        icon="person_remove",
    )
    def remove(self, request: HttpRequest, member: GroupMember) -> HttpResponse:
        """Take one member out of the group."""
        return self._ask(request, [member], {})

    @admin.action(description=_("Remove from the group"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, members: QuerySet[GroupMember]) -> HttpResponse:
        """Take these members out of their groups."""
        chosen = list(members.select_related("user__app", "group__app"))
        return self._ask(request, chosen, ticked("remove_selected", chosen))

    @page_action(description=_("Silence"), permission="silence", icon="mic_off")
    def silence(self, request: HttpRequest, member: GroupMember) -> HttpResponse:
        """Let one member not speak."""
        return self._ask_silence(request, [member], {}, silenced=True)

    @page_action(description=_("Let speak"), permission="silence", icon="mic")
    def let_speak(self, request: HttpRequest, member: GroupMember) -> HttpResponse:
        """Let one member speak again."""
        return self._ask_silence(request, [member], {}, silenced=False)

    @admin.action(description=_("Silence selected members"), permissions=["silence"])
    def silence_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members not speak."""
        chosen = list(members.select_related("user", "group__app"))
        return self._ask_silence(request, chosen, ticked("silence_selected", chosen), silenced=True)

    @admin.action(description=_("Let selected members speak"), permissions=["silence"])
    def let_speak_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members speak again."""
        chosen = list(members.select_related("user", "group__app"))
        return self._ask_silence(
            request, chosen, ticked("let_speak_selected", chosen), silenced=False
        )

    def _ask_silence(
        self,
        request: HttpRequest,
        members: list[GroupMember],
        hidden: dict[str, list[str]],
        *,
        silenced: bool,
    ) -> HttpResponse:
        groups = sorted({member.group for member in members}, key=lambda group: group.pk)
        text = _("What they send to the group is refused until they are let speak again.")
        question = Question(
            title=_("Silence members") if silenced else _("Let members speak"),
            text=text if silenced else _("They can send to the group again."),
            button=_("Silence") if silenced else _("Let speak"),
            back=change_url(groups[0]) if len(groups) == 1 else list_url(Group),
            about=[f"{member.user} – {member.group}" for member in members],  # noqa: RUF001 a dash
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for group in groups:
                    for of, names in _names_by_app(members, group).items():
                        silence_members(
                            app=group.app, gid=group.pk, usernames=names, silenced=silenced, of=of
                        )
            for group in groups:
                self.noted(request, group, "group members")
            return gettext("Silenced.") if silenced else gettext("They may speak.")

        return ask(self, request, question, perform)

    def _ask(
        self, request: HttpRequest, members: list[GroupMember], hidden: dict[str, list[str]]
    ) -> HttpResponse:
        groups = sorted({member.group for member in members}, key=lambda group: group.pk)
        question = Question(
            title=_("Remove members"),
            text=_("They leave the group, and read nothing of what is said from now on."),
            button=_("Remove"),
            back=change_url(groups[0]) if len(groups) == 1 else list_url(Group),
            danger=True,
            about=[f"{member.user} – {member.group}" for member in members],  # noqa: RUF001 a dash
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            with transaction.atomic():
                for group in groups:
                    for of, names in _names_by_app(members, group).items():
                        change_members(app=group.app, gid=group.pk, remove=names, of=of)
            for group in groups:
                self.noted(request, group, "group members")
            return gettext("Removed.")

        return ask(self, request, question, perform)


def _voice(member: GroupMember) -> SafeString:
    return badge(_("silenced"), "warning") if member.silenced else badge(_("speaks"), "success")


def _role(member: GroupMember) -> SafeString | str:
    if member.role == Role.OWNER:
        return badge(member.get_role_display(), "primary")
    return str(member.get_role_display())


def _names_by_app(members: list[GroupMember], group: Group) -> dict[App, list[str]]:
    """Those of the members who are in the group: a name is one of its user's app."""
    found: dict[App, list[str]] = {}
    for member in members:
        if member.group == group:
            found.setdefault(member.user.app, []).append(member.user.username)
    return found


@panel(Group)
def members_of_group(request: HttpRequest, group: Group) -> Panel | None:
    """Who is in the group: the owner first, then as they came."""
    if not request.user.has_perm("groups.view_groupmember"):
        return None
    if group.dissolved_at is not None:
        return None
    may_remove = request.user.has_perm("groups.delete_groupmember")
    rows = []
    for member in group.members.in_list_order()[:SHOWN]:
        remove: object = ""
        if may_remove and member.role != Role.OWNER:
            remove = link(change_url(member, "remove"), gettext("Remove"))
        who = row_link(member.user)
        speaks = link(change_url(member), _voice(member))
        rows.append([who, member.user.nickname, _role(member), speaks, member.joined_at, remove])
    # Read, not counted: a group may be far larger than what is shown.
    count = len(group.members.values_list("pk")[: _COUNTED + 1])
    number = (
        str(count) if count <= _COUNTED else gettext("more than %(count)d") % {"count": _COUNTED}
    )
    return Panel(
        title=_("Members"),
        headers=[_("user"), _("nickname"), _("role"), _("speaks"), _("joined"), ""],
        rows=rows,
        empty=_("Nobody."),
        note=gettext("%(count)s of at most %(limit)d.")
        % {"count": number, "limit": group.max_members},
        more=f"{list_url(GroupMember)}?group={group.pk}",
    )
