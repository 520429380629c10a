"""The diary in the console: a list, an entry of the menu, a card on the home page, a panel of users."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.filters import AppFilter, DaysFilter
from apps.core.adminkit.home import Card, home_card
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import list_url
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scope import query_of
from apps.core.adminkit.scoped import ReadOnlyAdmin
from apps.core.models import App
from tests.addon_example.diary.models import Entry, Kind


class WrittenFilter(DaysFilter):
    """Written from a day to a day: there is an index on `app` and `written_at`."""

    title = _("day")
    field = "written_at"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The lines of an operator's apps, however many: no page counts or skips rows."""

    app_path = "app"
    list_display = ("number", "written_at", "app", "kind", "subject")
    list_select_related = ("app",)
    list_filter = (AppFilter, WrittenFilter)

    @admin.display(description=_("number"))
    def number(self, entry: Entry) -> str:
        """Its place in the diary."""
        return str(entry.pk)


menu_entry(
    section="log",
    title=_("Diary"),
    icon="menu_book",
    view="admin:diary_entry_changelist",
    permission="diary.view_entry",
)


@home_card(place=60)
def lines(request: HttpRequest, apps: list[App]) -> Card | None:
    """How long the diaries of these apps are."""
    if not request.user.has_perm("diary.view_entry"):
        return None
    return Card(
        title=_("Lines of the diary"),
        value=number_of(Entry.objects.filter(app__in=apps)),
        url=list_url(Entry) + query_of(request),
        icon="menu_book",
    )


@panel(User)
def lines_of_user(request: HttpRequest, user: User) -> Panel | None:
    """When the user came and went."""
    if not request.user.has_perm("diary.view_entry"):
        return None
    found = user.app.diary.filter(subject=user.pk).exclude(kind=Kind.SAID).order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Diary"),
        headers=[_("written at"), _("kind")],
        rows=[[entry.written_at, entry.get_kind_display()] for entry in found],
        empty=_("Nothing is written of the user."),
    )
