"""How far a user has read, and what passes without being stored."""

from functools import partial

from django.db import connection, transaction

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_CONVERSATION, NO_SUCH_MESSAGE, ImError
from apps.core.models import App
from apps.messaging.logs import key_in
from apps.messaging.models import Conversation, ConversationKind, Message, Participant
from apps.messaging.services.telling import places_of_groups
from apps.messaging.signals import Whisper, whispered

_KEEP = "SELECT FROM accounts_user WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE"

APPS_TOLD_AT_MOST = 20
"""Other apps that hear at once who reads and types in a group; the rest find it in their lists."""


@transaction.atomic
def mark_read(*, app: App, user: User, conversation_id: int, msg_id: int) -> None:
    """Note that the user has read the conversation up to that message: only ever forward.

    Those who are in it are told, unless the user is not in it any more or it is a chatroom; those of other
    apps too: in a group, and in a pair whose other app has a grant for this one, so that what was read could
    be written. Raises NO_SUCH_CONVERSATION for one the user was never in, NO_SUCH_MESSAGE for an id that is
    not of a row in it that they can see.
    """
    stretch = _present_or_past(user, conversation_id)
    seen = app.messages.visible_to(user).filter(conversation=conversation_id, pk=msg_id)
    message = seen.first()
    if message is None:
        raise ImError(NO_SUCH_MESSAGE)
    if stretch.read_up_to >= msg_id:
        return
    heard = _is_heard(stretch)
    elsewhere = _note_elsewhere(app, user, stretch.conversation, message) if heard else []
    moved = user.participations.filter(pk=stretch.pk, read_up_to__lt=msg_id)
    if moved.update(read_up_to=msg_id) and heard:
        _whisper(app, user, app.pk, conversation_id, "read", read_up_to=msg_id)
        for place, read_up_to in elsewhere[:APPS_TOLD_AT_MOST]:
            _whisper(app, user, place.app_id, place.pk, "read", read_up_to=read_up_to)


def tell_typing(*, app: App, user: User, conversation_id: int) -> None:
    """Let the others who are connected know that the user is typing. Raises NO_SUCH_CONVERSATION.

    It goes where their message would: nobody is told where the other of a pair blocks the user, or is of an
    app that this one has no grant for. Nor in a chatroom: what each of thousands does there would go to
    thousands.
    """
    present = user.participations.with_place().present()
    stretch = present.filter(conversation=conversation_id).first()
    if stretch is None:
        raise ImError(NO_SUCH_CONVERSATION)
    if not _is_heard(stretch):
        return
    place = stretch.conversation
    other = _other_of_pair(place, user)
    if other is not None and user.blocked_by.filter(owner=other).exists():
        return
    _whisper(app, user, app.pk, conversation_id, "typing")
    for there in _elsewhere(app, place, other, of_theirs=False)[:APPS_TOLD_AT_MOST]:
        _whisper(app, user, there.app_id, there.pk, "typing")


def _present_or_past(user: User, conversation_id: int) -> Participant:
    stretches = user.participations.with_place().filter(conversation=conversation_id)
    last = stretches.order_by("-starts_after").first()
    if last is None:
        raise ImError(NO_SUCH_CONVERSATION)
    return last


def _is_heard(stretch: Participant) -> bool:
    """Whether the others in it are told what its user does."""
    return stretch.ends_at is None and not stretch.live_only


def _other_of_pair(place: Conversation, user: User) -> User | None:
    """Nobody where it is no pair, or that user was deleted."""
    if place.kind != ConversationKind.SINGLE:
        return None
    return place.user_high if place.user_low_id == user.pk else place.user_low


def _elsewhere(
    app: App, place: Conversation, other: User | None, *, of_theirs: bool
) -> list[Conversation]:
    """The same conversation in the logs of other apps. No query where it is within one.

    To that of a pair it takes a grant, as its messages do: the other's app for this one where it is about
    what they wrote, else this one for the other's.
    """
    if place.group is not None and place.group.spans_apps:
        places = places_of_groups([place.group.pk])[place.group.pk]
        return [there for there in places if there.app_id != app.pk]
    if other is None or other.app_id == app.pk:
        return []
    grants = app.cross_grants_received.filter(app=other.app_id)
    if not of_theirs:
        grants = app.cross_grants.filter(target=other.app_id)
    if not grants.exists():
        return []
    pairs = Conversation.objects.singles().filter(app=other.app_id)  # tenant-free: the other's app
    return list(pairs.filter(user_low=place.user_low_id, user_high=place.user_high_id))


def _note_elsewhere(
    app: App, user: User, place: Conversation, message: Message
) -> list[tuple[Conversation, int]]:
    """Note in the other apps how far it has been read; each place there, and how far that is in its log."""
    other = _other_of_pair(place, user)
    places = _elsewhere(app, place, other, of_theirs=True)
    if not places:
        return []
    if other is not None:
        _keep([user.pk, other.pk])
    copies: dict[int, int] = {}
    if message.origin_id is not None:
        same = Message.objects.copies_of(message.origin_id)  # tenant-free: in each log it stands in
        copies = dict(same.values_list("conversation", "pk"))
    # What has no copy there parts the rows by its own id all the same: ids grow over all logs.
    found = [(there, copies.get(there.pk, message.pk)) for there in places]
    behind = {there.pk: upto for there, upto in found if there.read_elsewhere_up_to < upto}
    if behind:
        held = Conversation.objects.filter(pk__in=behind).order_by("pk")  # tenant-free: as found
        moved = list(held.select_for_update(no_key=True))
        for there in moved:
            there.read_elsewhere_up_to = max(there.read_elsewhere_up_to, behind[there.pk])
        Conversation.objects.bulk_update(moved, ["read_elsewhere_up_to"])  # tenant-free: likewise
    return found


def _keep(user_ids: list[int]) -> None:
    """Have them deleted before this, or after it: a deletion takes what is theirs in an order of its own."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [user_ids])


def _whisper(
    app: App,
    user: User,
    hearers: int,
    conversation_id: int,
    kind: str,
    read_up_to: int | None = None,
) -> None:
    """To who is in that conversation, which is of the app of that id."""
    key = key_in(hearers, app)
    whisper = Whisper(hearers, conversation_id, user.pk, user.username, kind, read_up_to, key)
    send = partial(whispered.send, sender=Conversation, whisper=whisper)
    transaction.on_commit(send)
