"""Chores: what has to be done outside of any request. Apps register theirs; `manage.py work` does them.

Any number of processes may work at once, so a chore claims what it takes up by itself: rows with FOR UPDATE
SKIP LOCKED, a cursor's row with FOR UPDATE. A process may be killed at any moment: what a step has not
committed is done again by somebody else.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chore:
    """One kind of background work.

    `step` does a bounded piece of it, in transactions of its own, and returns whether there was any: then it
    is called again at once, otherwise after `every` seconds. It may raise: it is called again, less and less
    often. A process that is told to end waits for the step under way: a step takes seconds at most, or asks
    `working.told_to_end` now and then.

    `listen`, if given, is called once in each process that works, with a function to call whenever there may
    be something to do; that function may be called from any thread and returns at once. What `listen` returns
    is called at the end.
    """

    name: str  # on the command line and in the log: letters, digits, hyphens
    step: Callable[[], bool]
    every: float
    listen: Callable[[Callable[[], None]], Callable[[], None]] | None = None


_registered: dict[str, Chore] = {}


def register(chore: Chore) -> None:
    """Add a chore. Call in `AppConfig.ready()`. Raises ValueError when the name is taken."""
    if _registered.setdefault(chore.name, chore) is not chore:
        raise ValueError(f"a chore named {chore.name!r} is registered already")


def registered() -> dict[str, Chore]:
    """All chores by name, in the order of registration."""
    return dict(_registered)
