"""Erasing an app with all that hangs from it, as a job, some rows at a time.

First the farewells: what Django apps have to do through their services while the rows are still there, such
as cutting connections off. Then the rows, those that refer to others first, whichever installed app they are
of; then the app.

From the moment it is begun the app is suspended and marked, and there is no way back: whatever ends the job
early leaves it so, and it is gone on with by another job, which finds what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from apps.core import app_cache
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.jobs import JobKind, Step, register_kind
from apps.core.models import App, Job
from apps.core.services.apps import mark_being_deleted
from apps.core.services.jobs import submit_job

BATCH = 1000  # rows
Farewell = Callable[[App], int]
_farewells: list[Farewell] = []


def farewell(function: Farewell) -> Farewell:
    """Register what is to be done before an app's rows go.

    Called again and again, in a transaction, until it returns 0: how many rows it has dealt with.
    """
    _farewells.append(function)
    return function


@transaction.atomic
def begin_erasing(*, app: App, operator_id: int | None) -> Job:
    """Suspend the app, mark it, and begin the job that erases it. It has no app itself, and outlives it.

    For an app whose deletion was stopped, this goes on with it. Raises PARAMETER_INVALID while a job is at
    it. The app's other jobs end before their next batch.
    """
    found = App.objects.select_for_update(no_key=True)  # tenant-free: the tenant itself
    held = found.filter(pk=app.pk).first()
    # The job is read after the wait for the lock: joined, it would be that of before.
    if held is None or (held.deletion is not None and not held.deletion.is_over):
        raise ImError(PARAMETER_INVALID, "app: is being deleted already")
    told = {"app": app.pk, "name": app.name, "key": app.app_key}
    job = submit_job(kind=ERASING, app=None, operator_id=operator_id, arguments=told)
    mark_being_deleted(app=app, deletion=job)
    return job


def _step(job: Job, _prepared: None) -> Step:
    """`position` is how many farewells and tables are behind."""
    app = App.objects.filter(pk=job.arguments["app"]).first()  # tenant-free: the tenant itself
    if app is None:
        return Step(finished=True)
    behind = job.position or 0
    tasks = [*_farewells, *(_clearing(*place) for place in places())]
    if behind < len(tasks):
        count = tasks[behind](app)
        return Step(position=behind if count else behind + 1, done=count)
    app.delete()
    app_cache.forget(app.app_key)
    return Step(done=1, finished=True, total=job.done + 1)


def _clearing(model: type[models.Model], path: str, null: bool) -> Farewell:
    """Deletes a batch of the rows that lead to the app by that path; or takes the reference from them."""

    def clear(app: App) -> int:
        rows = model._base_manager.filter(**{path: app.pk})
        found = list(rows.values_list("pk", flat=True)[:BATCH])
        chosen = model._base_manager.filter(pk__in=found)
        if null:
            chosen.update(**{path.partition("__")[0]: None})
        elif found:
            chosen._raw_delete(chosen.db)  # nothing refers to them any more
        return len(found)

    return clear


@cache
def places() -> tuple[tuple[type[models.Model], str, bool], ...]:
    """Tables and the ways from their rows to an app, in an order in which rows can be deleted.

    A row goes if any of the rows that it cascades from does; where a reference may be empty, it is emptied.
    """
    order: list[type[models.Model]] = []
    _visit(App, order, set())
    found: list[tuple[type[models.Model], str, bool]] = []
    for model in reversed([each for each in order if each is not App]):
        found += [(model, path, False) for path in _paths(model, models.CASCADE)]
    clearings = [
        (model, path, True)
        for model in apps.get_models()
        for path in _paths(model, models.SET_NULL)
        if model is not Job  # the collector sees to it, with the app
    ]
    return tuple(_nulls_first(found, clearings))


def _nulls_first(found: list[Any], clearings: list[Any]) -> Iterator[Any]:
    """A reference is emptied after the rows of the app's own are gone, and before what it refers to is."""
    waiting = list(clearings)
    for place in found:
        for clearing in [each for each in waiting if _target(each) is place[0]]:
            waiting.remove(clearing)
            yield clearing
        yield place


def _target(clearing: tuple[type[models.Model], str, bool]) -> Any:
    model, path, _null = clearing
    return model._meta.get_field(path.partition("__")[0]).related_model


def _visit(
    model: type[models.Model], order: list[type[models.Model]], seen: set[type[models.Model]]
) -> None:
    """Parents before children."""
    if model in seen:
        return
    seen |= {model}
    for parent in {field.related_model for field in _references(model)}:
        _visit(parent, order, seen)
    order.append(model)
    for child in apps.get_models():
        if any(field.related_model is model for field in _references(child, models.CASCADE)):
            _visit(child, order, seen)


def _references(model: type[models.Model], *kinds: Any) -> list[Any]:
    """Foreign keys of the model to others, of these kinds."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model is not model
        and (not kinds or field.remote_field.on_delete in kinds)
        and (kinds or field.remote_field.on_delete in (models.CASCADE, models.SET_NULL))
    ]


def _paths(model: type[models.Model], kind: Any) -> list[str]:
    """Lookups from a row to the app it would go with: a reference of that kind, then cascades."""
    found = []
    for field in _references(model, kind):
        if field.related_model is App:
            found.append(field.name)
        else:
            found += [
                f"{field.name}__{rest}" for rest in _paths(field.related_model, models.CASCADE)
            ]
    return found


ERASING = register_kind(
    JobKind(
        name="erase-app",
        title=_("Deletion of an app"),
        step=_step,
        describe=lambda job: {_("App"): job.arguments["name"], _("App key"): job.arguments["key"]},
        cancelling=_(
            "It ends within seconds. What is deleted by then is gone for good: the app stays suspended, "
            "and its deletion can be gone on with on its page."
        ),
    )
)
