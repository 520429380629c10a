"""`manage.py createsuperuser`: Django's own, noted in the audit."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction
from django.db.models import Max

from apps.core.management.noting import note_made


class Command(createsuperuser.Command):
    """Make an operator who sees everything."""

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """As Django does."""
        operators = get_user_model()._default_manager
        last = operators.aggregate(last=Max("pk"))["last"] or 0
        super().handle(*args, **options)
        for made in operators.filter(pk__gt=last):
            note_made(made)
