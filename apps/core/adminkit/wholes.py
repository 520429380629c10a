"""What a list shows as a whole, page after page: exported, or changed, by a job.

The job keeps the list's address, not its rows: each batch looks at the list again, as the operator would see
it then, with the apps, the role and the filters. Rows that came later than the job are passed over.
"""

from __future__ import annotations

import csv
import io
import json
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.adminkit.audited import app_of, tell
from apps.core.adminkit.filters import AppFilter, chosen_apps, in_words
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import (
    NoQuestions,
    Question,
    ask,
    change_url,
    link,
    list_url,
    show_question,
)
from apps.core.adminkit.scope import apps_of
from apps.core.database import planned_for_its_values
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import App, Job
from apps.core.services.audit import names_of, record_rows
from apps.core.services.jobs import NOT_ALLOWED, NOT_THEIRS, submit_job

EXPORT = "export"
FILTERS, ROWS = gettext_noop("Filters"), gettext_noop("Rows")
_EXPORTED_AT_ONCE = 1000  # rows
_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_ONE_AT_A_TIME = _(
    "This list is shown for one row at a time. Open it from the page of a user, a group or a conversation."
)

Row = Any
Tell = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class WholeAction:
    """Something that is done to all rows of a list. `run` is a service's call for some rows of one app."""

    title: str | Promise
    text: str | Promise
    run: Callable[[App, Sequence[Row]], object]
    permission: str  # as in `has_<permission>_permission`
    batch: int = 100  # rows that take a second or so
    danger: bool = True


class ReasonForm(forms.Form):
    """Why: the audit keeps it."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget)


@dataclass(frozen=True)
class Link:
    """A way to do something to the whole list."""

    url: str
    title: str | Promise
    danger: bool = False


@dataclass(frozen=True, kw_only=True)
class WayOn:
    """A way from a whole list to a page about it. `url` is made from the list's query, without "?"."""

    title: str | Promise
    url: Callable[[str], str]
    permission: Callable[[HttpRequest], bool]


_ways_on: dict[type[Model], list[WayOn]] = {}


def way_on(model: type[Model], way: WayOn) -> None:
    """Put a way below the list of a model of an app below: that one need not know of the page."""
    _ways_on.setdefault(model, []).append(way)


class ListOnly(HttpRequest):
    """A request that asks for a list, on behalf of a job. What a filter complains of, nobody hears."""

    def __init__(self, operator: Any, query: str) -> None:
        super().__init__()
        self.method = "GET"
        self.GET = QueryDict(query)
        self.user = operator
        self._messages = self

    def add(self, *_message: Any, **_more: Any) -> None:
        """Nothing."""


def may_take_whole(model_admin: Any, request: HttpRequest, name: str) -> bool:
    """Whether the operator may do this to the rows of the list, and begin a job."""
    if not request.user.has_perm("core.add_job"):
        return False
    if name == EXPORT:
        return bool(model_admin.exported(request)) and model_admin.has_view_permission(request)
    action = model_admin.wholes.get(name)
    return action is not None and getattr(model_admin, f"has_{action.permission}_permission")(
        request
    )


def links_of(model_admin: Any, request: HttpRequest, query: str) -> list[Link]:
    """What can be done to all that the list shows."""
    links = [
        Link(f"{list_url(model_admin.model)}all/{name}/{query}", title, danger)
        for name in (EXPORT, *model_admin.wholes)
        if may_take_whole(model_admin, request, name)
        for title, _text, danger in [_said(model_admin, name)]
    ]
    ways = [way for way in _ways_on.get(model_admin.model, ()) if way.permission(request)]
    return [*(Link(way.url(query.removeprefix("?")), way.title) for way in ways), *links]


def rows_of(model_admin: Any, request: HttpRequest) -> QuerySet[Any]:
    """The rows of the list that the request asks for, without an order. None for one that cannot be."""
    changelist = model_admin.get_changelist_instance(request)
    found: QuerySet[Any] = changelist.queryset.order_by()
    if model_admin.parents and changelist.parent is None:
        return found.none()
    return found


def apps_concerned(model_admin: Any, request: HttpRequest) -> list[App]:
    """The apps whose rows the list shows: that of its parent, or those of its filter."""
    if not model_admin.parents:
        return chosen_apps(request)
    parent = model_admin.parent_of(request)
    app = app_of(parent) if parent is not None else None
    return [app] if app is not None else []


def take_whole(model_admin: Any, request: HttpRequest, name: str) -> HttpResponse:
    """Ask, with the number of rows; then begin a job."""
    chosen = apps_concerned(model_admin, request)
    title, text, danger = _said(model_admin, name)
    if len(chosen) != 1:
        which = _which_app(model_admin, request, title)
        return show_question(model_admin, request, which, NoQuestions())
    back = f"{list_url(model_admin.model)}?{request.GET.urlencode()}"
    rows = rows_of(model_admin, request)
    counted = (capfirst(str(model_admin.opts.verbose_name_plural)), number_of(rows))
    question = Question(
        title=title,
        text=text,
        button=title,
        back=back,
        danger=danger,
        about=[
            gettext("%(name)s: %(value)s") % {"name": what, "value": which}
            for what, which in [counted, *in_words(model_admin, request)]
        ],
        form_class=ReasonForm if model_admin.needs_reason(request, name) else NoQuestions,
    )

    def perform(_data: dict[str, Any]) -> HttpResponse:
        job = submit_job(
            kind=EXPORTING if name == EXPORT else CHANGING,
            app=chosen[0],
            operator_id=request.user.pk,
            arguments={
                "action": name,
                "columns": list(model_admin.exported(request)) if name == EXPORT else [],
                **told_of_list(model_admin, request),
            },
            total=number_of(rows).value,
        )
        model_admin.noted(request, job)
        tell(request, {FILTERS: request.GET.urlencode() or "-", ROWS: str(number_of(rows))})
        return redirect(change_url(job))

    return ask(model_admin, request, question, perform)


def _last_number(model: type[Model]) -> int:
    """The number of the table's last row. The last of the list itself might be sought through the table."""
    newest = model._base_manager.order_by("-pk").values_list(
        "pk", flat=True
    )  # tenant-free: of no row
    return newest.first() or 0


def _which_app(model_admin: Any, request: HttpRequest, title: str | Promise) -> Question:
    """A job is of one app: the same page of each of the operator's."""
    query = request.GET.copy()
    links = []
    for app in [] if model_admin.parents else sorted(apps_of(request), key=lambda app: app.name):
        query[AppFilter.parameter_name] = str(app.pk)
        links.append(link(f"?{query.urlencode()}", app.name))
    return Question(
        title=title,
        text=_("Of which app?") if links else _ONE_AT_A_TIME,
        button="",
        back=f"{list_url(model_admin.model)}?{request.GET.urlencode()}",
        about=links,
    )


def _said(model_admin: Any, name: str) -> tuple[str | Promise, str | Promise, bool]:
    if name == EXPORT:
        return _("Export"), _("A CSV file is made of them, for you alone to download."), False
    action = model_admin.wholes[name]
    return action.title, action.text, action.danger


def told_of_list(model_admin: Any, request: HttpRequest) -> dict[str, Any]:
    """What a job has to know to look at the list again that the request asks for."""
    return {
        "model": model_admin.model._meta.label_lower,
        "query": request.GET.urlencode(),
        "last": _last_number(model_admin.model),
        "zone": str(timezone.get_current_timezone()),
    }


# The job's side


def listed_again(
    job: Job, may: Callable[[Any, HttpRequest], bool]
) -> tuple[Any, HttpRequest, QuerySet[Any]]:
    """The admin, a request on the operator's behalf, and the list's rows that were there when the job began.

    Raises PARAMETER_INVALID if the operator has lost the app, or may not do it any more. They are not barred.
    """
    told = job.arguments
    model_admin: Any = admin.site.get_model_admin(apps.get_model(told["model"]))
    request = ListOnly(job.operator, told["query"])
    if not may(model_admin, request):
        raise ImError(PARAMETER_INVALID, NOT_ALLOWED)
    if [app.pk for app in apps_concerned(model_admin, request)] != [job.app_id]:
        raise ImError(PARAMETER_INVALID, NOT_THEIRS)
    with timezone.override(zoneinfo.ZoneInfo(told["zone"])), override("en"):
        rows = rows_of(model_admin, request)
    return model_admin, request, rows.filter(pk__lte=told["last"]).order_by("pk")


def _batch(job: Job, size: Callable[[Any], int]) -> tuple[Any, HttpRequest, list[Any]]:
    """The admin, the request on the operator's behalf, and the next rows."""
    action = job.arguments["action"]
    model_admin, request, rows = listed_again(
        job, lambda model_admin, request: may_take_whole(model_admin, request, action)
    )
    with planned_for_its_values():
        return (
            model_admin,
            request,
            list(rows.filter(pk__gt=job.position or 0)[: size(model_admin)]),
        )


def _export(job: Job, _prepared: None) -> Step:
    model_admin, request, rows = _batch(job, lambda _admin: _EXPORTED_AT_ONCE)
    columns = _columns(job, model_admin.exported(request))
    if columns is None:
        raise ImError(PARAMETER_INVALID, NOT_ALLOWED)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if job.position is None:
        text.write(_BOM)
        writer.writerow(columns)
    writer.writerows([_cell(tell(row)) for tell in columns.values()] for row in rows)
    return _step(job, rows, _EXPORTED_AT_ONCE, text.getvalue())


def _columns(job: Job, seen: Mapping[str, Tell]) -> Mapping[str, Tell] | None:
    """Those that were asked for, whatever the operator may see by now; None if one is not for them."""
    asked = job.arguments.get("columns") or list(seen)
    return {name: seen[name] for name in asked} if seen.keys() >= set(asked) else None


def _may_see(job: Job, operator: Any) -> bool:
    """Whether the operator may still do what they had done, and see the columns that they were given."""
    model_admin: Any = admin.site.get_model_admin(apps.get_model(job.arguments["model"]))
    request = ListOnly(operator, job.arguments["query"])
    if not may_take_whole(model_admin, request, job.arguments["action"]):
        return False
    return _columns(job, model_admin.exported(request)) is not None


def _change(job: Job, _prepared: None) -> Step:
    model_admin, _request, rows = _batch(job, _size(job))
    action: WholeAction = model_admin.wholes[job.arguments["action"]]
    if rows and job.app is not None:
        names = names_of(rows)
        action.run(job.app, rows)
        record_rows(job=job, names=names)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(str(row))] for row in rows)
    return _step(job, rows, action.batch, text.getvalue())


def _size(job: Job) -> Callable[[Any], int]:
    return lambda model_admin: model_admin.wholes[job.arguments["action"]].batch


def _step(job: Job, rows: list[Any], size: int, text: str) -> Step:
    finished = len(rows) < size
    return Step(
        position=rows[-1].pk if rows else job.position,
        done=len(rows),
        result=text.encode(),
        finished=finished,
        total=job.done + len(rows) if finished else None,
    )


def _cell(value: Any) -> str:
    """As CSV holds it. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _described(job: Job) -> dict[str | Promise, Any]:
    model = apps.get_model(job.arguments["model"])
    model_admin = admin.site.get_model_admin(model)
    title, _text, _danger = _said(model_admin, job.arguments["action"])
    told: dict[str | Promise, Any] = {
        _("action"): title,
        _("object"): model._meta.verbose_name_plural,
    }
    if job.operator is None:
        return told
    return {**told, **dict(in_words(model_admin, ListOnly(job.operator, job.arguments["query"])))}


EXPORTING = register_kind(
    JobKind(
        name="export",
        title=_("Export"),
        step=_export,
        result_name="export.csv",
        may_see=_may_see,
        describe=_described,
    )
)
CHANGING = register_kind(
    JobKind(
        name="change-all",
        title=_("Change of a whole list"),
        step=_change,
        result_name="changed.csv",
        may_see=_may_see,
        describe=_described,
    )
)
