"""A chatroom whose members are of two apps: who comes, goes, speaks and is deleted at the same time."""

import random
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from apps.accounts.models import User
from apps.accounts.services.users import delete_users
from apps.core.errors import (
    NO_SUCH_CHATROOM,
    NO_SUCH_USER,
    NOT_IN_CHATROOM,
    SENDER_NOT_IN_CHATROOM,
    ImError,
)
from apps.core.models import App
from apps.groups.models import Chatroom
from apps.groups.services.chatroom_members import (
    change_chatroom_members_across,
    enter_chatroom,
    leave_chatroom,
)
from apps.groups.services.members import MemberChange
from apps.messaging import log, logs
from apps.messaging.drafts import Draft
from apps.messaging.models import Participant
from apps.messaging.services.messages import send_message
from tests.conftest import person
from tests.threads import Session, at_once, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)

#: Refusals that come of chance; none of them says that something went wrong.
MISSED = {NO_SUCH_CHATROOM, NO_SUCH_USER, NOT_IN_CHATROOM, SENDER_NOT_IN_CHATROOM}
NAMES = [f"guest{number}" for number in range(4)]


def text(sender: str, room: Chatroom, said: str) -> Draft:
    return Draft(
        target_type="chatroom",
        target_id=str(room.pk),
        from_type="user",
        from_id=sender,
        msg_type="text",
        body={"text": said},
    )


def change(
    room: Chatroom, app: App, *, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> None:
    told = [MemberChange(app=app, add=add, remove=remove)]
    change_chatroom_members_across(app=room.app, room_id=room.pk, changes=told)


def said_in(app: App) -> list[str]:
    rows = app.messages.filter(target_type="chatroom", msg_type="text").order_by("pk")
    return [row.body["text"] for row in rows]


def send_while_the_first_of_another_app_comes(room: Chatroom, other_app: App) -> None:
    """The send has begun, and waits for the log, when the member of the other app is committed."""
    with Session() as one, Session() as two:
        one.begin()
        one.run(change, room, other_app, add=["mallory"])
        one.run(log_held, room.app)
        sending = two.start(send_message, app=room.app, draft=text("alice", room, "in between"))
        until_waiting()
        one.commit()
        sending.result(30)


def log_held(app: App) -> None:
    """Coming is not told, so it takes no log: something else does, for which the send waits."""
    logs.hold([app.pk])


def test_a_send_that_began_before_the_room_spanned_apps_reaches_who_came(
    app, other_app, alice, mallory, room
):
    send_while_the_first_of_another_app_comes(room, other_app)

    assert said_in(app) == said_in(other_app) == ["in between"]


def test_it_would_not_without_the_look_at_what_was_committed_meanwhile(
    app, other_app, alice, mallory, room, monkeypatch
):
    blind = log._TO_CHATROOM.replace("messaging_room_spans_apps(%(room_id)s)", "FALSE")
    assert blind != log._TO_CHATROOM
    monkeypatch.setattr(log, "_TO_CHATROOM", blind)

    send_while_the_first_of_another_app_comes(room, other_app)

    assert said_in(app) == ["in between"]
    assert said_in(other_app) == []


def live(room: Chatroom, apps: list[App], seed: int) -> None:
    """Twenty things happen in the room; what is refused, does not happen."""
    dice = random.Random(seed)  # noqa: S311 nothing secret
    for number in range(20):
        of, name = dice.choice(apps), dice.choice(NAMES)
        deeds: list[Callable[[], object]] = [
            partial(change, room, of, add=[name]),
            partial(change, room, of, remove=[name]),
            partial(send_message, app=of, draft=text(name, room, f"{seed} {number}")),
            partial(send_message, app=of, draft=text(name, room, f"{seed} {number} again")),
        ]
        user = of.users.filter(username=name).first()
        if user is not None:
            deeds.append(partial(enter_chatroom, app=of, user=user, room_id=room.pk))
            deeds.append(partial(leave_chatroom, app=of, user=user, room_id=room.pk))
        if dice.random() < 0.04:
            deeds = [partial(delete_users, app=of, usernames=[name])]
        try:
            dice.choice(deeds)()
        except ImError as error:
            if error.code not in MISSED:
                raise


def check(room: Chatroom, apps: list[App]) -> None:
    """What must hold, whatever happened: members are counted, and those alone hear, each in their own app."""
    room.refresh_from_db()
    members = sorted(room.members.values_list("user", flat=True))
    assert room.member_count == len(members)
    present = Participant.objects.present().filter(conversation__chatroom=room)
    assert sorted(present.values_list("user", flat=True)) == members
    for user in User.objects.filter(pk__in=members):
        assert present.get(user=user).conversation.app_id == user.app_id
    ours, theirs = (log_of(app) for app in apps)
    both = set(ours) & set(theirs)
    assert [key for key in ours if key in both] == [key for key in theirs if key in both]


def log_of(app: App) -> list[int]:
    """What the app's log tells of the room, in its order: each row by what its copies have in common."""
    rows = app.messages.filter(target_type="chatroom").order_by("pk")
    return [row.origin_id or row.pk for row in rows]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_members_of_two_apps_do_at_once_nothing_waits_in_a_circle_and_the_room_stays_whole(
    app, other_app, alice, room, seed
):
    apps = [app, other_app]
    for each in apps:
        for name in NAMES:
            person(each, name)
    for each in apps:
        change(room, each, add=NAMES[:2])
    speaking = [f"alice {number}" for number in range(10)]

    def speak() -> None:
        for said in speaking:
            send_message(app=app, draft=text("alice", room, said))

    at_once(speak, *(partial(live, room, apps, seed * 10 + number) for number in range(5)))

    check(room, apps)
    assert [said for said in said_in(app) if said.startswith("alice")] == speaking


def test_members_of_both_apps_are_deleted_while_others_speak_and_both_logs_tell_the_same(
    app, other_app, alice, mallory, room
):
    for each in (app, other_app):
        for name in NAMES:
            person(each, name)
        change(room, each, add=NAMES)
    change(room, other_app, add=["mallory"])

    def speak(sender: str, of: App) -> None:
        for number in range(10):
            send_message(app=of, draft=text(sender, room, f"{sender} {number}"))

    deletions = [
        partial(delete_users, app=each, usernames=[name])
        for name in NAMES
        for each in (app, other_app)
    ]
    at_once(*deletions, partial(speak, "alice", app), partial(speak, "mallory", other_app))

    check(room, [app, other_app])
    assert said_in(app) == said_in(other_app)
    assert len(said_in(app)) == 20
    left = room.members.order_by("pk").values_list("user__username", flat=True)
    assert sorted(left) == ["alice", "bobby", "mallory"]
