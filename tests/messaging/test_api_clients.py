"""What users say and take back over the client API: the limits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.services.apps import start_log_epoch
from tests.conftest import session_of

CLOCK = "apps.core.pace.time.monotonic"
FRAME = len('{"text":""}')


def refusal(reply):
    return reply.status_code, reply.json()["error"]["code"]


def text(words="hello", **more):
    return {
        "target_type": "single",
        "target_id": "bobby",
        "msg_type": "text",
        "msg_body": {"text": words},
        **more,
    }


@pytest.fixture
def alice_s(alice, bobby):
    """Alice, in a session of hers."""
    return session_of(alice)


def send(session, message):
    return session.call("post", "/client/v1/messages", message)


def test_a_body_of_just_the_size_is_sent_and_one_byte_more_is_not(alice_s):
    assert send(alice_s, text("x" * (4096 - FRAME))).status_code == 201
    assert refusal(send(alice_s, text("x" * (4097 - FRAME)))) == (400, 803007)


def test_only_so_many_are_sent_in_a_minute(alice_s, bobby, settings, monkeypatch):
    settings.IM_CLIENT_SENDS_PER_MINUTE = 3
    monkeypatch.setattr(CLOCK, lambda: 1000.0)

    statuses = [send(alice_s, text()).status_code for _ in range(5)]
    assert statuses == [201, 201, 201, 429, 429]
    assert refusal(send(alice_s, text())) == (429, 803010)
    assert send(session_of(bobby), text(target_id="alice")).status_code == 201

    monkeypatch.setattr(CLOCK, lambda: 1020.0)
    assert [send(alice_s, text()).status_code for _ in range(2)] == [201, 429]


def test_what_the_app_s_server_may_say_of_a_sender_is_ignored(app, alice_s, carol):
    send(
        alice_s,
        text(
            version=7,
            from_id="carol",
            from_type="admin",
            create_time="yesterday",
            no_offline="nonsense",
        ),
    )

    row = alice_s.call("get", "/client/v1/sync").json()["messages"][-1]
    assert (row["from_id"], row["from_type"], row["version"]) == ("alice", "user", 1)
    assert isinstance(row["create_time"], int)


class TestRetracting:
    def test_it_is_too_late_after_three_minutes(self, app, alice_s):
        msg_id = send(alice_s, text()).json()["msg_id"]
        path = f"/client/v1/messages/{msg_id}/retract"
        app.messages.update(sent_at=timezone.now() - timedelta(seconds=181))
        assert refusal(alice_s.call("post", path)) == (403, 855001)

        app.messages.update(sent_at=timezone.now() - timedelta(seconds=170))
        assert alice_s.call("post", path).status_code == 204

    def test_its_body_is_gone_for_everybody(self, app, alice_s, api):
        msg_id = send(alice_s, text("a secret")).json()["msg_id"]
        alice_s.call("post", f"/client/v1/messages/{msg_id}/retract")

        for reply in (
            alice_s.call("get", "/client/v1/sync"),
            alice_s.call("get", "/client/v1/conversations"),
            api.call("get", "/users/bobby/sync"),
        ):
            assert reply.status_code == 200
            assert b"a secret" not in reply.content

    def test_another_app_s_message_is_absent(self, app, alice_s, mallory):
        msg_id = send(alice_s, text()).json()["msg_id"]

        reply = session_of(mallory).call("post", f"/client/v1/messages/{msg_id}/retract")

        assert refusal(reply) == (403, 855003)

    @pytest.mark.parametrize("msg_id", ["0", "-1", "x", str(2**53 + 1), "9" * 30, "%00"])
    def test_what_is_no_message_is_no_fault(self, msg_id, alice_s):
        status, _ = refusal(alice_s.call("post", f"/client/v1/messages/{msg_id}/retract"))

        assert status in {400, 403}


def test_a_cursor_is_outlived_by_a_restored_backup(app, alice_s):
    cursor = alice_s.call("get", "/client/v1/sync").json()["cursor"]
    start_log_epoch(app=app)
    alice_s.call("get", "/client/v1/me")

    assert refusal(alice_s.call("get", f"/client/v1/sync?after={cursor}")) == (410, 890002)


class TestReading:
    @pytest.fixture
    def talk(self, alice_s):
        send(alice_s, text())
        (thread,) = alice_s.call("get", "/client/v1/conversations").json()["conversations"]
        return thread["conversation_id"]

    def test_one_who_is_not_in_a_conversation_finds_none(self, talk, carol, mallory):
        for stranger in (carol, mallory):
            session = session_of(stranger)
            for method, path, body in (
                ("get", "messages", None),
                ("put", "read", {"msg_id": 1}),
                ("post", "typing", None),
            ):
                reply = session.call(method, f"/client/v1/conversations/{talk}/{path}", body)
                assert refusal(reply) == (403, 890006), path

    @pytest.mark.parametrize(
        "body", [None, [], {}, {"msg_id": "1"}, {"msg_id": True}, {"msg_id": 1.5}]
    )
    def test_how_far_one_has_read_is_a_number(self, body, talk, alice_s):
        reply = alice_s.call("put", f"/client/v1/conversations/{talk}/read", body)

        assert refusal(reply) == (400, 899003)

    def test_one_reads_forward_alone(self, talk, alice_s, bobby):
        first, second = (send(alice_s, text()).json()["msg_id"] for _ in range(2))
        session = session_of(bobby)
        path = f"/client/v1/conversations/{talk}/read"
        for msg_id in (second, first):
            assert session.call("put", path, {"msg_id": msg_id}).status_code == 204

        (thread,) = session.call("get", "/client/v1/conversations").json()["conversations"]
        assert thread["read_up_to"] == second
        assert thread["unread"] == 0
