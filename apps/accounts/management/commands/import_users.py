"""`manage.py import_users`: users of another service, with their passwords' hashes."""

from apps.accounts.services.importing import USERS
from apps.core.importing.command import ImportCommand


class Command(ImportCommand):
    """Import users."""

    help = (
        "Imports users from CSV or JSON files: docs/migrating-from-jmessage.md tells the columns."
    )
    importer = USERS
