"""What a request may ask of the database, whatever the number of rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.services.blocks import block_users
from apps.accounts.services.friends import add_friends
from apps.groups.services.chatrooms import NewChatroom, create_chatroom
from apps.groups.services.groups import NewGroup, create_group
from apps.groups.services.members import change_members
from tests.conftest import person


def statements(api, method, path, body=None, **headers):
    """What one request asks, once its app is known to the process."""
    api.call("get", "/v1/users/nobody")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = api.call(method, path, body, **headers)
    assert answer.status_code in {200, 201, 204}, answer.content
    # A test's own transaction turns the service's into savepoints, which production does not have.
    return [
        query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"].upper()
    ]


def text(sender, target, target_type="single"):
    return {
        "version": 1,
        "target_type": target_type,
        "target_id": str(target),
        "from_type": "user",
        "from_id": sender,
        "msg_type": "text",
        "msg_body": {"content": "hello"},
    }


@pytest.fixture
def uncounted(app):
    """The app without a call limit: counting is its own affair, and its own query."""
    app.calls_per_minute = 0
    app.save(update_fields=["calls_per_minute"])


@pytest.fixture
def uncounted_final(final_app):
    """The same of the final API, with an alice of its own."""
    final_app.calls_per_minute = 0
    final_app.save(update_fields=["calls_per_minute"])
    person(final_app, "alice", is_admin=True)
    return final_app


@pytest.mark.usefixtures("uncounted", "alice", "bobby")
class TestSends:
    def test_the_first_message_of_a_pair_is_two_statements(self, api):
        assert len(statements(api, "post", "/messages", text("alice", "bobby"))) == 2

    def test_every_later_one_is_a_single_statement(self, api):
        api.call("post", "/messages", text("alice", "bobby"))

        assert len(statements(api, "post", "/messages", text("bobby", "alice"))) == 1

    def test_one_to_a_group_is_a_single_statement(self, api, group):
        message = text("bobby", group.pk, "group")

        assert len(statements(api, "post", "/messages", message)) == 1

    def test_one_to_a_chatroom_is_a_single_statement(self, final_api, uncounted_final):
        room = create_chatroom(
            app=uncounted_final, new=NewChatroom(owner_username="alice", name="square")
        )
        message = {
            **text("alice", room.pk, "chatroom"),
            "from_type": "admin",
            "msg_body": {"text": "hello"},
        }

        assert len(statements(final_api, "post", "/v1/messages", message)) == 1

    def test_an_idempotency_key_adds_none(self, api):
        api.call("post", "/messages", text("alice", "bobby"))
        asked = statements(
            api, "post", "/messages", text("alice", "bobby"), HTTP_IDEMPOTENCY_KEY="once"
        )

        assert len(asked) == 1


@pytest.mark.usefixtures("uncounted")
@pytest.mark.parametrize("rows", [1, 20])
class TestLists:
    @pytest.fixture
    def world(self, app, rows):
        people = [person(app, f"person{place:02}") for place in range(rows + 1)]
        names = [user.username for user in people]
        groups = [
            create_group(app=app, new=NewGroup(owner_username=names[0], name=f"group{place}"))
            for place in range(rows)
        ]
        change_members(app=app, gid=groups[0].pk, add=names[1:])
        add_friends(app=app, owner=people[0], usernames=names[1:])
        block_users(app=app, owner=people[0], usernames=names[1:])
        rooms = [
            create_chatroom(
                app=app,
                new=NewChatroom(
                    owner_username=names[0], name=f"room{place}", members_username=names
                ),
            )
            for place in range(rows)
        ]
        return {"name": names[0], "gid": groups[0].pk, "room": rooms[0].pk}

    @pytest.mark.parametrize(
        ("path", "at_most"),
        [
            ("/users", 2),
            ("/users?disabled=false&username_prefix=person", 2),
            ("/groups", 2),
            ("/groups/{gid}/members", 2),
            ("/users/{name}/groups", 2),
            ("/users/{name}/friends", 2),
            ("/users/{name}/blacklist", 2),
            ("/users/{name}/sync", 3),
            ("/chatroom", 2),
            ("/chatroom/{room}/members", 3),
            ("/users/{name}/chatroom", 2),
            ("/v1/messages?count=20", 2),
            ("/v1/messages?start=1&count=20", 3),
            (
                "/v2/messages?count=20&begin_time=2026-01-01+00:00:00&end_time=2026-01-07+00:00:00",
                2,
            ),
            (
                "/v2/users/{name}/messages"
                "?count=20&begin_time=2026-01-01+00:00:00&end_time=2026-01-07+00:00:00",
                3,
            ),
        ],
    )
    def test_a_list_asks_as_often_for_twenty_rows_as_for_one(self, api, world, path, at_most):
        asked = statements(api, "get", path.format(**world))

        assert len(asked) <= at_most, asked


@pytest.mark.usefixtures("uncounted")
def test_registering_a_batch_asks_as_often_as_registering_one(api):
    one = [{"username": "lonely", "password": "secret"}]
    many = [{"username": f"member{place:03}", "password": "secret"} for place in range(100)]

    # The last two of them are for the statistics and for webhooks.
    assert len(statements(api, "post", "/users", one)) == 4
    assert len(statements(api, "post", "/users", many)) == 4


@pytest.mark.usefixtures("uncounted", "alice")
def test_reading_a_user_is_one_statement(api):
    assert len(statements(api, "get", "/users/alice")) == 1
