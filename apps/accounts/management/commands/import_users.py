"""`manage.py import_users`: users of another service, with their passwords' hashes."""

from apps.accounts.services.importing import USERS
from apps.core.importing.command import ImportCommand


class Command(ImportCommand):
    """Import users."""

    importer = USERS
