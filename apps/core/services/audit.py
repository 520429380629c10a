"""The audit: one entry for each thing that an operator does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop

from apps.core.models import App, AuditEntry, Job

HIDDEN = "•••"
"""What stands for a secret: that it changed is told, not from what to what."""

CONCERNS = gettext_noop("Concerns")
"""The key under which details name what else is concerned."""

STATUS = gettext_noop("Status")
ROWS_DONE = gettext_noop("Rows done")
ROWS_REFUSED = gettext_noop("Rows refused")
ERROR = gettext_noop("Error")
"""Keys of what the details of long work tell."""

COMMAND_LINE = gettext_noop("command line")
"""The name of whoever types commands. No operator can have it: their names have no spaces."""

# As arrays: a job has millions of rows, and parameters of their own would take as long as what it does.
_RECORD_ROWS = """
INSERT INTO core_auditedrow (entry_id, target_type, target_id, target_name)
SELECT %(entry)s, kind, number, name
FROM unnest(%(kinds)s::text[], %(numbers)s::text[], %(names)s::text[]) AS told (kind, number, name)
"""
_LONGEST = 500  # characters of one value; the rest is left out
_MOST = 100  # parts of one value
_TELLING = ("password", "secret", "digest", "token", "hash")


@dataclass(frozen=True)
class Actor:
    """Who acts, and from where. `operator_id` is None for somebody who is not known."""

    operator_id: int | None
    name: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one row. `before` is None for what was made, `after` for what is gone."""

    target: Model | None = None
    app: App | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record(
    *,
    actor: Actor,
    action: str,
    changes: Iterable[Change] = (Change(),),
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry for each change, in the caller's transaction: what is undone leaves no entry.

    `action` and the keys of `details` are texts of the catalogue, in English. Values are cut to 500
    characters, and lose their NULs; those of fields that name a password, a secret, a token or a hash are
    hidden. One statement.
    """
    told = None if details is None else plain(details)
    AuditEntry.objects.bulk_create(  # tenant-free: it may be about no app, or about the server
        AuditEntry(
            operator_id=actor.operator_id,
            operator_name=_cut(actor.name, 150),
            address=_cut(actor.address, 64),
            app_id=change.app.pk if change.app is not None else None,
            app_name=_cut(change.app.name, 100) if change.app is not None else "",
            action=action[:100],
            before=None if change.before is None else plain(change.before),
            after=None if change.after is None else plain(change.after),
            details=told or None,
            **_target(change.target),
        )
        for change in changes
    )


def names_of(rows: Iterable[Model]) -> list[tuple[str, str, str]]:
    """What `record_rows` takes: kind, number and name of each row, before it may be gone."""
    named = map(_named, rows)
    return [(each["target_type"], each["target_id"], each["target_name"]) for each in named]


def record_rows(*, job: Job, names: Sequence[tuple[str, str, str]]) -> None:
    """Note that the job has changed these rows, in the transaction of the change.

    They are found by the entry of whoever has begun the job; of one that no operator has, nothing is noted.
    """
    entry = AuditEntry.objects.of_begin(job)  # tenant-free: it may be of no app
    if entry is not None and names:
        kinds, numbers, said = map(list, zip(*names, strict=True))
        with connection.cursor() as cursor:
            told: dict[str, Any] = {
                "entry": entry.pk,
                "kinds": kinds,
                "numbers": numbers,
                "names": said,
            }
            cursor.execute(_RECORD_ROWS, told)


def record_end(*, job: Job, state: str, done: int, refused: int, error: str) -> None:
    """Note how an operator's job has ended, in the transaction in which it does."""
    if job.operator is None:
        return
    details = {STATUS: state, ROWS_DONE: done, ROWS_REFUSED: refused, ERROR: error}
    record(
        actor=Actor(job.operator_id, job.operator.get_username()),
        action=gettext_noop("Job ended"),
        changes=[Change(target=job, app=job.app)],
        details={name: value for name, value in details.items() if value},
    )


def _target(row: Model | None) -> dict[str, str]:
    return {} if row is None else _named(row)


def _named(row: Model) -> dict[str, str]:
    return {
        "target_type": f"{row._meta.app_label}.{row._meta.model_name}",
        "target_id": str(row.pk),
        "target_name": _cut(str(row), 200),
    }


def _cut(text: str, most: int) -> str:
    """So many characters of it, without NUL, which PostgreSQL can't hold."""
    return text.replace("\0", "")[:most]


def snapshot(row: Model) -> dict[str, Any]:
    """The row's own fields as they are on the instance, without a query; secrets as they are.

    For `difference`; `record` hides what is to be hidden.
    """
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is not the same in two snapshots: as it was, and as it is."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in changed}, {name: after[name] for name in changed}


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON holds them, cut and without secrets."""
    return {
        _cut(name, _LONGEST): HIDDEN if _is_secret(name, value) else _said(value)
        for name, value in values.items()
    }


def _is_secret(name: str, value: Any) -> bool:
    lowered = name.lower()
    binary = isinstance(value, (bytes, memoryview))
    return binary or (bool(value) and any(word in lowered for word in _TELLING))


def _said(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, datetime, date)):
        return value
    if isinstance(value, Mapping):
        return plain({str(key): inner for key, inner in list(value.items())[:_MOST]})
    if isinstance(value, (list, tuple, set, frozenset, QuerySet)):
        listed = list(value[: _MOST + 1] if isinstance(value, QuerySet) else value)
        return [_said(inner) for inner in listed[:_MOST]] + ["…"] * (len(listed) > _MOST)
    text = str(value).replace("\0", "")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
