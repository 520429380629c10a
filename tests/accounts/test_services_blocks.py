"""The blacklist of a user."""

from functools import partial

import pytest

from apps.accounts.models import Block
from apps.accounts.services.blocks import block_users, unblock_users
from apps.accounts.services.users import delete_users
from apps.core.errors import (
    ADMIN_NOT_BLOCKABLE,
    ALREADY_BLOCKED,
    NO_SUCH_USER,
    NOT_BLOCKED,
    PARAMETER_INVALID,
    ImError,
)
from tests.threads import Session, outcomes_at_once, pause_before, refusals, until_waiting


def blocked_by(owner) -> list[str]:
    return [block.blocked.username for block in owner.blocks.in_list_order()]


@pytest.mark.django_db
class TestBlocking:
    def test_they_stand_in_the_order_of_blocking(self, app, alice, bobby, carol):
        block_users(app=app, owner=alice, usernames=["carol"])
        block_users(app=app, owner=alice, usernames=["bobby"])

        assert blocked_by(alice) == ["carol", "bobby"]
        unblock_users(app=app, owner=alice, usernames=["carol", "bobby"])
        assert blocked_by(alice) == []

    @pytest.mark.parametrize(
        ("names", "code"),
        [
            (["carol", "bobby"], ALREADY_BLOCKED),
            (["carol", "alice"], ADMIN_NOT_BLOCKABLE),
            (["carol", "nobody"], NO_SUCH_USER),
            (["carol", "mallory"], NO_SUCH_USER),
            (["carol", "ca\0rol"], NO_SUCH_USER),
        ],
        ids=str,
    )
    def test_with_one_that_cannot_be_blocked_none_is(
        self, app, alice, bobby, carol, mallory, names, code
    ):
        block_users(app=app, owner=carol, usernames=["bobby"])

        with pytest.raises(ImError) as caught:
            block_users(app=app, owner=carol, usernames=names)

        assert caught.value.code is code
        assert blocked_by(carol) == ["bobby"]

    @pytest.mark.parametrize(
        ("names", "code"),
        [(["bobby", "carol"], NOT_BLOCKED), (["bobby", "nobody"], NO_SUCH_USER)],
        ids=str,
    )
    def test_with_one_that_cannot_be_unblocked_none_is(self, app, alice, bobby, carol, names, code):
        block_users(app=app, owner=alice, usernames=["bobby"])

        with pytest.raises(ImError) as caught:
            unblock_users(app=app, owner=alice, usernames=names)

        assert caught.value.code is code
        assert blocked_by(alice) == ["bobby"]

    def test_the_list_has_a_limit(self, app, alice, bobby, carol, settings):
        settings.IM_RELATIONS_PER_USER = 1
        block_users(app=app, owner=alice, usernames=["bobby"])

        with pytest.raises(ImError) as caught:
            block_users(app=app, owner=alice, usernames=["carol"])

        assert caught.value.code is PARAMETER_INVALID
        assert blocked_by(alice) == ["bobby"]

    def test_users_of_another_app_are_named_with_it(self, app, alice, other_app, mallory):
        block_users(app=app, owner=alice, usernames=["mallory"], of=other_app)
        assert blocked_by(alice) == ["mallory"]

        unblock_users(app=app, owner=alice, usernames=["mallory"], of=other_app)
        assert blocked_by(alice) == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_blocked_at_once_is_blocked_once(self, app, alice, bobby):
        block = partial(block_users, app=app, owner=alice, usernames=["bobby"])

        outcomes = outcomes_at_once(*[block] * 6)

        assert [error.code for error in refusals(outcomes)] == [ALREADY_BLOCKED] * 5
        assert Block.objects.count() == 1

    @pytest.mark.parametrize("deleted", ["alice", "bobby"])
    def test_who_is_being_deleted_cannot_block_or_be_blocked(
        self, app, alice, bobby, carol, monkeypatch, deleted
    ):
        pause = pause_before(monkeypatch, "apps.groups.receivers.leave_all_groups")
        names = ["bobby", "carol"]
        with Session() as deleter, Session() as blocker:
            deletion = deleter.start(delete_users, app=app, usernames=[deleted])
            pause.until_reached()
            blocking = blocker.start(block_users, app=app, owner=alice, usernames=names)
            until_waiting()
            pause.go_on()
            deletion.result(30)
            with pytest.raises(ImError) as caught:
                blocking.result(30)

        assert caught.value.code is NO_SUCH_USER
        assert not Block.objects.exists()
