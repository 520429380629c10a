"""`manage.py make_big_world NAME`: an app with a million users, to see what things are like then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.console.big_world import Sizes, fill, tidy
from apps.core.management.noting import note_made
from apps.core.services.apps import create_app

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Create an app of that name, and fill it."""

    help = (
        "Creates an app and fills it with users, groups and messages, in minutes. Needs about 2 GiB of disk "
        "at the sizes it has by default. For trying things: not for a server with users."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        sizes = Sizes()
        parser.add_argument("name")
        parser.add_argument("--users", type=int, default=sizes.users)
        parser.add_argument("--groups", type=int, default=sizes.groups)
        parser.add_argument("--messages", type=int, default=sizes.messages)
        parser.add_argument("--password", default="a-secret", help="Of every user.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it."""
        sizes = Sizes(options["users"], options["groups"], options["messages"])
        if sizes.users < 2 or sizes.groups < 0 or sizes.messages < 0:
            raise CommandError("Two users at least, and nothing below zero.")
        try:
            with transaction.atomic():
                made = create_app(name=options["name"], calls_per_minute=0)
                note_made(made.app)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"app key        {made.app.app_key}")
        self.stdout.write(f"master secret  {made.master_secret}")
        started = time.monotonic()
        fill(app=made.app, sizes=sizes, password=options["password"], say=self.stdout.write)
        tidy()
        self.stdout.write(f"Done in {time.monotonic() - started:.0f} s.")
