"""Who is in groups and chatrooms, where that is alike: taken out, silenced, heard again, made the owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.badges import badge
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import ChoiceFilter
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
from apps.core.adminkit.panels import SHOWN, Panel
from apps.core.adminkit.scope import apps_of
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.adminkit.wholes import WholeAction
from apps.core.models import App
from apps.groups.admin.gatherings import Gathering
from apps.groups.models import Role


class VoiceFilter(ChoiceFilter):
    """Silenced, or not."""

    title = _("speaks")
    parameter_name = "voice"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any):
        self.silenced: str = model_admin.silenced
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Either."""
        return [("silenced", _("silenced")), ("speaks", _("speaks"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of whom it holds."""
        if self.value() not in ("silenced", "speaks"):
            return queryset
        return queryset.filter(**{self.silenced: self.value() == "silenced"})


class GatheringMemberAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The members of one group or chatroom, or those of one user. They are added on its page."""

    gathering: ClassVar[Gathering]
    silenced: ClassVar[str]
    """What tells of a member whether they may not speak."""

    grants = ("view", "add", "change", "delete")
    list_display_links = None
    list_filter = (VoiceFilter,)
    list_per_page = 100
    search_fields = ("user__username",)
    search_help_text = _("How a username begins")
    actions = ("remove_selected", "silence_selected", "let_speak_selected")
    actions_detail = ("remove", "silence", "let_speak", "make_owner")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete members."""
        return bool(request.user.has_perm(f"groups.delete_{self.opts.model_name}"))

    def has_silence_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change members."""
        return bool(request.user.has_perm(f"groups.change_{self.opts.model_name}"))

    def has_make_owner_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change what they are a member of."""
        return bool(request.user.has_perm(f"groups.change_{self.gathering.name}"))

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Of a user nothing more is told; the app of users, where they are of several."""
        columns = super().get_list_display(request)
        parent = self.parent_of(request)
        known: set[str] = set() if getattr(parent, "spans_apps", False) else {"app_name"}
        if isinstance(parent, User):
            known |= {"nickname"}
        return [column for column in columns if column not in known]

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Users are sought among those of one group or chatroom."""
        return self.search_fields if request.GET.get(self.gathering.name) else ()

    def find(self, request: HttpRequest, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """By the beginning of the user's name."""
        return rows.filter(user__username__startswith=term)

    def is_silenced(self, member: Any) -> bool:
        """Whether they may not speak."""
        return bool(getattr(member, self.silenced))

    def is_owner(self, member: Any) -> bool:
        """Whether it is theirs."""
        return bool(self.gathering.of(member).owner_id == member.user_id)

    def exported(self, request: HttpRequest) -> Mapping[str, Callable[[Any], Any]]:
        """As the API names things."""
        return {
            self.exported_number: lambda member: self.gathering.of(member).pk,
            "name": lambda member: self.gathering.of(member).name,
            "username": lambda member: member.user.username,
            "appkey": lambda member: member.user.app.app_key,
            "nickname": lambda member: member.user.nickname,
            "flag": lambda member: int(self.is_owner(member)),
            "silenced": self.is_silenced,
            "ctime": lambda member: member.joined_at,
        }

    exported_number: ClassVar[str]

    # Columns

    @admin.display(description=_("user"))
    def user_link(self, member: Any) -> SafeString:
        """Who it is."""
        return row_link(member.user)

    @admin.display(description=_("app"))
    def app_name(self, member: Any) -> str:
        """The user's."""
        return str(member.user.app.name)

    @admin.display(description=_("nickname"))
    def nickname(self, member: Any) -> str:
        """The user's."""
        return str(member.user.nickname)

    @admin.display(description=_("role"))
    def role_badge(self, member: Any) -> SafeString | str:
        """Owner or member."""
        if self.is_owner(member):
            return badge(Role.OWNER.label, "primary")
        return str(Role.MEMBER.label)

    @admin.display(description=_("speaks"))
    def voice(self, member: Any) -> SafeString:
        """Whether they may speak there."""
        if self.is_silenced(member):
            return badge(_("silenced"), "warning")
        return badge(_("speaks"), "success")

    @admin.display(description=_("details"))
    def details(self, member: Any) -> SafeString:
        """The way to what can be done to this one."""
        return link(change_url(member), gettext("Details"))

    # What is done to one, or to those ticked

    def senseless(self, row: Any) -> set[str]:
        """Silence who speaks, hear who is silenced. The owner stays, unless another one is made."""
        senseless = {"silence"} if self.is_silenced(row) else {"let_speak"}
        return senseless | ({"remove", "make_owner"} if self.is_owner(row) else set())

    @page_action(description=_("Remove"), permission="remove", icon="person_remove")
    def remove(self, request: HttpRequest, member: Any) -> HttpResponse:
        """Take one member out."""
        return self._ask_remove(request, [member])

    @admin.action(description=_("Remove selected members"), permissions=["remove"])
    def remove_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Take these members out."""
        return self._ask_remove(request, self._chosen(members), "remove_selected")

    @page_action(description=_("Silence"), permission="silence", icon="mic_off")
    def silence(self, request: HttpRequest, member: Any) -> HttpResponse:
        """Let one member not speak."""
        return self._ask_silence(request, [member], silenced=True)

    @admin.action(description=_("Silence selected members"), permissions=["silence"])
    def silence_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members not speak."""
        chosen = self._chosen(members)
        return self._ask_silence(request, chosen, "silence_selected", silenced=True)

    @page_action(description=_("Let speak"), permission="silence", icon="mic")
    def let_speak(self, request: HttpRequest, member: Any) -> HttpResponse:
        """Let one member speak again."""
        return self._ask_silence(request, [member], silenced=False)

    @admin.action(description=_("Let selected members speak"), permissions=["silence"])
    def let_speak_selected(self, request: HttpRequest, members: QuerySet[Any]) -> HttpResponse:
        """Let these members speak again."""
        chosen = self._chosen(members)
        return self._ask_silence(request, chosen, "let_speak_selected", silenced=False)

    @page_action(description=_("Make the owner"), permission="make_owner", icon="swap_horiz")
    def make_owner(self, request: HttpRequest, member: Any) -> HttpResponse:
        """Hand it on to this member."""
        where = self.gathering.of(member)
        words = self.gathering.words

        def perform(data: dict[str, Any]) -> str:
            self.gathering.hand_over(where, member.user)
            self.noted(request, where, "owner")
            return str(words.transferred)

        text = _("This member becomes the owner. The owner before stays a member.")
        return self._ask(
            request, [member], perform, title=words.transfer, text=text, button=_("Transfer")
        )

    def _ask_remove(
        self, request: HttpRequest, members: list[Any], action: str = ""
    ) -> HttpResponse:
        def perform(data: dict[str, Any]) -> str:
            for where, theirs in self.gathering.each_with_members(members):
                self.gathering.put_out(where, theirs)
            return gettext("Removed.")

        return self._ask(
            request,
            members,
            perform,
            title=_("Remove members"),
            text=self.gathering.words.removing,
            button=_("Remove"),
            danger=True,
            hidden=ticked(action, members),
        )

    def _ask_silence(
        self, request: HttpRequest, members: list[Any], action: str = "", *, silenced: bool
    ) -> HttpResponse:
        words = self.gathering.words

        def perform(data: dict[str, Any]) -> str:
            for where, theirs in self.gathering.each_with_members(members):
                self.gathering.silence(where, theirs, silenced)
            return gettext("Silenced.") if silenced else gettext("They may speak.")

        return self._ask(
            request,
            members,
            perform,
            title=_("Silence members") if silenced else _("Let members speak"),
            text=words.silencing if silenced else words.letting_speak,
            button=_("Silence") if silenced else _("Let speak"),
            hidden=ticked(action, members),
        )

    def _ask(
        self,
        request: HttpRequest,
        members: list[Any],
        perform: Callable[[dict[str, Any]], str],
        **more: Any,
    ) -> HttpResponse:
        """Ask about members, and go back to where they are, or were."""
        places = [where for where, _theirs in self.gathering.each_with_members(members)]
        question = Question(
            back=change_url(places[0]) if len(places) == 1 else list_url(self.gathering.model),
            about=[f"{member.user} – {self.gathering.of(member)}" for member in members],  # noqa: RUF001
            **more,
        )

        def noted(data: dict[str, Any]) -> str:
            for where in places:
                self.noted(request, where, self.gathering.members_name)
            return perform(data)

        return ask(self, request, question, noted)

    def _chosen(self, members: QuerySet[Any]) -> list[Any]:
        return list(members.select_related("user__app", f"{self.gathering.name}__app"))

    # What is told of them on other pages

    def panel_of_place(self, request: HttpRequest, place: Any) -> Panel | None:
        """Who is in it: the owner first, then as they came."""
        if not self.has_view_permission(request):
            return None
        if getattr(place, self.gathering.ended) is not None:
            return None
        mine = [app.pk for app in apps_of(request)]
        rows = []
        for member in place.members.in_list_order().select_related("user__app")[:SHOWN]:
            setattr(member, self.gathering.name, place)
            remove: object = ""
            if self.has_remove_permission(request) and not self.is_owner(member):
                remove = link(change_url(member, "remove"), gettext("Remove"))
            who: object = row_link(member.user) if member.user.app_id in mine else member.user
            app = [self.app_name(member)] if place.spans_apps else []
            role = self.role_badge(member)
            row = [who, *app, member.user.nickname, role, self.voice(member), member.joined_at]
            rows.append([*row, self.details(member), remove])
        app_header = [_("app")] if place.spans_apps else []
        place_admin: Any = self.admin_site.get_model_admin(self.gathering.model)
        return Panel(
            title=_("Members"),
            headers=[
                _("user"),
                *app_header,
                _("nickname"),
                _("role"),
                _("speaks"),
                _("joined"),
                "",
                "",
            ],
            rows=rows,
            empty=_("Nobody."),
            note=gettext("%(count)s of at most %(limit)d.")
            % {"count": place_admin.size(place), "limit": place.max_members},
            more=f"{list_url(self.model)}?{self.gathering.name}={place.pk}",
        )

    def panel_of_user(self, request: HttpRequest, user: User) -> Panel | None:
        """Where the user is, the latest first: such of it as the list shows."""
        if not self.has_view_permission(request):
            return None
        found = self.get_queryset(request).filter(user=user).order_by("-pk")
        members = found.select_related(self.gathering.name)[:SHOWN]
        rows = [
            [
                row_link(self.gathering.of(each)),
                self.role_badge(each),
                self.voice(each),
                each.joined_at,
            ]
            for each in members
        ]
        return Panel(
            title=self.gathering.words.title,
            headers=[
                self.gathering.model._meta.verbose_name or "",
                _("role"),
                _("speaks"),
                _("since"),
            ],
            rows=rows,
            empty=self.gathering.words.nowhere,
            more=f"{list_url(self.model)}?user={user.pk}",
        )


def wholes_of(gathering: Gathering) -> dict[str, WholeAction]:
    """What can be done to all members that a list shows. An owner is neither silenced so, nor removed."""

    def remove(app: App, members: Sequence[Any]) -> None:
        for where, theirs in gathering.each_with_members(_without_owners(members)):
            gathering.put_out(where, theirs)

    def silence(app: App, members: Sequence[Any]) -> None:
        for where, theirs in gathering.each_with_members(_without_owners(members)):
            gathering.silence(where, theirs, True)

    def let_speak(app: App, members: Sequence[Any]) -> None:
        for where, theirs in gathering.each_with_members(members):
            gathering.silence(where, theirs, False)

    def _without_owners(members: Sequence[Any]) -> list[Any]:
        return [each for each in members if gathering.of(each).owner_id != each.user_id]

    words = gathering.words
    return {
        "silence": WholeAction(
            title=_("Silence"), text=words.silencing, run=silence, permission="silence"
        ),
        "let-speak": WholeAction(
            title=_("Let speak"),
            text=words.letting_speak,
            run=let_speak,
            permission="silence",
            danger=False,
        ),
        "remove": WholeAction(
            title=_("Remove"), text=words.removing, run=remove, permission="remove"
        ),
    }
