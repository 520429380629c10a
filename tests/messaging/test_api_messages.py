"""Sending over the wire: limits, who is refused, what is kept."""

import json

import pytest

from apps.accounts.services.blocks import block_users
from apps.accounts.services.users import disable_users
from tests.conftest import person

FRAME = len('{"text":""}')


def refusal(reply):
    error = reply.json()["error"]
    return reply.status_code, error["code"], error["message"]


def text(content="hello", **more):
    return {
        "version": 1,
        "target_type": "single",
        "target_id": "bobby",
        "from_type": "user",
        "from_id": "alice",
        "msg_type": "text",
        "msg_body": {"content": content},
        **more,
    }


def final(content="hello", **more):
    return text(from_type="admin", msg_body={"text": content}, **more)


def send(api, message, **headers):
    return api.call("post", "/messages", message, **headers)


def last(api, username="bobby"):
    return api.call("get", f"/users/{username}/sync").json()["messages"][-1]


@pytest.fixture(autouse=True)
def cast(alice, bobby):
    """Alice, an API admin, and bobby."""


class TestBytes:
    @pytest.mark.parametrize(
        "content",
        ["x" * (4096 - FRAME), "汉" * ((4096 - FRAME) // 3), "\n" * ((4096 - FRAME) // 2)],
        ids=["ascii", "chinese", "escaped"],
    )
    def test_a_body_of_just_the_size_is_sent(self, content, api):
        assert send(api, text(content)).status_code == 200
        assert last(api)["msg_body"]["content"] == content

    @pytest.mark.parametrize(
        "content",
        ["x" * (4097 - FRAME), "汉" * ((4097 - FRAME) // 3 + 1), "\n" * ((4096 - FRAME) // 2 + 1)],
        ids=["ascii", "chinese", "escaped"],
    )
    def test_one_byte_more_is_refused(self, content, app, api):
        reply = send(api, text(content))

        assert refusal(reply) == (400, 803007, "length of message exceed limit")
        assert not app.messages.exists()

    def test_the_final_api_refuses_it_with_the_same_code(self, final_app, final_api):
        person(final_app, "alice", is_admin=True)
        person(final_app, "bobby")

        assert send(final_api, final("x" * (4096 - FRAME))).status_code == 201
        assert refusal(send(final_api, final("x" * (4097 - FRAME))))[:2] == (400, 803007)

    def test_what_the_app_s_own_spelling_costs_does_not_count(self, api):
        spaced = json.dumps(text("x" * (4096 - FRAME)), indent=40).encode()

        assert api.raw("post", "/messages", spaced).status_code == 200

    def test_the_whole_body_counts(self, api):
        message = text("x" * 2000)
        message["msg_body"]["extras"] = {"note": "y" * 2100}

        assert refusal(send(api, message))[1] == 803007

    @pytest.mark.parametrize("field", ["target_name", "from_name"])
    def test_a_name_is_of_250_characters_at_most(self, field, api):
        assert send(api, text(**{field: "名" * 250})).status_code == 200
        assert last(api)[field] == "名" * 250

        status, code, message = refusal(send(api, text(**{field: "名" * 251})))

        assert (status, code) == (400, 899003)
        assert message.startswith(f"{field}: ")


class TestWhoMaySend:
    @pytest.mark.parametrize("from_type", ["user", "robot", "api", "console", "admin"])
    def test_who_is_disabled_may_not(self, from_type, app, api):
        disable_users(app=app, users=app.users.filter(username="alice"))

        reply = send(api, text(from_type=from_type))

        assert refusal(reply) == (403, 899016, "No authority to send message")

    def test_an_admin_must_be_one(self, api):
        reply = send(api, text(from_type="admin", from_id="bobby", target_id="alice"))

        assert refusal(reply)[:2] == (403, 899016)

    @pytest.mark.parametrize("from_type", ["user", "robot", "api", "console"])
    def test_who_is_blocked_may_not_write_to_who_blocked_them(self, from_type, app, api, carol):
        block_users(app=app, owner=carol, usernames=["bobby"])

        reply = send(api, text(from_type=from_type, from_id="bobby", target_id="carol"))

        assert refusal(reply) == (403, 803008, "user in blacklist")
        assert send(api, text(from_id="carol", target_id="bobby")).status_code == 200

    def test_who_is_blocked_is_still_heard_in_a_group(self, app, api, group, bobby):
        carol = person(app, "carol")
        api.call("post", f"/groups/{group.pk}/members", ["carol"])
        block_users(app=app, owner=carol, usernames=["bobby"])

        reply = send(api, text(from_id="bobby", target_type="group", target_id=group.pk))

        assert reply.status_code == 200
        assert last(api, "carol")["from_id"] == "bobby"

    @pytest.mark.parametrize("from_type", ["robot", "api", "console", "admin"])
    def test_the_app_s_own_voice_need_not_be_in_the_group(self, from_type, app, api, group):
        person(app, "dave", is_admin=True)
        message = text(from_type=from_type, from_id="dave", target_type="group", target_id=group.pk)

        assert send(api, message).status_code == 200

    def test_one_may_write_to_oneself(self, api):
        assert send(api, text(target_id="alice")).status_code == 200
        assert last(api, "alice")["target_id"] == "alice"

    def test_a_stranger_reaches_nobody(self, stranger_api, mallory):
        reply = send(stranger_api, text(from_id="mallory"))

        assert refusal(reply) == (404, 899002, "No such user: bobby")

    @pytest.mark.parametrize("target_id", ["0", "9" * 18, "99999999"])
    def test_a_group_that_is_not_there_hears_nothing(self, target_id, api):
        reply = send(api, text(target_type="group", target_id=target_id))

        assert refusal(reply) == (404, 899006, "Group id invalid")

    @pytest.mark.parametrize("target_id", ["9" * 19, "-1", "", " 1", "\uff11\uff12", "1.0"])
    def test_what_is_no_number_is_no_group(self, target_id, api):
        reply = send(api, text(target_type="group", target_id=target_id))

        assert refusal(reply) == (400, 899003, "target_id: must be the number of a group")


class TestShapes:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("media_id", ""),
            ("media_id", "m" * 256),
            ("media_id", 7),
            ("media_crc", -1),
            ("media_crc", 2**32),
            ("media_crc", "1338734977"),
            ("media_crc", 1.5),
            ("width", -1),
            ("width", "720"),
            ("height", True),
            ("fsize", -1),
            ("format", 1),
        ],
    )
    def test_a_malformed_field_is_named_in_the_draft_s_words(self, field, wrong, app, api):
        body = {"media_id": "m", "media_crc": 1, "width": 1, "height": 1, field: wrong}

        status, code, message = refusal(send(api, text(msg_type="image", msg_body=body)))

        assert (status, code) == (400, 899003)
        assert message.startswith(f"msg_body.{field}: ")
        assert not app.messages.exists()

    @pytest.mark.parametrize(
        ("msg_type", "body", "field"),
        [
            ("voice", {"duration": -1}, "duration"),
            ("video", {"video": {"media_id": "m"}, "duration": 1}, "video.media_crc32"),
            ("video", {"video": [], "duration": 1}, "video"),
            ("location", {"latitude": 90.1, "longitude": 0, "scale": 1, "label": "x"}, "latitude"),
            ("location", {"latitude": 0, "longitude": -181, "scale": 1, "label": "x"}, "longitude"),
            ("location", {"latitude": "0", "longitude": 0, "scale": 1, "label": "x"}, "latitude"),
            ("file", {"media_id": "m", "media_crc32": 1, "fsize": 1, "fname": None}, "fname"),
        ],
    )
    def test_a_malformed_field_is_named_in_the_final_words(
        self, msg_type, body, field, final_app, final_api
    ):
        person(final_app, "alice", is_admin=True)
        person(final_app, "bobby")
        media = {"media_id": "m", "media_crc32": 1, "fsize": 1} if msg_type == "voice" else {}

        reply = send(final_api, {**final(), "msg_type": msg_type, "msg_body": {**media, **body}})

        status, code, message = refusal(reply)
        assert (status, code) == (400, 899003)
        assert message.startswith(f"msg_body.{field}: ")

    def test_what_the_protocol_does_not_know_is_kept(self, api):
        body = {"content": "hello", "colour": "red", "nested": {"list": [1, None, {"x": "y"}]}}

        send(api, text(msg_body={**body, "nothing": None}))

        assert last(api)["msg_body"] == {**body, "text": "hello"}

    @pytest.mark.parametrize(
        ("told", "kept"),
        [
            ({"no_offline": True}, {"no_offline": True}),
            ({"no_offline": False, "no_notification": False}, {}),
            ({"no_notification": True}, {"no_notification": True}),
            (
                {"notification": {"title": "t", "alert": "a"}},
                {"notification": {"title": "t", "alert": "a"}},
            ),
            ({"notification": {"alert": None, "sound": "x"}}, {"notification": {}}),
        ],
    )
    def test_how_to_deliver_it_is_kept(self, told, kept, api):
        present = api.call("get", "/users/bobby/sync?after=now").json()["cursor"]
        send(api, text(**told))

        (row,) = api.call("get", f"/users/bobby/sync?after={present}").json()["messages"]
        names = ("no_offline", "no_notification", "notification")
        assert {name: row[name] for name in names if name in row} == kept


class TestSentTwice:
    def test_the_header_and_the_body_name_the_same_key(self, api):
        first = send(api, text(), HTTP_IDEMPOTENCY_KEY="one").json()

        assert send(api, text(client_msg_id="one")).json() == first
        assert send(api, text(client_msg_id="one"), HTTP_IDEMPOTENCY_KEY="one").json() == first

    @pytest.mark.parametrize("key", ["", "x" * 129, "schlüssel", "\x7f"])
    def test_a_key_is_printable_and_not_endless(self, key, app, api):
        reply = send(api, text(), HTTP_IDEMPOTENCY_KEY=key)

        assert refusal(reply)[:2] == (400, 899003)
        assert refusal(reply)[2].startswith("Idempotency-Key: ")
        assert not app.messages.exists()

    @pytest.mark.parametrize("key", ["x" * 128, "~ !", "0"])
    def test_a_key_may_be_any_printable_ascii(self, key, app, api):
        for _ in range(2):
            assert send(api, text(), HTTP_IDEMPOTENCY_KEY=key).status_code == 200

        assert app.messages.count() == 1

    @pytest.mark.parametrize("key", ["", "x" * 129, 7])
    def test_the_one_in_the_body_has_limits_too(self, key, api):
        status, code, message = refusal(send(api, text(client_msg_id=key)))

        assert (status, code) == (400, 899003)
        assert message.startswith("client_msg_id: ")

    def test_another_sender_may_use_the_same_key(self, app, api):
        first = send(api, text(), HTTP_IDEMPOTENCY_KEY="one").json()
        second = send(
            api, text(from_id="bobby", target_id="alice"), HTTP_IDEMPOTENCY_KEY="one"
        ).json()

        assert first != second
        assert app.messages.count() == 2


def test_ids_grow_and_have_eight_digits(api):
    ids = [send(api, text()).json()["msg_id"] for _ in range(3)]

    assert ids == sorted(set(ids))
    assert ids[0] >= 10_000_000
