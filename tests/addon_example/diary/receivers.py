"""What the diary does about the server's news: it writes rows of its own, in the same transaction."""

from django.dispatch import receiver

from apps.accounts.signals import UsersChanged, users_registered
from apps.groups.signals import MembersChanged, members_changed
from apps.messaging.signals import MessageSent, message_sent
from tests.addon_example.diary import services
from tests.addon_example.diary.models import Kind


@receiver(users_registered)
def note_registered(*, event: UsersChanged, **kwargs: object) -> None:
    """One line for each user, whatever the size of the batch."""
    services.write(app_id=event.app_id, kind=Kind.REGISTERED, subjects=event.user_ids)


@receiver(members_changed)
def note_members(*, events: tuple[MembersChanged, ...], **kwargs: object) -> None:
    """One line for each who came, and for each who went."""
    for event in events:
        services.write(app_id=event.app_id, kind=Kind.CAME, subjects=event.added)
        services.write(app_id=event.app_id, kind=Kind.WENT, subjects=event.removed)


@receiver(message_sent)
def note_said(*, event: MessageSent, **kwargs: object) -> None:
    """One line for the message. Were this to raise, the message would not be sent."""
    services.write(app_id=event.app_id, kind=Kind.SAID, subjects=[event.msg_id])
