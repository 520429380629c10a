"""`manage.py rollup_statistics`: bring the figures up to date now, or make them anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop
from tqdm import tqdm

from apps.console.services.rollup import catch_up, start_over
from apps.core.management.noting import note_command
from apps.core.models import App
from apps.core.services.audit import Change

if TYPE_CHECKING:
    from argparse import ArgumentParser


_REBUILD = gettext_noop("Statistics counted anew")


class Command(BaseCommand):
    """Count what is not counted yet."""

    help = (
        "Counts what the background work has not counted yet. With --rebuild it forgets the figures "
        "first, for when rows were written past the server or an app has another time zone; what is "
        "no longer in the log, or was deleted, can then not be counted again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--rebuild", action="store_true", help="count everything again")
        parser.add_argument("--app", metavar="KEY", help="of the app with this key alone")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count, app by app."""
        apps = App.objects.order_by("pk")  # tenant-free: all of them
        if options["app"]:
            apps = apps.filter(app_key=options["app"])
            if not apps:
                raise CommandError(f"No app has the key {options['app']}.")
        counted = 0
        for app in tqdm(apps, desc="Apps", disable=None, leave=False):
            if options["rebuild"]:
                note_command(_REBUILD, Change(target=app, app=app))
                start_over(app=app)
            counted += catch_up(app=app)
        self.stdout.write(f"Messages counted: {counted}")
