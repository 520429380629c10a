"""`manage.py purge_expired`: deletes what is older than IM_HISTORY_DAYS now, and not by and by."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop
from tqdm import tqdm

from apps.core.management.noting import noted_work
from apps.core.services.audit import ROWS_DONE
from apps.messaging.services.retention import horizon, purge_expired


class Command(BaseCommand):
    """Delete until nothing is left that is to go."""

    help = (
        "Deletes messages older than IM_HISTORY_DAYS. The background work does the same by and by."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        before = horizon()
        if before is None:
            raise CommandError("IM_HISTORY_DAYS is 0: everything is kept.")
        total = 0
        with (
            tqdm(unit=" messages", disable=None, leave=False) as bar,
            noted_work(gettext_noop("Deletion of expired messages")) as told,
        ):
            while deleted := purge_expired():
                total += deleted
                bar.update(deleted)
                told[ROWS_DONE] = total
        self.stdout.write(f"Deleted {total} messages of before {before:%Y-%m-%d %H:%M} UTC.")
