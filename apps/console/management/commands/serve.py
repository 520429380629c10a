"""`manage.py serve`: the server for production, and what `make run` ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from apps.console.serving import add_options, plan_of, serve

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Serve the API, the admin and the documentation until told to end."""

    help = "Serves over HTTP with several processes, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        serve(plan_of(options), by=options["server"], say=self.stdout.write, work=options["work"])
