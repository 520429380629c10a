"""The system page: what runs here, how it is doing, and what should be looked after."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.core import checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from apps.accounts.services.presence import gateways
from apps.console.admin.checked_settings import in_our_words
from apps.console.server_state import about_database, largest_tables
from apps.core.adminkit.badges import badge
from apps.core.adminkit.menu import menu_entry
from apps.core.adminkit.numbers import size_of
from apps.core.adminkit.pages import shown, site_page
from apps.core.adminkit.panels import Panel
from apps.core.adminkit.system import system_panel, system_panels
from apps.core.chores import registered
from apps.core.jobs import kind_of
from apps.core.models import Job, JobState

_LARGEST_TABLES = 8
_PACKAGES = ("djangorestframework", "psycopg", "django-unfold", "uvicorn")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


menu_entry(
    section="server",
    title=_("System state"),
    icon="monitor_heart",
    view="admin:system",
    permission=_is_superuser,
)


@site_page(route="system/", name="system", permission=_is_superuser)
def system(request: HttpRequest) -> HttpResponse:
    """The page."""
    return shown(
        request, "admin/system.html", _("System state"), {"panels": system_panels(request)}
    )


@system_panel(place=10)
def settings_check(request: HttpRequest) -> Panel:
    """What Django and the server itself find wrong with the settings."""
    told = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    found = [each for each in told if not each.is_silenced()]
    return Panel(
        title=_("Settings check"),
        headers=[_("severity"), _("what"), _("number")],
        rows=[[_severity(each), _plain(each), _quoted(each.id or "")] for each in found],
        empty=_("Nothing is wrong with the settings."),
        note=_("As manage.py check finds it."),
    )


@system_panel(place=20)
def versions(request: HttpRequest) -> Panel:
    """What runs here."""
    own = str(settings.SPECTACULAR_SETTINGS["VERSION"])
    rows: list[list[object]] = [
        ["imserver", own],
        ["Python", platform.python_version()],
        ["Django", django.__version__],
    ]
    rows += [[package, version(package)] for package in _PACKAGES]
    return Panel(
        title=_("Versions"),
        headers=[_("program"), _("version")],
        rows=[[_quoted(name), number] for name, number in rows],
        empty=_("None."),
    )


@system_panel(place=30)
def database(request: HttpRequest) -> Panel:
    """The PostgreSQL behind it."""
    number, size, started, connections, most = about_database()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = ", ".join(f"{migration.app_label} {migration.name}" for migration, _back in missing)
    state: object = badge(gettext("up to date"), "success")
    late = gettext("not applied: %(names)s") % {"names": names}
    if missing:
        state = badge(late, "danger")
    return Panel(
        title=_("Database"),
        headers=[_("figure"), _("value")],
        rows=[
            [_quoted("PostgreSQL"), number],
            [gettext("Size"), size_of(size)],
            [gettext("Running since"), started],
            [gettext("Connections"), f"{connections} / {most}"],
            [gettext("Migrations"), state],
        ],
        empty=_("None."),
    )


@system_panel(place=40)
def tables(request: HttpRequest) -> Panel:
    """Where the space goes."""
    rows = largest_tables(_LARGEST_TABLES)
    return Panel(
        title=_("Largest tables"),
        headers=[_("table"), _("rows, about"), _("size")],
        rows=[
            [_quoted(name), number_format(max(number, 0), force_grouping=True), size_of(size)]
            for name, number, size in rows
        ],
        empty=_("None."),
        note=_("With their indexes."),
    )


@system_panel(place=50)
def jobs(request: HttpRequest) -> Panel:
    """What operators had begun, and is not done."""
    waiting = (
        Job.objects.unfinished()
        .values("kind", "state")
        .annotate(count=Count("pk"), since=Min("created_at"))
        .order_by("since")[:20]
    )
    return Panel(
        title=_("Jobs that are not done"),
        headers=[_("kind"), _("status"), _("jobs"), _("since")],
        rows=[
            [
                kind.title if (kind := kind_of(each["kind"])) else _quoted(each["kind"]),
                JobState(each["state"]).label,
                each["count"],
                each["since"],
            ]
            for each in waiting
        ],
        empty=_("All is done."),
    )


@system_panel(place=60)
def chores(request: HttpRequest) -> Panel:
    """What is done in the background."""
    return Panel(
        title=_("Background work"),
        headers=[_("chore"), _("looks again after")],
        rows=[
            [
                _quoted(chore.name),
                gettext("%(seconds)s s") % {"seconds": number_format(f"{chore.every:g}")},
            ]
            for chore in registered().values()
        ],
        empty=_("None."),
        note=_("Done by manage.py work, which serve runs beside it."),
    )


@system_panel(place=70)
def processes(request: HttpRequest) -> Panel:
    """The gateways: processes that hold connections."""
    now = timezone.now()
    rows: list[list[Any]] = []
    for gateway, held in gateways():
        silent = (now - gateway.beat_at).total_seconds() > settings.IM_PRESENCE_SECONDS
        state = badge(_("silent"), "danger") if silent else badge(_("alive"), "success")
        rows.append([_quoted(gateway.name), state, gateway.beat_at, held])
    return Panel(
        title=_("Gateways"),
        headers=[_("name"), _("status"), _("last beat at"), _("connections")],
        rows=rows,
        empty=_("No process holds connections."),
    )


_SEVERITIES = {
    checks.CRITICAL: gettext_noop("critical"),
    checks.ERROR: gettext_noop("error"),
    checks.WARNING: gettext_noop("warning"),
}


def _severity(message: checks.CheckMessage) -> object:
    name = gettext(_SEVERITIES.get(message.level, gettext_noop("note")))
    return badge(name, "danger" if message.level >= checks.ERROR else "warning")


def _plain(message: checks.CheckMessage) -> SafeString | str:
    if (said := in_our_words(message)) is not None:
        return said
    text = f"{message.msg} {message.hint}" if message.hint else message.msg
    return _quoted(text)


def _quoted(text: object) -> SafeString:
    """What is the same in every language: names of programs, tables, checks."""
    return format_html('<span lang="en">{}</span>', text)
