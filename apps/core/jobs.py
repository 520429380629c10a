"""Kinds of jobs: what long work there is. Each Django app registers its own, and so may an add-on.

A kind does its work in steps of a second or so. `prepare` is called outside of any transaction, for what is
slow or commits by itself; it may be called again for the same position, and that must do no harm. `step` is
called in a transaction in which the job's new position is stored too: what it writes is done once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from apps.core.models import Job

_CANCELLING = _("It ends within seconds. What it has done by then stays done.")


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a step has done: so many rows, of which so many were refused.

    `result` is added to the end of the job's result. `position` is anything that JSON holds. A step that ends
    the job says `finished`; its rows count as well.
    """

    position: Any = None
    done: int = 0
    refused: int = 0
    result: bytes = b""
    finished: bool = False
    total: int | None = None  # where it is known only now


def _nothing(job: Job) -> None:
    return None


def _whoever_began_it(job: Job, operator: Any) -> bool:
    return True


def _no_words(job: Job) -> Mapping[str | Promise, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A kind of long work.

    `permission` is what an operator needs to begin one, besides that of adding jobs; the job ends once they
    lose it, or the app, or are barred. `result_name` is the name of the file that the result is downloaded
    as, by the operator who began the job alone, and while they may see it (`may_see`); without it there is
    none. `describe` tells what the job is about, from its arguments; `cancelling`, what whoever cancels it
    has to know.
    """

    name: str
    title: str | Promise
    step: Callable[[Job, Any], Step]
    prepare: Callable[[Job], Any] = _nothing
    permission: str = ""
    result_name: str = ""
    may_see: Callable[[Job, Any], bool] = _whoever_began_it
    describe: Callable[[Job], Mapping[str | Promise, Any]] = _no_words
    cancelling: str | Promise = _CANCELLING


_registered: dict[str, JobKind] = {}


def register_kind(kind: JobKind) -> JobKind:
    """Add a kind. Call it where `AppConfig.ready()` imports. Raises ValueError when the name is taken."""
    if _registered.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"a kind of jobs named {kind.name!r} is registered already")
    return kind


def kind_of(name: str) -> JobKind | None:
    """The kind of that name; None for one whose Django app is not installed any more."""
    return _registered.get(name)


def kinds() -> dict[str, JobKind]:
    """All kinds by name."""
    return dict(_registered)
