"""`manage.py import_blacklists`: who refuses whose messages."""

from apps.accounts.services.importing_relations import BLACKLISTS
from apps.core.importing.command import ImportCommand


class Command(ImportCommand):
    """Import blacklists."""

    importer = BLACKLISTS
