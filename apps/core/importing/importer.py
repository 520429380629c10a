"""What an app tells of a kind of rows that can be imported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.importing.rows import Outcome, Row
from apps.core.models import App

Prepared = TypeVar("Prepared")
_REFUSED = ImError(PARAMETER_INVALID)


@dataclass(frozen=True, kw_only=True)
class Importer(Generic[Prepared]):
    """A kind of rows, in two steps for a batch of them.

    `prepare` checks each row by itself and does what is slow; it writes nothing, and is best called outside a
    transaction. `store` writes all that can be written, in one transaction, and answers for each row, in
    their order. Rows that are there already are refused, never changed, so a repeat does no harm.
    """

    kind: str
    columns: tuple[str, ...]
    prepare: Callable[[App, Sequence[Row]], Prepared]
    store: Callable[[App, Prepared], list[Outcome]]
    batch: int = 500  # rows that are a good batch
    finish: Callable[[App], None] | None = None  # what is left to do once all rows are in
    repeated: ImError = _REFUSED  # what a second row of the same key is refused with

    def run(self, app: App, rows: Sequence[Row], *, dry_run: bool = False) -> list[Outcome]:
        """Both steps. A dry run stores it all, to see what the database says, and takes it back."""
        prepared = self.prepare(app, rows)
        with transaction.atomic():
            outcomes = self.store(app, prepared)
            if dry_run:
                transaction.set_rollback(True)
        return outcomes
