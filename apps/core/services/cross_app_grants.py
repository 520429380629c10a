"""Grants between apps: which may operate on which."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.core.models import App, CrossAppGrant


def grant_cross_app(*, app: App, target: App) -> CrossAppGrant:
    """Let the app name users, groups and chatrooms of the target in cross-app calls; one way.

    Whoever calls this answers for both apps: they are of one operator. Nothing happens where it is granted
    already. Raises `django.core.exceptions.ValidationError` for an app and itself.
    """
    if app.pk == target.pk:
        raise ValidationError(_("An app needs no grant for itself."))
    grant, _created = app.cross_grants.get_or_create(target=target)
    return grant


def revoke_cross_app(*, app: App, target: App) -> bool:
    """Refuse what `grant_cross_app` allowed, from now on; whether it was granted.

    What was done stays: members are in their groups until somebody takes them out, friends are friends.
    """
    deleted, _each = app.cross_grants.filter(target=target).delete()
    return deleted > 0
