"""`manage.py import_friends`: who is whose friend."""

from apps.accounts.services.importing_relations import FRIENDS
from apps.core.importing.command import ImportCommand


class Command(ImportCommand):
    """Import friends."""

    importer = FRIENDS
