"""Entries of the audit as an operator reads them: names of fields and actions in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Field, ForeignKey, Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import change_url, link, list_url
from apps.core.adminkit.panels import SHOWN, Panel
from apps.core.models import AuditedRow, AuditEntry
from apps.core.services.audit import COMMAND_LINE

_ROWS = 50  # of those that a job has changed
ABOUT = "about"
"""What a list of entries is about, in its address: `app.model.number`."""


def model_of(entry: AuditEntry | AuditedRow) -> type[Model] | None:
    """The model of the entry's object, unless its Django app is not installed any more."""
    try:
        return apps.get_model(entry.target_type) if entry.target_type else None
    except LookupError:
        return None


def object_of(entry: AuditEntry | AuditedRow) -> SafeString | str:
    """What it was done to: its kind and name, with a link to its page where there is one."""
    model = model_of(entry)
    if model is None:
        return entry.target_name
    said = f"{capfirst(model._meta.verbose_name)} {entry.target_name}"
    if model not in admin.site._registry:
        return said
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return link(reverse(name, args=[entry.target_id]), said)


def comparison(entry: AuditEntry) -> SafeString | str:
    """A table of what changed, field by field, before and after; nothing where nothing did."""
    before, after = entry.before or {}, entry.after or {}
    model = model_of(entry)
    names = dict.fromkeys([*before, *after])
    if entry.before is None or entry.after is None:  # made or gone: what is empty says nothing
        names = {name: None for name in names if {**before, **after}[name] not in (None, "", [])}
    rows = [
        (_label(model, name), _value(model, name, before), _value(model, name, after))
        for name in names
    ]
    return render_to_string("admin/comparison.html", {"rows": rows}) if rows else ""


def details_of(entry: AuditEntry) -> SafeString | str:
    """What was filled in or counted, a line each."""
    rows = [(gettext(name), _text(value)) for name, value in (entry.details or {}).items()]
    return render_to_string("admin/details.html", {"rows": rows}) if rows else ""


def actor_of_entry(entry: AuditEntry) -> str:
    """Who did it: an operator, by the name of then, or the command line."""
    if entry.operator_id is None and entry.operator_name == COMMAND_LINE:
        return gettext(entry.operator_name)
    return entry.operator_name


def rows_of(entry: AuditEntry) -> SafeString | str:
    """The rows that a job has changed which was begun so: the first of them, and how many there are."""
    rows = entry.rows.order_by("pk")
    shown = list(rows[:_ROWS])
    if not shown:
        return ""
    context = {
        "rows": [object_of(row) for row in shown],
        "number": number_of(rows),
        "more": len(shown) == _ROWS,
    }
    return render_to_string("admin/audited_rows.html", context)


def _field(model: type[Model] | None, name: str) -> Field[Any, Any] | None:
    if model is None:
        return None
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _label(model: type[Model] | None, name: str) -> str:
    found = _field(model, name)
    return str(capfirst(found.verbose_name)) if found is not None else gettext(name)


def _value(model: type[Model] | None, name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    found = _field(model, name)
    choices = dict(found.flatchoices) if found is not None else {}
    if isinstance(value, (str, int)) and value in choices:
        return str(choices[value])
    if isinstance(found, DateTimeField) and isinstance(value, str):
        return _time(value)
    if isinstance(found, ForeignKey) and isinstance(value, int):
        return f"#{value}"
    return _text(value)


def _time(text: str) -> str:
    moment: datetime | None = parse_datetime(text)
    return text if moment is None else str(formats.localize(timezone.localtime(moment)))


def _text(value: Any) -> str:
    if value is None or value == "":
        return "–"  # noqa: RUF001 a dash
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value) or "–"  # noqa: RUF001 a dash
    if isinstance(value, dict):
        return ", ".join(f"{gettext(name)}: {_text(inner)}" for name, inner in value.items())
    return gettext(value) if isinstance(value, str) and value.strip() else str(value)


def audit_of(request: HttpRequest, row: Model) -> Panel | None:
    """A panel of what was done to the row. A Django app hangs it on its models: `panel(User)(audit_of)`."""
    if not request.user.has_perm("core.view_auditentry"):
        return None
    details = gettext("Details")
    entries = AuditEntry.objects.about(row, SHOWN)
    return Panel(
        title=_("Audit"),
        headers=[_("time"), _("operator"), _("action"), ""],
        rows=[
            [
                entry.at,
                actor_of_entry(entry),
                gettext(entry.action),
                link(change_url(entry), details),
            ]
            for entry in entries
        ],
        empty=_("No operator has changed anything here."),
        more=f"{list_url(AuditEntry)}?{ABOUT}={row._meta.label_lower}.{row.pk}",
    )
