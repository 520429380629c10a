"""How what an operator does on a page becomes entries of the audit.

Whatever `ask` performs and whatever a form of a ScopedAdmin saves is noted by itself, in the transaction of
the change. A page that does something in another way calls `note`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import Promise

from apps.core.client_address import client_address
from apps.core.models import App
from apps.core.services.audit import (
    CONCERNS,
    HIDDEN,
    Actor,
    Change,
    difference,
    record,
    snapshot,
)

_ASKED = "action_that_was_asked_for"


def actor_of(request: HttpRequest) -> Actor:
    """The operator of the request, and the address they come from."""
    return Actor(request.user.pk, request.user.get_username(), client_address(request.META))


def in_english(text: str | Promise) -> str:
    """The id of a text of the catalogue, as entries hold it."""
    with translation.override("en"):
        return str(text)


def app_of(row: Model) -> App | None:
    """The app of a row, as its admin knows the way to it."""
    model_admin = admin.site._registry.get(type(row))
    path = getattr(model_admin, "app_path", "app")
    found: Any = row
    for name in [] if path == "pk" else path.split("__"):
        found = getattr(found, name, None)
    return found if isinstance(found, App) else None


def note(
    request: HttpRequest,
    action: str | Promise,
    *rows: Model,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note that the operator did this to these rows, or to the server. In the transaction of the change."""
    changes = [Change(target=row, app=app_of(row)) for row in rows] or [Change()]
    record(actor=actor_of(request), action=in_english(action), changes=changes, details=details)


@dataclass
class Asked:
    """What a page asked about, and how the rows were before it was done."""

    action: str
    rows: dict[tuple[type[Model], Any], Model] = field(default_factory=dict)
    before: dict[tuple[type[Model], Any], dict[str, Any]] = field(default_factory=dict)
    apps: dict[tuple[type[Model], Any], App | None] = field(default_factory=dict)
    concerns: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def watch(self, row: Model) -> None:
        """Look at a row before something is done to it."""
        key = (row._meta.model, row.pk)  # request.user only looks like a row
        if key not in self.rows:
            self.rows[key] = row
            self.before[key] = snapshot(row)
            self.apps[key] = app_of(row)


def begin(request: HttpRequest, action: str | Promise, things: Iterable[object]) -> Asked:
    """Before something is done to these things: those of them that are rows are watched."""
    asked = Asked(in_english(action))
    for thing in things:
        if isinstance(thing, Model):
            asked.watch(thing)
    vars(request)[_ASKED] = asked
    return asked


def asked_of(request: HttpRequest) -> Asked | None:
    """What is being done right now in answer to a question."""
    found: Asked | None = vars(request).get(_ASKED)
    return found


def tell(request: HttpRequest, details: Mapping[str, Any]) -> None:
    """Add to the details of what is being done in answer to a question: more than its form tells."""
    asked = asked_of(request)
    if asked is not None:
        asked.details = {**asked.details, **details}


def conclude(
    request: HttpRequest, asked: Asked, form: forms.BaseForm, things: Sequence[object]
) -> None:
    """After it was done: an entry for each row, with what is not as it was. One query for each model."""
    vars(request).pop(_ASKED, None)
    details = {
        **answers(form),
        **asked.details,
        **({CONCERNS: asked.concerns} if asked.concerns else {}),
    }
    changes = list(_changes(asked))
    if not changes:
        changes = [Change()]
        if things:
            details = {CONCERNS: [str(thing) for thing in things], **details}
    record(actor=actor_of(request), action=asked.action, changes=changes, details=details)


def _changes(asked: Asked) -> Iterable[Change]:
    models = {model for model, _pk in asked.rows}
    fresh = {
        (model, row.pk): row
        for model in models
        for row in model._base_manager.filter(
            pk__in=[pk for kind, pk in asked.rows if kind is model]
        )
    }
    for key, row in asked.rows.items():
        before: dict[str, Any] | None = asked.before[key]
        after: dict[str, Any] | None = None
        if key in fresh:
            before, after = difference(asked.before[key], snapshot(fresh[key]))
        row.pk = key[1]  # Django takes it away from a row that it deletes
        yield Change(target=row, app=asked.apps[key], before=before, after=after)


def answers(form: forms.BaseForm) -> dict[str, Any]:
    """What was filled in, by the labels of the fields."""
    return {
        _label(form, name): _chosen(form, name, value)
        for name, value in form.cleaned_data.items()
        if value not in (None, "", [])
    }


def saved(form: forms.BaseForm, *, anew: bool) -> Change:
    """What a form has changed, or what was made by it."""
    names = form.fields if anew else form.changed_data
    fields = {found.name for found in getattr(form, "_meta", form).model._meta.get_fields()}  # type: ignore[union-attr]
    keys = {name: name if name in fields else _label(form, name) for name in names}
    after = {keys[name]: _shown(form, name, form.cleaned_data.get(name)) for name in names}
    before = None
    if not anew:
        before = {
            keys[name]: _shown(form, name, form.get_initial_for_field(form.fields[name], name))
            for name in names
        }
    return Change(before=before, after=after)


def _label(form: forms.BaseForm, name: str) -> str:
    return in_english(form.fields[name].label or name)


def _shown(form: forms.BaseForm, name: str, value: Any) -> Any:
    """The value; for a password, something that only tells that there is one."""
    if isinstance(form.fields[name].widget, forms.PasswordInput):
        return HIDDEN if value else ""
    return value


def _chosen(form: forms.BaseForm, name: str, value: Any) -> Any:
    """For a choice, its label; otherwise the value as it is shown."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField) and isinstance(value, str):
        labels = {str(each): label for each, label in cast("list[Any]", field.choices)}
        return in_english(labels.get(value, value))
    return _shown(form, name, value)
