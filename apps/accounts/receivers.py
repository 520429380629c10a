"""What accounts does about news.

The disabled and those whose password changed are logged out; log-ins of operators are noted in the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_noop

from apps.accounts.models import Operator
from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.signals import UsersChanged, password_changed, users_deleted, users_disabled
from apps.core.client_address import client_address
from apps.core.models import App
from apps.core.services.audit import Actor, Change, record


@receiver([users_disabled, users_deleted, password_changed])
def end_their_sessions(*, event: UsersChanged, **kwargs: object) -> None:
    """At once: their connections go with the sessions."""
    app = App.objects.get(pk=event.app_id)  # tenant-free: this is the tenant itself
    end_sessions_of(app=app, user_ids=event.user_ids, but=event.but_session)


@receiver(user_logged_in)
def note_login(*, request: HttpRequest, user: Operator, **kwargs: object) -> None:
    """An operator has logged in to the console."""
    _note(gettext_noop("Log-in"), request, user)


@receiver(user_logged_out)
def note_logout(*, request: HttpRequest, user: Operator | None, **kwargs: object) -> None:
    """An operator has logged out; where a session had ended before, nobody has."""
    if user is not None:
        _note(gettext_noop("Log-out"), request, user)


@receiver(user_login_failed)
def note_failed_login(
    *, credentials: Mapping[str, Any], request: HttpRequest | None = None, **kwargs: object
) -> None:
    """Somebody has tried to."""
    name = str(credentials.get("username") or "").replace("\0", "")
    record(actor=Actor(None, name, _address(request)), action=gettext_noop("Log-in failed"))


def _note(action: str, request: HttpRequest | None, operator: Operator) -> None:
    actor = Actor(operator.pk, operator.get_username(), _address(request))
    record(actor=actor, action=action, changes=[Change(target=operator)])


def _address(request: HttpRequest | None) -> str:
    return "" if request is None else client_address(request.META)
