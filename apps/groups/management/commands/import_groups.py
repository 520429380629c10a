"""`manage.py import_groups`: groups of another service, with their members."""

from apps.core.importing.command import ImportCommand
from apps.groups.services.importing import GROUPS


class Command(ImportCommand):
    """Import groups."""

    importer = GROUPS
