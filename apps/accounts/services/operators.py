"""Operators: who logs in to the console."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.db import transaction

from apps.accounts.models import Operator
from apps.core.models import App

_DOMAIN = ("core", "accounts", "groups", "messaging")


@transaction.atomic
def create_operator(*, username: str, password: str, apps: Iterable[App] = ()) -> Operator:
    """Someone who may do everything in the console for those apps, and see nothing of others.

    Raises `django.core.exceptions.ValidationError` for a name that is taken or malformed.
    """
    operator = Operator(username=username, is_staff=True)
    operator.set_password(password)
    operator.full_clean()
    operator.save()
    operator.apps.set(apps)
    domain = Permission.objects.filter(content_type__app_label__in=_DOMAIN)  # tenant-free
    operator.user_permissions.set(domain.exclude(content_type__model="operator"))
    return operator


@transaction.atomic
def create_superuser(*, username: str, password: str) -> Operator:
    """Someone who may do everything in the console for every app.

    Raises `django.core.exceptions.ValidationError` for a name that is taken or malformed.
    """
    operator = Operator(username=username, is_staff=True, is_superuser=True)
    operator.set_password(password)
    operator.full_clean()
    operator.save()
    return operator
