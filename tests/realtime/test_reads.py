"""The two reads behind a connection, by user and by row, decide alike who may see what."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal

import pytest

from apps.accounts.services.friends import add_friends, remove_friends
from apps.core.errors import ImError
from apps.core.models import App
from apps.groups.services.groups import NewGroup, create_group, dissolve_group
from apps.groups.services.members import change_members
from apps.groups.services.shields import change_shields
from apps.messaging.drafts import Draft
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.services.retract import retract_message
from apps.messaging.sync import Place
from apps.realtime import reads
from tests.conftest import person

NAMES = ["alice", "bobby", "carol", "david"]


def send(app: App, sender: str, kind: Literal["single", "group"], target: str) -> None:
    draft = Draft(
        target_type=kind,
        target_id=target,
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": f"from {sender}"},
    )
    send_message(app=app, draft=draft)


def take_back(app: App, sender: str) -> None:
    """What the sender said last."""
    last = app.messages.filter(sender__username=sender).order_by("pk").last()
    if last is not None and last.sender is not None:
        retract_message(app=app, sender=last.sender, msg_id=last.pk)


def shield(app: App, name: str, gid: int, how: str) -> None:
    change_shields(app=app, user=app.users.by_username(name), **{how: [gid]})


def befriend(app: App, name: str, other: str) -> None:
    """Or end it, where they are friends."""
    user = app.users.by_username(name)
    there = user.friendships.filter(friend__username=other).exists()
    (remove_friends if there else add_friends)(app=app, owner=user, usernames=[other])


def live_a_little(app: App, dice: random.Random) -> None:
    """Ninety things happen in two groups and between people; what is refused does not happen."""
    owner = NAMES[0]
    gids = [
        create_group(app=app, new=NewGroup(owner_username=owner, name=name, members_username=[])).pk
        for name in ("one", "two")
    ]
    for _ in range(90):
        gid, somebody, other = dice.choice(gids), dice.choice(NAMES[1:]), dice.choice(NAMES)
        happen: Callable[[], object] = dice.choice(
            [
                partial(change_members, app=app, gid=gid, add=[somebody]),
                partial(change_members, app=app, gid=gid, remove=[somebody]),
                partial(send, app, other, "single", somebody),
                partial(send, app, other, "group", str(gid)),
                partial(take_back, app, other),
                partial(shield, app, somebody, gid, "add"),
                partial(shield, app, somebody, gid, "remove"),
                partial(befriend, app, somebody, other),
            ]
        )
        with suppress(ImError):
            happen()
    dissolve_group(app=app, gid=gids[0])


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_what_a_connection_is_offered_is_what_it_would_have_read(app, other_app, seed):
    users = {person(app, name).pk: name for name in NAMES}
    stranger = person(other_app, "alice").pk
    live_a_little(app, random.Random(seed))  # noqa: S311 the same world every time
    assert Message.objects.filter(app=app).count() > 30

    offered: dict[int, list[reads.Row]] = {pk: [] for pk in (*users, stranger)}
    for row, readers in reads.next_batch(app, 0, offered.keys()).rows:
        for reader in readers:
            offered[reader].append(row)

    for pk in users:
        assert offered[pk] == reads.rows_for(app, pk, Place.at(0), 500)
        assert all(json.loads(row.json)["msgid"] == row.msg_id for row in offered[pk])
    assert len({len(rows) for rows in offered.values()}) > 2, "not all may see the same"
    assert offered[stranger] == []
