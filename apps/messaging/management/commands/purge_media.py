"""`manage.py purge_media`: removes uploads that nothing refers to."""

from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core.management.noting import noted_work
from apps.core.models import App
from apps.core.services.audit import ROWS_DONE
from apps.messaging.services.media_purge import purge_media

_ACTION = gettext_noop("Removal of unused files")


class Command(BaseCommand):
    """Go through the apps, one after another."""

    help = (
        "Removes uploads that are in no message, profile or group and were last uploaded long ago."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--days", type=int, default=30, help="since the last upload, at least (%(default)s)"
        )
        parser.add_argument("--app", default="", help="the key of one app; otherwise all of them")
        parser.add_argument("--dry-run", action="store_true", help="remove nothing")

    def handle(self, *args: Any, days: int, app: str, dry_run: bool, **options: Any) -> None:
        """Do it; a line for each app."""
        if days < 1:
            raise CommandError(
                "Give at least one day: what was uploaded just now is yet to be sent."
            )
        apps = App.objects.order_by("pk")  # tenant-free: every tenant
        if app and not (apps := apps.filter(app_key=app)):
            raise CommandError(f"There is no app with the key {app}.")
        before = timezone.now() - timedelta(days=days)
        for each in apps:
            count = size = 0
            with ExitStack() as stack:
                told: dict[str, int] = {}
                if not dry_run:
                    told = stack.enter_context(noted_work(_ACTION, app=each))
                for purged in purge_media(app=each, seen_before=before, dry_run=dry_run):
                    count += 1
                    size += purged.size
                    told[ROWS_DONE] = count
                    if options["verbosity"] > 1:
                        self.stdout.write(f"  {purged.media_id}")
            done = "would be removed" if dry_run else "removed"
            self.stdout.write(f"{each.name}: {count} {done}, {size / 1024**2:.1f} MB")
