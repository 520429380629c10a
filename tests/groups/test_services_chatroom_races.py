"""Changes of chatrooms, deletions of users and sends at the same time: no deadlock, and counts that hold."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from apps.accounts.services.users import delete_users
from apps.core.errors import (
    CHATROOM_FULL,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_NOT_IN_CHATROOM,
    OWNER_STAYS,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
    ImError,
)
from apps.core.models import App
from apps.groups.services.chatroom_members import (
    add_chatroom_members,
    enter_chatroom,
    leave_chatroom,
    remove_chatroom_members,
    set_chatroom_mute,
)
from apps.groups.services.chatrooms import (
    NewChatroom,
    create_chatroom,
    delete_chatroom,
    update_chatroom,
)
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from tests.conftest import person
from tests.threads import at_once, outcomes_at_once

pytestmark = pytest.mark.django_db(transaction=True)

EXPECTED = {
    CHATROOM_FULL,
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    OWNER_NOT_IN_CHATROOM,
    OWNER_STAYS,
    SENDER_MUTED,
    SENDER_NOT_IN_CHATROOM,
}


def check(app: App) -> None:
    """What must hold of every room of the app, whatever happened."""
    for room in app.chatrooms.all():
        members = sorted(room.members.values_list("user", flat=True))
        assert room.member_count == len(members) <= room.max_members
        assert not (room.deleted_at and members)
        assert room.owner_id in {None, *members} or not members
        conversation = app.conversations.of_chatroom(room)
        present = conversation.participants.present().values_list("user", flat=True)
        assert sorted(present) == members


def test_a_room_takes_no_more_than_it_may(app, room):
    app.chatrooms.update(max_members=5)
    people = [person(app, f"guest{number}") for number in range(8)]

    outcomes = outcomes_at_once(
        *(partial(enter_chatroom, app=app, user=user, room_id=room.pk) for user in people)
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, ImError)]
    assert [error.code for error in refused] == [CHATROOM_FULL] * 5
    check(app)
    assert app.chatrooms.get().member_count == 5


def test_who_enters_twice_at_once_is_in_once(app, room, carol):
    at_once(*[partial(enter_chatroom, app=app, user=carol, room_id=room.pk)] * 4)

    assert room.members.filter(user=carol).count() == 1
    check(app)


def live(app: App, seed: int) -> None:
    """Twenty things happen in two rooms; what is refused, does not happen."""
    dice = random.Random(seed)  # noqa: S311
    names = [f"guest{number}" for number in range(6)]
    rooms = list(app.chatrooms.order_by("pk").values_list("pk", flat=True))
    for _ in range(20):
        name, pk = dice.choice(names), dice.choice(rooms)
        user = app.users.filter(username=name).first()
        room: dict[str, Any] = {"app": app, "room_id": pk}
        draft = Draft(
            target_type="chatroom",
            target_id=str(pk),
            from_type="user",
            from_id=name,
            msg_type="text",
            body={"text": name},
        )
        deeds: list[Callable[[], object]] = [
            partial(add_chatroom_members, **room, usernames=dice.sample(names, 2)),
            partial(remove_chatroom_members, **room, usernames=[name]),
            partial(set_chatroom_mute, **room, username=name, muted=dice.random() < 0.5),
            partial(update_chatroom, **room, changes={"name": name}, owner_username=name),
            partial(send_message, app=app, draft=draft),
        ]
        if user is not None:
            deeds.append(partial(enter_chatroom, **room, user=user))
            deeds.append(partial(leave_chatroom, **room, user=user))
        if dice.random() < 0.05:
            deeds = [partial(delete_users, app=app, usernames=[name])]
        if dice.random() < 0.02:
            deeds = [partial(delete_chatroom, **room)]
        try:
            dice.choice(deeds)()
        except ImError as error:
            if error.code not in EXPECTED:
                raise


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_at_once_the_rooms_stay_whole(app, room, seed):
    for number in range(6):
        person(app, f"guest{number}")
    create_chatroom(app=app, new=NewChatroom(owner_username="guest0", name="circle"))

    at_once(*(partial(live, app, seed * 10 + number) for number in range(5)))

    check(app)
