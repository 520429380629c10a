"""Conversations over the client API: what is in them, how far they are read, who may know what of them."""

from typing import Any

import pytest

from apps.groups.models import GroupKind
from apps.groups.services.groups import NewGroup, create_group, dissolve_group
from apps.groups.services.members import change_members
from apps.messaging.models import Message, Participant
from apps.messaging.signals import Whisper, whispered
from tests.conftest import ApiClient, person, session_of

CLIENT = "/client/v1"


@pytest.fixture
def alices(alice) -> ApiClient:
    return session_of(alice)


@pytest.fixture
def bobbys(bobby) -> ApiClient:
    return session_of(bobby)


@pytest.fixture
def carols(carol) -> ApiClient:
    return session_of(carol)


@pytest.fixture
def whispers(django_capture_on_commit_callbacks: Any) -> Any:
    """Whispers sent by a call: `whispers(client.call, ...)`."""

    def listen(call: Any, *arguments: Any) -> list[tuple[str, str, int | None]]:
        heard: list[Whisper] = []

        def hear(*, whisper: Whisper, **kwargs: object) -> None:
            heard.append(whisper)

        whispered.connect(hear)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                reply = call(*arguments)
        finally:
            whispered.disconnect(hear)
        assert reply.status_code == 204, reply.content
        return [(one.kind, one.username, one.read_up_to) for one in heard]

    return listen


def say(client: ApiClient, target: Any, text: str = "hello", **more: Any) -> int:
    body = {"target_type": "single", "target_id": target, "msg_type": "text", **more}
    if isinstance(target, int):
        body |= {"target_type": "group", "target_id": str(target)}
    reply = client.call("post", f"{CLIENT}/messages", {**body, "msg_body": {"text": text}})
    assert reply.status_code == 201, reply.content
    pk: int = reply.json()["msg_id"]
    return pk


def threads(client: ApiClient, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.call("get", f"{CLIENT}/conversations{query}").json()[
        "conversations"
    ]
    return rows


def thread(client: ApiClient) -> dict[str, Any]:
    (row,) = threads(client)
    return row


def read(client: ApiClient, conversation: int, msg_id: int) -> Any:
    return client.call("put", f"{CLIENT}/conversations/{conversation}/read", {"msg_id": msg_id})


def code(reply: Any) -> int:
    number: int = reply.json()["error"]["code"]
    return number


# --- unread, read positions -----------------------------------------------------------------------


def test_both_sides_see_the_conversation_each_in_their_way(alices, bobbys, bobby) -> None:
    first, last = say(alices, "bobby", "one"), say(alices, "bobby", "two")
    mine, theirs = thread(alices), thread(bobbys)
    assert mine["conversation_id"] == theirs["conversation_id"]
    assert (mine["target_id"], theirs["target_id"]) == ("bobby", "alice")
    assert (mine["peer"]["username"], theirs["peer"]["username"]) == ("bobby", "alice")
    assert (mine["unread"], theirs["unread"]) == (0, 2)
    assert mine["last_message"]["msgid"] == theirs["last_message"]["msgid"] == last
    assert first < last


def test_reading_moves_forward_and_never_back(alices, bobbys, bobby) -> None:
    ids = [say(alices, "bobby", str(place)) for place in range(3)]
    conversation = thread(bobbys)["conversation_id"]
    seen: list[tuple[int, int]] = []
    for pk in (ids[0], ids[2], ids[1], ids[2]):
        assert read(bobbys, conversation, pk).status_code == 204
        row = thread(bobbys)
        seen.append((row["read_up_to"], row["unread"]))
    assert seen == [(ids[0], 2), (ids[2], 0), (ids[2], 0), (ids[2], 0)]
    assert thread(alices)["peers_read_up_to"] == ids[2]


def test_ones_own_messages_and_events_are_not_unread(alices, bobbys, group) -> None:
    say(bobbys, group.pk)
    say(alices, group.pk)
    assert (thread(alices)["unread"], thread(bobbys)["unread"]) == (1, 1)


def test_unread_is_counted_up_to_a_hundred(app, alices, bobbys, bobby, settings) -> None:
    settings.IM_CLIENT_SENDS_PER_MINUTE = 1000
    for _ in range(102):
        say(alices, "bobby")
    assert thread(bobbys)["unread"] == 100


def test_in_a_group_it_is_told_how_far_the_furthest_has_read(
    app, alices, bobbys, carols, group
) -> None:
    change_members(app=app, gid=group.pk, add=["carol"])
    ids = [say(alices, group.pk, str(place)) for place in range(3)]
    conversation = thread(alices)["conversation_id"]
    read(bobbys, conversation, ids[0])
    read(carols, conversation, ids[1])
    assert thread(alices)["peers_read_up_to"] == ids[1]


@pytest.mark.parametrize("msg_id", [None, "7", True, 7.5, [7]])
def test_what_is_no_number_of_a_message_is_refused(msg_id, alices, bobbys, bobby) -> None:
    say(alices, "bobby")
    assert code(read(bobbys, thread(bobbys)["conversation_id"], msg_id)) == 899003


def test_what_one_cannot_see_one_cannot_have_read(app, alices, bobbys, carols, group) -> None:
    before = say(alices, group.pk, "before carol")
    change_members(app=app, gid=group.pk, add=["carol"])
    during = say(alices, group.pk, "with carol")
    conversation = thread(carols)["conversation_id"]
    change_members(app=app, gid=group.pk, remove=["carol"])
    after = say(alices, group.pk, "after carol")
    elsewhere = say(alices, "bobby")
    codes = [read(carols, conversation, pk).status_code for pk in (before, after, elsewhere)]
    assert codes == [403, 403, 403]
    assert code(read(carols, conversation, after)) == 855003
    assert read(carols, conversation, during).status_code == 204
    assert Participant.objects.get(user__username="carol").read_up_to == during


def test_who_has_left_reads_without_telling_those_who_stay(
    app, alices, bobbys, group, whispers
) -> None:
    seen = say(alices, group.pk)
    conversation = thread(bobbys)["conversation_id"]
    path = f"{CLIENT}/conversations/{conversation}/read"
    change_members(app=app, gid=group.pk, remove=["bobby"])
    assert whispers(bobbys.call, "put", path, {"msg_id": seen}) == []


def test_reading_is_told_once(alices, bobbys, bobby, whispers) -> None:
    seen = say(alices, "bobby")
    path = f"{CLIENT}/conversations/{thread(bobbys)['conversation_id']}/read"
    assert whispers(bobbys.call, "put", path, {"msg_id": seen}) == [("read", "bobby", seen)]
    assert whispers(bobbys.call, "put", path, {"msg_id": seen}) == []


# --- typing ---------------------------------------------------------------------------------------


def test_typing_is_told_and_not_stored(alices, bobbys, bobby, whispers) -> None:
    say(alices, "bobby")
    rows = Message.objects.count()
    path = f"{CLIENT}/conversations/{thread(bobbys)['conversation_id']}/typing"
    assert whispers(bobbys.call, "post", path) == [("typing", "bobby", None)]
    assert Message.objects.count() == rows


def test_typing_is_not_told_to_who_blocks(alices, bobbys, bobby, group, whispers) -> None:
    say(alices, "bobby")
    single, of_group = (
        next(row["conversation_id"] for row in threads(bobbys) if row["target_type"] == kind)
        for kind in ("single", "group")
    )
    alices.call("put", f"{CLIENT}/blocks", ["bobby"])
    assert whispers(bobbys.call, "post", f"{CLIENT}/conversations/{single}/typing") == []
    assert whispers(alices.call, "post", f"{CLIENT}/conversations/{single}/typing") != []
    assert whispers(bobbys.call, "post", f"{CLIENT}/conversations/{of_group}/typing") != []


def test_who_is_not_in_it_any_more_types_unheard(app, bobbys, group) -> None:
    conversation = thread(bobbys)["conversation_id"]
    change_members(app=app, gid=group.pk, remove=["bobby"])
    reply = bobbys.call("post", f"{CLIENT}/conversations/{conversation}/typing")
    assert code(reply) == 890006


# --- history --------------------------------------------------------------------------------------


def history(client: ApiClient, conversation: int, query: str = "") -> dict[str, Any]:
    reply = client.call("get", f"{CLIENT}/conversations/{conversation}/messages{query}")
    assert reply.status_code == 200, reply.content
    page: dict[str, Any] = reply.json()
    return page


def test_history_is_paged_backwards_without_a_gap(alices, bobbys, bobby) -> None:
    ids = [say(alices, "bobby", str(place)) for place in range(7)]
    conversation = thread(bobbys)["conversation_id"]
    pages: list[list[int]] = []
    query = "?limit=3"
    while True:
        page = history(bobbys, conversation, query)
        pages.insert(0, [row["msgid"] for row in page["messages"]])
        if not page["has_more"]:
            break
        query = f"?limit=3&before={pages[0][0]}"
    assert pages == [ids[:1], ids[1:4], ids[4:]]


def test_history_has_what_one_may_see_of_two_stays_and_nothing_between(
    app, alices, carols, group
) -> None:
    seen: list[str] = []
    for stay in range(2):
        say(alices, group.pk, f"unseen {stay}")
        change_members(app=app, gid=group.pk, add=["carol"])
        seen.append(f"seen {stay}")
        say(alices, group.pk, seen[-1])
        change_members(app=app, gid=group.pk, remove=["carol"])
    say(alices, group.pk, "unseen at last")
    row = thread(carols)
    page = history(carols, row["conversation_id"])
    said = [row["msg_body"]["text"] for row in page["messages"] if row["msg_type"] == "text"]
    assert said == seen
    assert row["open"] is False
    assert row["last_message"]["msg_body"]["event_type"] == "remove_members"


def test_a_dissolved_group_stays_readable_and_is_closed(app, alices, group) -> None:
    say(alices, group.pk)
    dissolve_group(app=app, gid=group.pk)
    row = thread(alices)
    assert (row["open"], row["last_message"]["msg_body"]["event_type"]) == (False, "dissolve_group")
    assert len(history(alices, row["conversation_id"])["messages"]) == 3


def test_conversations_are_paged_by_the_last_that_was_said(app, alices, alice) -> None:
    for place in range(5):
        person(app, f"friend{place}")
        say(alices, f"friend{place}")
    first = threads(alices, "?limit=2")
    rest = threads(alices, f"?limit=3&before={first[-1]['last_message']['msgid']}")
    assert [row["target_id"] for row in first + rest] == [f"friend{p}" for p in (4, 3, 2, 1, 0)]


def test_a_note_to_oneself_and_a_friend_who_is_no_more_are_conversations(
    app, api, alices, bobby
) -> None:
    say(alices, "alice", "note")
    say(alices, "bobby")
    api.call("delete", "/users/bobby")
    gone, note = threads(alices)
    assert (note["target_id"], note["unread"]) == ("alice", 0)
    assert (gone["target_id"], gone["title"], gone["last_message"]["target_id"]) == (
        "",
        "",
        "bobby",
    )


# --- others' things -------------------------------------------------------------------------------


def test_others_conversations_are_absent(alices, bobbys, bobby, carols, mallory) -> None:
    pk = say(alices, "bobby")
    conversation = thread(alices)["conversation_id"]
    for stranger in (carols, session_of(mallory)):
        assert threads(stranger) == []
        path = f"{CLIENT}/conversations/{conversation}"
        assert code(stranger.call("get", f"{path}/messages")) == 890006
        assert code(stranger.call("put", f"{path}/read", {"msg_id": pk})) == 890006
        assert code(stranger.call("post", f"{path}/typing")) == 890006
        assert stranger.call("get", f"{CLIENT}/sync").json()["messages"] == []


def test_whether_a_message_exists_is_told_only_to_those_who_can_see_it(
    alices, bobbys, bobby, carols, mallory
) -> None:
    pk = say(alices, "bobby")

    def retract(client: ApiClient) -> int:
        return code(client.call("post", f"{CLIENT}/messages/{pk}/retract"))

    assert retract(bobbys) == 855002
    assert retract(carols) == retract(session_of(mallory)) == 855003


def test_a_user_of_another_app_is_nobody(alices, mallory) -> None:
    body = {"target_type": "single", "target_id": "mallory", "msg_type": "text"}
    reply = alices.call("post", f"{CLIENT}/messages", {**body, "msg_body": {"text": "hello"}})
    assert code(reply) == 899002
    assert code(alices.call("put", f"{CLIENT}/blocks", ["mallory"])) == 899002


# --- groups of one's own --------------------------------------------------------------------------


def test_a_group_is_ruled_by_its_owner_alone(app, alices, bobbys, carols, group) -> None:
    person(app, "dave")
    path = f"{CLIENT}/groups/{group.pk}"
    for ruled in (
        lambda client: client.call("put", path, {"name": "mine"}),
        lambda client: client.call("post", f"{path}/members", {"add": ["dave"]}),
        lambda client: client.call("delete", path),
    ):
        assert code(ruled(bobbys)) == 890008
        assert code(ruled(carols)) == 899006
        assert ruled(alices).status_code == 204


def test_a_public_group_is_joined_and_left_and_a_private_one_not(
    app, alice, alices, bobbys, bobby, group, carols
) -> None:
    new = NewGroup(owner_username="alice", name="all", kind=GroupKind.PUBLIC)
    public = create_group(app=app, new=new).pk
    assert code(carols.call("post", f"{CLIENT}/groups/{group.pk}/join")) in {890009, 899006}
    assert carols.call("post", f"{CLIENT}/groups/{public}/join").status_code == 204
    assert code(carols.call("post", f"{CLIENT}/groups/{public}/join")) == 899011
    assert say(carols, public)
    assert carols.call("post", f"{CLIENT}/groups/{public}/leave").status_code == 204
    assert code(carols.call("post", f"{CLIENT}/groups/{public}/leave")) == 899014
    body = {"target_type": "group", "target_id": str(public), "msg_type": "text"}
    reply = carols.call("post", f"{CLIENT}/messages", {**body, "msg_body": {"text": "hello"}})
    assert code(reply) == 803005
    assert code(alices.call("post", f"{CLIENT}/groups/{public}/leave")) == 899003


def test_who_creates_a_group_owns_it(alices, bobby) -> None:
    body = {"name": "mine", "members_username": ["bobby"], "owner_username": "bobby"}
    made = alices.call("post", f"{CLIENT}/groups", body).json()
    assert made["owner_username"] == "alice"
    members = alices.call("get", f"{CLIENT}/groups/{made['gid']}/members").json()["members"]
    assert [row["username"] for row in members] == ["alice", "bobby"]


# --- blocks ---------------------------------------------------------------------------------------


def test_who_is_blocked_sends_in_vain_until_they_are_not(alices, bobbys, bobby) -> None:
    assert alices.call("put", f"{CLIENT}/blocks", ["bobby"]).status_code == 204
    (row,) = alices.call("get", f"{CLIENT}/blocks").json()
    assert row["username"] == "bobby"
    body = {"target_type": "single", "target_id": "alice", "msg_type": "text"}
    reply = bobbys.call("post", f"{CLIENT}/messages", {**body, "msg_body": {"text": "hello"}})
    assert code(reply) == 803008
    assert bobbys.call("get", f"{CLIENT}/blocks").json() == []
    assert alices.call("delete", f"{CLIENT}/blocks", ["bobby"]).status_code == 204
    assert say(bobbys, "alice")
