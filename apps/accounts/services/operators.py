"""Operators: who logs in to the console."""

from collections.abc import Iterable

from django.contrib.auth.models import Permission
from django.db import transaction

from apps.accounts.models import Operator, OperatorRole
from apps.core.models import App
from apps.core.models.app import validate_time_zone


@transaction.atomic
def create_operator(
    *,
    username: str,
    password: str,
    apps: Iterable[App] = (),
    role: str = OperatorRole.OWNER,
) -> Operator:
    """Someone who may do in the console, for those apps, what the role allows, and see nothing of others.

    Raises `django.core.exceptions.ValidationError` for a name that is taken or malformed.
    """
    operator = Operator(username=username, is_staff=True, role=role)
    operator.set_password(password)
    operator.full_clean()
    operator.save()
    operator.apps.set(apps)
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


@transaction.atomic
def update_operator(
    *,
    operator: Operator,
    is_active: bool,
    is_superuser: bool,
    role: str,
    apps: Iterable[App],
    permissions: Iterable[Permission],
) -> None:
    """Set what the operator may see and do. One who is not active can't log in, and is logged out.

    `permissions` count for the role CHOSEN alone.
    """
    operator.is_active = is_active
    operator.is_superuser = is_superuser
    operator.role = role
    operator.save(update_fields=["is_active", "is_superuser", "role"])
    operator.apps.set(apps)
    operator.user_permissions.set(permissions)


def set_operator_password(*, operator: Operator, password: str) -> None:
    """Give the operator a new password; their sessions end."""
    operator.set_password(password)
    operator.save(update_fields=["password"])


def set_operator_time_zone(*, operator: Operator, time_zone: str) -> None:
    """Show times in that zone; with an empty name, in the one of the operator's browser.

    Raises `django.core.exceptions.ValidationError` for a name that is no time zone.
    """
    if time_zone:
        validate_time_zone(time_zone)
    operator.time_zone = time_zone
    operator.save(update_fields=["time_zone"])
