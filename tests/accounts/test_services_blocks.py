"""The blacklist of a user."""

from functools import partial

import pytest

from apps.accounts.models import Block
from apps.accounts.services.blocks import block_users, unblock_users
from apps.core.errors import (
    ADMIN_NOT_BLOCKABLE,
    ALREADY_BLOCKED,
    NO_SUCH_USER,
    NOT_BLOCKED,
    PARAMETER_INVALID,
)
from tests.accounts.absent import ABSENT
from tests.conftest import refused
from tests.deletions import during_deletion_of, pause_at_deletion
from tests.threads import outcomes_at_once, refusals


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
            *((["carol", name], NO_SUCH_USER) for name in ABSENT),
        ],
        ids=str,
    )
    def test_with_one_that_cannot_be_blocked_none_is(
        self, app, alice, bobby, carol, mallory, names, code
    ):
        block_users(app=app, owner=carol, usernames=["bobby"])

        assert refused(block_users, app=app, owner=carol, usernames=names) is code
        assert blocked_by(carol) == ["bobby"]

    @pytest.mark.parametrize(
        ("names", "code"),
        [(["bobby", "carol"], NOT_BLOCKED), (["bobby", "nobody"], NO_SUCH_USER)],
        ids=str,
    )
    def test_with_one_that_cannot_be_unblocked_none_is(self, app, alice, bobby, carol, names, code):
        block_users(app=app, owner=alice, usernames=["bobby"])

        assert refused(unblock_users, app=app, owner=alice, usernames=names) is code
        assert blocked_by(alice) == ["bobby"]

    def test_the_list_has_a_limit(self, app, alice, bobby, carol, settings):
        settings.IM_RELATIONS_PER_USER = 1
        block_users(app=app, owner=alice, usernames=["bobby"])

        assert refused(block_users, app=app, owner=alice, usernames=["carol"]) is PARAMETER_INVALID
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
        pause = pause_at_deletion(monkeypatch)
        both = partial(block_users, app=app, owner=alice, usernames=["bobby", "carol"])

        assert during_deletion_of(deleted, app, pause, both) is NO_SUCH_USER
        assert not Block.objects.exists()
