"""Sessions: on which devices a user is logged in."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import ClientSession, ClientSessionQuerySet, User
from apps.accounts.services.sessions import end_sessions
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


@admin.register(ClientSession)
class ClientSessionAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The sessions of one user, reached from their page. Of a token nothing can be seen."""

    app_path = "user__app"
    grants = ("view", "delete")
    parents = {"user": User}
    list_display = ("device", "state", "created_at", "last_seen_at", "expires_at")
    list_select_related = ("user",)
    fields = ("user", "device", "created_at", "last_seen_at", "expires_at")
    actions = ("end_selected",)
    actions_detail = ("end",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Each with its connections."""
        sessions = cast("ClientSessionQuerySet", super().get_queryset(request))
        return sessions.with_presence()

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete sessions."""
        return bool(request.user.has_perm("accounts.delete_clientsession"))

    @admin.display(description=_("device"))
    def device(self, session: ClientSession) -> str:
        """Its platform and its name."""
        return str(session)

    @admin.display(description=_("status"))
    def state(self, session: ClientSession) -> SafeString:
        """Whether it is connected now."""
        return _state(session)

    @page_action(description=_("Log out"), permission="end", icon="logout")
    def end(self, request: HttpRequest, session: ClientSession) -> HttpResponse:
        """End one session."""
        return self._ask(request, [session], {})

    @admin.action(description=_("Log selected devices out"), permissions=["end"])
    def end_selected(self, request: HttpRequest, sessions: QuerySet[ClientSession]) -> HttpResponse:
        """End these sessions."""
        chosen = list(sessions.select_related("user__app"))
        return self._ask(request, chosen, ticked("end_selected", chosen))

    def _ask(
        self, request: HttpRequest, sessions: list[ClientSession], hidden: dict[str, list[str]]
    ) -> HttpResponse:
        users = sorted({session.user for session in sessions}, key=lambda user: user.pk)
        question = Question(
            title=_("Log devices out"),
            text=_("They are cut off, and have to log in again."),
            button=_("Log out"),
            back=change_url(users[0]) if len(users) == 1 else list_url(User),
            about=[f"{session.user}: {session}" for session in sessions],
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            pks = [session.pk for session in sessions]
            count = 0
            for user in users:
                count += end_sessions(app=user.app, sessions=user.sessions.filter(pk__in=pks))
                self.noted(request, user, "sessions")
            text = ngettext("%(count)d session ended.", "%(count)d sessions ended.", count)
            return text % {"count": count}

        return ask(self, request, question, perform)


def _state(session: Any) -> SafeString:
    return badge(_("online"), "success") if session.connections_now else badge(_("offline"))


@panel(User, place=10)
def sessions_of_user(request: HttpRequest, user: User) -> Panel | None:
    """Where the user is logged in."""
    if not request.user.has_perm("accounts.view_clientsession"):
        return None
    may_end = request.user.has_perm("accounts.delete_clientsession")
    rows = []
    for session in user.sessions.with_presence().newest_first()[:SHOWN]:
        end: object = ""
        if may_end:
            end = link(change_url(session, "end"), gettext("Log out"))
        rows.append(
            [row_link(session), _state(session), session.created_at, session.last_seen_at, end]
        )
    return Panel(
        title=_("Sessions"),
        headers=[_("device"), _("status"), _("logged in at"), _("last seen at"), ""],
        rows=rows,
        empty=_("The user is logged in nowhere."),
        more=f"{list_url(ClientSession)}?user={user.pk}",
    )
