"""`manage.py start_log_epoch`: after a backup was restored."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.core.models import App
from apps.core.services.apps import start_log_epoch


class Command(BaseCommand):
    """Make every client read again from the start of what is kept for it."""

    help = "Run once after restoring a backup: cursors handed out before are refused from then on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it for every app."""
        for app in App.objects.order_by("pk"):  # tenant-free: every tenant
            epoch = start_log_epoch(app=app)
            self.stdout.write(f"{app.name}: epoch {epoch}")
