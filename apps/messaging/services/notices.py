"""Notices: what one user alone is told, about their friends, their shields and what may disturb them.

They are events in a conversation of the user's own, made with the first of them, so that all of the user's
devices follow them in order with everything else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.accounts.models import Friendship, User
from apps.core.models import App
from apps.messaging.drafts import Event
from apps.messaging.log import append_events
from apps.messaging.models import Conversation, ConversationKind, Participant

NOTICES = "notices"
"""The `target_type` of these events; the `target_id` is the user's own name."""

# A stretch ends at the event that tells of the change, and the next one, of the other kind, begins after it.
_TURN = """
WITH turned (group_id, told, shielded) AS (
    SELECT * FROM unnest(%(gids)s::bigint[], %(told)s::bigint[], %(shielded)s::boolean[])
),
ended AS (
    UPDATE messaging_participant p SET ends_at = turned.told
    FROM turned JOIN messaging_conversation c ON c.group_id = turned.group_id
    WHERE p.conversation_id = c.id AND p.user_id = %(user)s AND p.ends_at IS NULL
    RETURNING p.conversation_id, p.read_up_to, turned.told, turned.shielded
)
INSERT INTO messaging_participant (conversation_id, user_id, starts_after, read_up_to, shielded)
SELECT conversation_id, %(user)s, told, read_up_to, shielded FROM ended
"""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """An event for one user."""

    user: User
    event_type: str
    from_username: str = ""
    to_username_list: tuple[str, ...] = ()
    gid: int | None = None


def tell(*, app: App, notices: Sequence[Notice]) -> list[int]:
    """Append the notices to the app's log, in order; their ids. The users are the app's, and held."""
    conversations = _conversations_of(app, {notice.user.pk for notice in notices})
    return _append(app, notices, conversations)


def tell_friends(
    *, owner: User, friends: Collection[User], event_type: str, from_username: str
) -> None:
    """Tell the owner of the friends, and each friend of the owner, in the logs of their apps.

    All are held. The logs of several apps are locked in the order of the apps.
    """
    names = tuple(friend.username for friend in friends)
    notices = [
        Notice(
            user=owner,
            event_type=event_type,
            from_username=from_username,
            to_username_list=names,
        )
    ]
    notices += [
        Notice(
            user=friend,
            event_type=event_type,
            from_username=from_username,
            to_username_list=(owner.username,),
        )
        for friend in friends
    ]
    apps = {notice.user.app_id: notice.user.app for notice in notices}
    for pk in sorted(apps):
        tell(app=apps[pk], notices=[notice for notice in notices if notice.user.app_id == pk])


def tell_of_deletion(*, app: App, user_ids: Collection[int]) -> None:
    """Tell the friends of users who are being deleted that they are friends no longer.

    Only those who have been told something before: no conversation of notices is made here, since a friend's
    row could not be held in the order of ids any more. Who became a friend was told so, unless by an import.
    """
    sides = Friendship.objects.filter(  # tenant-free: the friends may be of other apps
        friend__in=user_ids
    ).exclude(owner__in=user_ids)
    names: dict[User, list[str]] = {}
    for side in sides.select_related("owner__app", "friend").order_by("pk"):
        names.setdefault(side.owner, []).append(side.friend.username)
    apps = {owner.app_id: owner.app for owner in names}
    for pk in sorted(apps):
        told = [
            Notice(user=owner, event_type="remove_friends", to_username_list=tuple(gone))
            for owner, gone in names.items()
            if owner.app_id == pk
        ]
        known = _known(apps[pk], {notice.user.pk for notice in told})
        _append(apps[pk], [notice for notice in told if notice.user.pk in known], known)


def apps_of_friends(*, user_ids: Collection[int]) -> set[int]:
    """The apps whose logs `tell_of_deletion` writes to for these users, by id. One query."""
    sides = Friendship.objects.filter(friend__in=user_ids)  # tenant-free: friends may be elsewhere
    return set(sides.order_by().values_list("owner__app", flat=True).distinct())


def turn_shields(*, user: User, shielded: Sequence[int], unshielded: Sequence[int]) -> None:
    """Tell the user's devices which groups are shielded now, and which no longer; from there on it holds.

    Two statements and the events, whatever the number of groups.
    """
    gids = [*shielded, *unshielded]
    kinds = ["shield_group"] * len(shielded) + ["unshield_group"] * len(unshielded)
    notices = [
        Notice(user=user, event_type=kind, gid=gid) for gid, kind in zip(gids, kinds, strict=True)
    ]
    told = tell(app=user.app, notices=notices)
    values: dict[str, Any] = {
        "user": user.pk,
        "gids": gids,
        "told": told,
        "shielded": [kind == "shield_group" for kind in kinds],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TURN, values)


def _known(app: App, user_ids: Collection[int]) -> dict[int, int]:
    """The conversations of notices that there are, by user."""
    found = app.conversations.of_notices().filter(user_low__in=user_ids)
    return {user: pk for user, pk in found.values_list("user_low", "pk") if user is not None}


def _conversations_of(app: App, user_ids: Collection[int]) -> dict[int, int]:
    """The same, made where they are missing."""
    known = _known(app, user_ids)
    missing = sorted(set(user_ids) - known.keys())
    if missing:
        made = app.conversations.bulk_create(
            Conversation(app=app, kind=ConversationKind.NOTICES, user_low_id=pk) for pk in missing
        )
        Participant.objects.bulk_create(  # tenant-free: the conversations are the tenant's
            Participant(conversation=conversation, user_id=pk)
            for pk, conversation in zip(missing, made, strict=True)
        )
        known |= {pk: conversation.pk for pk, conversation in zip(missing, made, strict=True)}
    return known


def _append(app: App, notices: Sequence[Notice], conversations: dict[int, int]) -> list[int]:
    return append_events(
        app=app,
        events=[
            Event(
                conversation_id=conversations[notice.user.pk],
                target_type=NOTICES,
                target_id=notice.user.username,
                event_type=notice.event_type,
                from_username=notice.from_username,
                to_username_list=notice.to_username_list,
                gid=notice.gid,
            )
            for notice in notices
        ],
    )
