"""`manage.py changepassword`: Django's own, noted in the audit."""

import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands import changepassword
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.core.management.noting import note_command
from apps.core.services.audit import Change


class Command(changepassword.Command):
    """Give an operator another password."""

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str | None:
        """As Django does, which raises unless it has."""
        said = super().handle(*args, **options)
        name = options["username"] or getpass.getuser()
        operator = get_user_model()._default_manager.get_by_natural_key(name)
        note_command(gettext_noop("New password"), Change(target=operator))
        return said
