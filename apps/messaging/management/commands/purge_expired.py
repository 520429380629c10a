"""`manage.py purge_expired`: deletes what is older than IM_HISTORY_DAYS now, and not by and by."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

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
        with tqdm(unit=" messages", disable=None, leave=False) as bar:
            while deleted := purge_expired():
                total += deleted
                bar.update(deleted)
        self.stdout.write(f"Deleted {total} messages of before {before:%Y-%m-%d %H:%M} UTC.")
