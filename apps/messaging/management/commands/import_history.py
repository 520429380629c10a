"""`manage.py import_history`: what was said at another service, from the exports of its reports."""

from apps.core.importing.command import ImportCommand
from apps.messaging.services.importing import HISTORY


class Command(ImportCommand):
    """Import messages."""

    importer = HISTORY
