"""A user's conversations: what was said last, how much is unread, and what was said before."""

from dataclasses import dataclass

from django.db import connection

from apps.accounts.models import User
from apps.core.errors import NO_SUCH_CONVERSATION, ImError
from apps.core.models import App
from apps.messaging.models import EVENT, Conversation, ConversationKind, Message

UNREAD_AT_MOST = 100

# For each of the user's stretches the last message by one probe of an index; the unread are counted up to a
# bound, so that a conversation nobody reads costs no more than another. Of several stretches the last counts;
# where that is shielded, what was said in it is neither the last message nor unread. Chatrooms have a list of
# their own, and nothing in them waits to be read. Why pairs are compared: see `sync`.
_LIST = f"""
WITH mine AS (
    SELECT DISTINCT ON (p.conversation_id) p.*,
        min(p.starts_after) OVER (PARTITION BY p.conversation_id) AS first_after
    FROM messaging_participant p
    JOIN messaging_conversation c ON c.id = p.conversation_id
        AND c.kind <> {ConversationKind.NOTICES}
    WHERE p.user_id = %(user)s AND NOT p.live_only
    ORDER BY p.conversation_id, p.starts_after DESC
)
SELECT mine.conversation_id, mine.read_up_to, mine.ends_at IS NULL AS open, last.id,
    (
        SELECT count(*) FROM (
            SELECT FROM messaging_message m
            WHERE (m.conversation_id, m.id) >
                    (mine.conversation_id, GREATEST(mine.read_up_to, mine.starts_after))
                AND (m.conversation_id, m.id) <=
                    (mine.conversation_id, COALESCE(mine.ends_at, 9223372036854775807))
                AND m.msg_type <> '{EVENT}' AND m.sender_id IS DISTINCT FROM %(user)s
                AND NOT mine.shielded
                AND m.options -> 'no_offline' IS NULL
            LIMIT {UNREAD_AT_MOST}
        ) AS unread
    ) AS unread,
    GREATEST(c.read_elsewhere_up_to, (
        SELECT max(o.read_up_to) FROM messaging_participant o
        WHERE o.conversation_id = mine.conversation_id AND o.user_id <> %(user)s
    )) AS peers_read_up_to,
    mine.shielded AND mine.ends_at IS NULL AS shielded,
    CASE c.kind
        WHEN {ConversationKind.GROUP} THEN EXISTS (
            SELECT FROM groups_groupmember g
            WHERE g.group_id = c.group_id AND g.user_id = %(user)s AND g.no_disturb
        )
        ELSE EXISTS (
            SELECT FROM accounts_nodisturb n WHERE n.owner_id = %(user)s
                AND n.peer_id = CASE c.user_low_id WHEN %(user)s THEN c.user_high_id ELSE c.user_low_id END
        )
    END AS no_disturb
FROM mine JOIN messaging_conversation c ON c.id = mine.conversation_id CROSS JOIN LATERAL (
    SELECT id FROM (
        (
            SELECT m.id FROM messaging_message m
            WHERE (m.conversation_id, m.id) > (mine.conversation_id, mine.first_after)
                AND (m.conversation_id, m.id) <= (mine.conversation_id,
                    CASE WHEN mine.shielded THEN mine.starts_after
                    ELSE COALESCE(mine.ends_at, 9223372036854775807) END)
            ORDER BY m.conversation_id DESC, m.id DESC LIMIT 1
        ) UNION ALL (
            SELECT m.id FROM messaging_message m
            WHERE mine.shielded AND m.msg_type = '{EVENT}'
                AND (m.conversation_id, m.id) > (mine.conversation_id, mine.starts_after)
                AND (m.conversation_id, m.id) <=
                    (mine.conversation_id, COALESCE(mine.ends_at, 9223372036854775807))
            ORDER BY m.conversation_id DESC, m.id DESC LIMIT 1
        )
    ) AS told ORDER BY id DESC LIMIT 1
) AS last
WHERE %(before)s::bigint IS NULL OR last.id < %(before)s::bigint
ORDER BY last.id DESC LIMIT %(rows)s
"""  # noqa: S608 put together from constants


@dataclass(frozen=True)
class Thread:
    """A conversation as one user sees it. `unread` counts to 100; `open` is whether they may read on.

    `peers_read_up_to` is how far the reader who is furthest among the others has come. Of a shielded one the
    last message is the last that the user was told.
    """

    conversation: Conversation
    last_message: Message
    unread: int
    read_up_to: int
    peers_read_up_to: int
    open: bool
    shielded: bool
    no_disturb: bool


def threads_of(*, app: App, user: User, limit: int, before: int | None = None) -> list[Thread]:
    """The user's conversations but for chatrooms, the one last spoken in first.

    `before` is the last id of the page before. Three queries, whatever their number.
    """
    values = {"user": user.pk, "before": before, "rows": limit}
    with connection.cursor() as cursor:
        cursor.execute(_LIST, values)
        rows = cursor.fetchall()
    conversations = app.conversations.select_related(
        "user_low__app", "user_high__app", "group__owner__app"
    ).in_bulk([row[0] for row in rows])
    messages = app.messages.in_bulk([row[3] for row in rows])
    return [
        Thread(
            conversation=conversations[conversation_id],
            last_message=messages[last],
            unread=unread,
            read_up_to=read_up_to,
            peers_read_up_to=peers or 0,
            open=is_open,
            shielded=shielded,
            no_disturb=no_disturb,
        )
        for conversation_id, read_up_to, is_open, last, unread, peers, shielded, no_disturb in rows
    ]


def history(
    *, app: App, user: User, conversation_id: int, before: int | None, limit: int
) -> tuple[list[Message], bool]:
    """The rows of a conversation that come before an id, oldest first, and whether there are more.

    Raises NO_SUCH_CONVERSATION for one the user was never in.
    """
    if not user.participations.filter(conversation=conversation_id).exists():
        raise ImError(NO_SUCH_CONVERSATION)
    rows = app.messages.visible_to(user).filter(conversation=conversation_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit][::-1], len(found) > limit
