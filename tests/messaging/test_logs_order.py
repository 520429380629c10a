"""Several logs at once: whoever writes and comes and goes meanwhile, all tell the same in the same order."""

from collections.abc import Callable
from functools import partial

import pytest

from apps.accounts.models import User
from apps.accounts.services.users import delete_users
from apps.core.models import App
from apps.core.services.cross_app_grants import grant_cross_app
from apps.groups.models import Group
from apps.groups.services.members import MemberChange, change_members_across
from apps.messaging import log
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message
from apps.messaging.sync import read_since
from tests.conftest import person
from tests.messaging.test_services_across import text
from tests.threads import Session, at_once, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def granted(app: App, other_app: App) -> None:
    grant_cross_app(app=app, target=other_app)
    grant_cross_app(app=other_app, target=app)


def come(group: Group, app: App, *names: str) -> None:
    change = MemberChange(app=app, add=names)
    change_members_across(app=group.app, gid=group.pk, changes=[change])


def heard(user: User) -> list[str]:
    page = read_since(app=user.app, user=user, cursor=None, limit=500)
    return [row.body["text"] for row in page.messages if row.msg_type == "text"]


def send_while_the_first_of_another_app_comes(group: Group, app: App, other_app: App) -> None:
    """The send has begun, and waits for the log, when the member of the other app is committed."""
    with Session() as one, Session() as two:
        one.begin()
        one.run(come, group, other_app, "mallory")
        sending = two.start(send_message, app=app, draft=text("alice", group, said="in between"))
        until_waiting()
        one.commit()
        sending.result(30)


def test_a_send_that_began_before_the_group_spanned_apps_reaches_who_came(
    app, other_app, alice, mallory, group
):
    send_while_the_first_of_another_app_comes(group, app, other_app)

    assert heard(alice) == heard(mallory) == ["in between"]


def test_it_would_not_without_the_look_at_what_was_committed_meanwhile(
    app, other_app, alice, mallory, group, monkeypatch
):
    blind = log._TO_GROUP.replace("messaging_spans_apps(%(gid)s)", "FALSE")
    assert blind != log._TO_GROUP
    monkeypatch.setattr(log, "_TO_GROUP", blind)

    send_while_the_first_of_another_app_comes(group, app, other_app)

    assert heard(alice) == ["in between"]
    assert heard(mallory) == []


@pytest.mark.usefixtures("granted")
def test_both_logs_tell_what_is_sent_both_ways_at_once_in_one_order(app, other_app, alice, mallory):
    def many(sender: User, target: User) -> None:
        for number in range(15):
            said = f"{sender.username} {number}"
            send_message(
                app=sender.app, draft=text(sender.username, target.username, target.app, said)
            )

    at_once(*[partial(many, alice, mallory), partial(many, mallory, alice)] * 3)

    assert len(heard(alice)) == 90
    assert heard(alice) == heard(mallory)
    for each in (app, other_app):
        rows = list(each.messages.order_by("pk"))
        assert [row.sent_at for row in rows] == sorted(row.sent_at for row in rows)


@pytest.mark.usefixtures("granted")
def test_a_send_within_either_app_waits_for_one_across(app, other_app, alice, bobby, mallory):
    with Session() as one, Session() as two, Session() as three:
        one.begin()
        one.run(send_message, app=app, draft=text("alice", "mallory", other_app, "first"))
        ours = two.start(send_message, app=app, draft=text("bobby", "alice", said="second"))
        theirs = three.start(send_message, app=other_app, draft=text("mallory", "mallory"))
        until_waiting(2)
        assert not ours.done()
        assert not theirs.done()
        one.commit()
        ours.result(30)
        theirs.result(30)

    assert heard(alice) == ["first", "second"]


@pytest.mark.usefixtures("granted")
def test_tries_of_one_message_at_once_store_it_once_in_each_log(app, other_app, alice, mallory):
    once = text("alice", "mallory", other_app, idempotency_key="k1")

    answers = at_once(*[partial(send_message, app=app, draft=once)] * 6)

    assert len(set(answers)) == 1
    assert Message.objects.count() == 2
    assert heard(alice) == heard(mallory) == ["hi"]


def test_members_of_both_apps_are_deleted_while_others_send_and_nothing_waits_in_a_circle(
    app, other_app, alice, bobby, mallory, group
):
    names = [f"user{number}" for number in range(4)]
    for each in (app, other_app):
        for name in names:
            person(each, name)
    come(group, other_app, "mallory", *names)
    come(group, app, *names)

    def talk(sender: str, of: App) -> None:
        for number in range(10):
            send_message(app=of, draft=text(sender, group, app, f"{sender} {number}"))

    jobs: list[Callable[[], None]] = [
        partial(delete_users, app=each, usernames=[name])
        for name in names
        for each in (app, other_app)
    ]
    jobs += [partial(talk, "bobby", app), partial(talk, "mallory", other_app)]
    at_once(*jobs)

    assert heard(alice) == heard(bobby) == heard(mallory)
    assert len(heard(alice)) == 20
    left = group.members.order_by("pk").values_list("user__username", flat=True)
    assert list(left) == ["alice", "bobby", "mallory"]


def test_the_owners_of_both_apps_are_deleted_at_once_and_the_rest_keep_the_group(
    app, other_app, alice, bobby, mallory, group
):
    come(group, other_app, "mallory")

    at_once(
        partial(delete_users, app=app, usernames=["alice"]),
        partial(delete_users, app=other_app, usernames=["mallory"]),
    )

    group.refresh_from_db()
    assert group.owner == bobby
    assert group.dissolved_at is None
