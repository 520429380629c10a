"""What the home page tells of users."""

from __future__ import annotations

from datetime import datetime, time

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.home import Card, home_card
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import list_url
from apps.core.adminkit.scope import query_of
from apps.core.models import App

_COUNTED = 10_000  # users of one day, or online


@home_card(place=10)
def users(request: HttpRequest, apps: list[App]) -> Card | None:
    """How many there are."""
    if not request.user.has_perm("accounts.view_user"):
        return None
    return Card(
        title=_("Users"),
        value=number_of(User.objects.filter(app__in=apps)),
        url=list_url(User) + query_of(request),
        icon="person",
    )


@home_card(place=20)
def new_users(request: HttpRequest, apps: list[App]) -> Card | None:
    """How many registered since midnight, where the operator is."""
    if not request.user.has_perm("accounts.view_user"):
        return None
    today = timezone.localdate()
    midnight = timezone.make_aware(datetime.combine(today, time.min))
    new = User.objects.filter(app__in=apps).created_from(midnight)
    return Card(
        title=_("New today"),
        value=number_of(new, counted=_COUNTED),
        url=list_url(User) + query_of(request, created_at_from=today.isoformat()),
        icon="person_add",
    )


@home_card(place=30)
def users_online(request: HttpRequest, apps: list[App]) -> Card | None:
    """How many are connected."""
    if not request.user.has_perm("accounts.view_clientsession"):
        return None
    online = User.objects.filter(app__in=apps).connected()
    return Card(
        title=_("Online now"),
        value=number_of(online, counted=_COUNTED),
        url=list_url(User) + query_of(request, state="online"),
        icon="wifi",
    )
