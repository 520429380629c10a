"""Groups over the client API: the limits that the app's own server meets too."""

import pytest

from apps.core.services.apps import update_app
from apps.groups.models import GroupKind
from tests.conftest import person, session_of


def refusal(reply):
    return reply.status_code, reply.json()["error"]["code"]


@pytest.fixture
def opened(group):
    """Alice's group, for everybody to join."""
    group.kind = GroupKind.PUBLIC
    group.save(update_fields=["kind"])
    return group


class TestAFullGroup:
    @pytest.fixture(autouse=True)
    def full(self, app, opened):
        """With alice and bobby in it, it has its size."""
        app.max_group_members = 2
        update_app(app=app)
        app.groups.update(max_members=2)

    def test_nobody_joins_it(self, opened, carol):
        reply = session_of(carol).call("post", f"/client/v1/groups/{opened.pk}/join")

        assert refusal(reply) == (403, 899012)

    def test_nobody_is_added_to_it(self, opened, alice, carol):
        path = f"/client/v1/groups/{opened.pk}/members"

        assert refusal(session_of(alice).call("post", path, {"add": ["carol"]})) == (403, 899012)

    def test_none_is_made_larger(self, alice, carol):
        body = {"name": "three", "members_username": ["bobby", "carol"]}

        assert refusal(session_of(alice).call("post", "/client/v1/groups", body)) == (403, 899012)


class TestSomebodyInAsManyGroupsAsAllowed:
    @pytest.fixture(autouse=True)
    def busy(self, app, opened):
        """Which alice and bobby are."""
        app.max_groups_per_user = 1
        update_app(app=app)

    def test_makes_no_other(self, bobby):
        reply = session_of(bobby).call("post", "/client/v1/groups", {"name": "another"})

        assert refusal(reply) == (403, 899015)

    def test_is_added_to_no_other(self, carol, bobby):
        session = session_of(carol)
        gid = session.call("post", "/client/v1/groups", {"name": "another"}).json()["gid"]

        reply = session.call("post", f"/client/v1/groups/{gid}/members", {"add": ["bobby"]})

        assert refusal(reply) == (403, 899015)

    def test_joins_no_other(self, app, bobby, carol):
        body = {"name": "another", "flag": 2}
        gid = session_of(carol).call("post", "/client/v1/groups", body).json()["gid"]

        reply = session_of(bobby).call("post", f"/client/v1/groups/{gid}/join")

        assert refusal(reply) == (403, 899015)


def test_a_list_of_groups_is_one_s_own_alone(app, opened, alice, carol):
    assert session_of(carol).call("get", "/client/v1/groups").json() == {"groups": []}
    assert (
        session_of(alice).call("get", "/client/v1/groups").json()["groups"][0]["gid"] == opened.pk
    )


def test_a_private_group_is_absent_for_who_is_not_in_it(group, carol):
    session = session_of(carol)

    for method, path, body in (
        ("get", "", None),
        ("get", "/members", None),
        ("put", "", {"name": "x"}),
        ("delete", "", None),
        ("post", "/members", {"add": ["carol"]}),
    ):
        reply = session.call(method, f"/client/v1/groups/{group.pk}{path}", body)
        assert refusal(reply) == (403, 899006), (method, path)


def test_who_joins_reads_from_there_on(app, opened, alice):
    speaker = session_of(alice)
    message = {
        "target_type": "group",
        "target_id": str(opened.pk),
        "msg_type": "text",
        "msg_body": {"text": "before"},
    }
    speaker.call("post", "/client/v1/messages", message)
    newcomer = session_of(person(app, "newcomer"))
    newcomer.call("post", f"/client/v1/groups/{opened.pk}/join")
    speaker.call("post", "/client/v1/messages", {**message, "msg_body": {"text": "after"}})

    rows = newcomer.call("get", "/client/v1/sync").json()["messages"]

    assert [row["msg_body"].get("event_type", row["msg_body"].get("text")) for row in rows] == [
        "add_members",
        "after",
    ]
