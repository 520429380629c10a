"""What the home page tells of groups."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.adminkit.home import Card, home_card
from apps.core.adminkit.numbers import number_of
from apps.core.adminkit.operations import list_url
from apps.core.adminkit.scope import query_of
from apps.core.models import App
from apps.groups.models import Group


@home_card(place=50)
def groups(request: HttpRequest, apps: list[App]) -> Card | None:
    """How many stand."""
    if not request.user.has_perm("groups.view_group"):
        return None
    return Card(
        title=_("Groups"),
        value=number_of(Group.objects.filter(app__in=apps).standing()),
        url=list_url(Group) + query_of(request, state="standing"),
        icon="groups",
    )
