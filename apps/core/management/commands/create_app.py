"""`manage.py create_app`: a tenant, and the only sight of its secret."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core.management.noting import note_made
from apps.core.models import ApiVersion
from apps.core.services.apps import create_app


class Command(BaseCommand):
    """Create an app and print its key and master secret."""

    help = "Creates an app and prints its key and its master secret, which is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("name")
        parser.add_argument(
            "--api-version", choices=ApiVersion.values, default=ApiVersion.DRAFT_2015_02.value
        )
        parser.add_argument("--calls-per-minute", type=int, default=None, help="0: no limit.")
        parser.add_argument(
            "--app-key", default="", help="One that the app has already: 24 letters and digits."
        )
        parser.add_argument(
            "--master-secret",
            default="",
            help="Likewise. With - it is read from the standard input, where no other user sees it.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create it."""
        secret = options["master_secret"]
        if secret == "-":  # noqa: S105 the usual name of the standard input
            secret = sys.stdin.readline().strip()
            if not secret:
                raise CommandError("The standard input has no master secret.")
        try:
            with transaction.atomic():
                made = create_app(
                    name=options["name"],
                    api_version=options["api_version"],
                    calls_per_minute=options["calls_per_minute"],
                    app_key=options["app_key"],
                    master_secret=secret,
                )
                note_made(made.app)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        shown = {
            "name": made.app.name,
            "app_key": made.app.app_key,
            "master_secret": made.master_secret,
            "api_version": made.app.api_version,
        }
        if options["json"]:
            self.stdout.write(json.dumps(shown))
        else:
            for name, value in shown.items():
                self.stdout.write(f"{name}: {value}")
