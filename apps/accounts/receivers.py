"""What sessions do about the news of users: the disabled and whose password changed are logged out."""

from django.dispatch import receiver

from apps.accounts.services.sessions import end_sessions_of
from apps.accounts.signals import UsersChanged, password_changed, users_deleted, users_disabled
from apps.core.models import App


@receiver([users_disabled, users_deleted, password_changed])
def end_their_sessions(*, event: UsersChanged, **kwargs: object) -> None:
    """At once: their connections go with the sessions."""
    app = App.objects.get(pk=event.app_id)  # tenant-free: this is the tenant itself
    end_sessions_of(app=app, user_ids=event.user_ids, but=event.but_session)
