"""`manage.py start_log_epoch`: after a backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.core.management.noting import note_command
from apps.core.models import App
from apps.core.services.apps import start_log_epoch
from apps.core.services.audit import Change


class Command(BaseCommand):
    """Make every client read again from the start of what is kept for it."""

    help = "Run once after restoring a backup: cursors handed out before are refused from then on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it for every app."""
        for app in App.objects.order_by("pk"):  # tenant-free: every tenant
            with transaction.atomic():
                before = {"log_epoch": app.log_epoch}
                epoch = start_log_epoch(app=app)
                change = Change(target=app, app=app, before=before, after={"log_epoch": epoch})
                note_command(gettext_noop("Log epoch begun"), change)
            self.stdout.write(f"{app.name}: epoch {epoch}")
