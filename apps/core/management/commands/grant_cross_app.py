"""`manage.py grant_cross_app`: let one app operate on another, or no longer."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.core.management.noting import note_command
from apps.core.models import App
from apps.core.services.audit import CONCERNS, Change
from apps.core.services.cross_app_grants import grant_cross_app, revoke_cross_app


class Command(BaseCommand):
    """Give a grant between two apps, or revoke it."""

    help = "Lets the first app operate on the second one in cross-app calls, or no longer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("app_key", help="Of the app that may call.")
        parser.add_argument("target_key", help="Of the app that it may operate on.")
        parser.add_argument("--both-ways", action="store_true", help="And the other way round.")
        parser.add_argument("--revoke", action="store_true", help="Take it back.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give it, or revoke it."""
        app, target = self._app(options["app_key"]), self._app(options["target_key"])
        pairs = [(app, target), (target, app)] if options["both_ways"] else [(app, target)]
        with transaction.atomic():
            said = [self._do(one, other, revoke=options["revoke"]) for one, other in pairs]
        for line in said:
            self.stdout.write(line)

    def _do(self, app: App, target: App, *, revoke: bool) -> str:
        action = gettext_noop("Revoke the grant") if revoke else gettext_noop("Grant")
        done = "revoked" if revoke else "granted"
        try:
            if not revoke:
                grant_cross_app(app=app, target=target)
            elif not revoke_cross_app(app=app, target=target):
                return f"{app} -> {target}: was not granted"
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        note_command(action, Change(target=app, app=app), details={CONCERNS: [str(target)]})
        return f"{app} -> {target}: {done}"

    def _app(self, app_key: str) -> App:
        app = App.objects.by_key(app_key)  # tenant-free: it finds the tenant
        if app is None:
            raise CommandError(f"There is no app with the key {app_key}.")
        return app
