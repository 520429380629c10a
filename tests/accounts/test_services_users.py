"""Users: registered one by one or at once, changed, disabled, deleted."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest

from apps.accounts import passwords, signals
from apps.accounts.models import User
from apps.accounts.services.users import (
    Registration,
    delete_users,
    disable_users,
    enable_users,
    register_user,
    register_users,
    set_password,
    update_user,
)
from apps.accounts.signals import UsersChanged
from apps.core.errors import NO_SUCH_USER, USER_EXISTS, ImError
from apps.core.models import App
from tests.conftest import PASSWORD, person
from tests.threads import Session, at_once, until_waiting


def batch(*names: str, nickname: str = "") -> list[Registration]:
    return [Registration(username=name, password=PASSWORD, nickname=nickname) for name in names]


def register(app: App, *names: str, nickname: str = "") -> list[int | None]:
    return register_users(app=app, registrations=batch(*names, nickname=nickname))


def names_of(app: App) -> list[str]:
    return list(app.users.in_list_order().values_list("username", flat=True))


class VetoError(Exception):
    """What a receiver says no with."""


@pytest.fixture
def news() -> Iterator[list[tuple[str, UsersChanged]]]:
    """What is announced of users."""
    told: list[tuple[str, UsersChanged]] = []
    listeners: list[tuple[Any, Callable[..., None]]] = []
    for name in ("users_registered", "users_disabled", "users_enabled", "users_deleted"):

        def note(*, event: UsersChanged, name: str = name, **more: Any) -> None:
            told.append((name, event))

        signal = getattr(signals, name)
        signal.connect(note)
        listeners.append((signal, note))
    yield told
    for signal, note in listeners:
        signal.disconnect(note)


@pytest.fixture
def veto(request: pytest.FixtureRequest) -> Iterator[None]:
    """A receiver of the named signal that raises."""
    signal = getattr(signals, request.param)

    def refuse(**news: Any) -> None:
        raise VetoError

    signal.connect(refuse)
    yield
    signal.disconnect(refuse)


@pytest.mark.django_db
class TestRegistration:
    def test_each_row_gets_its_user_s_id_in_order(self, app):
        ids = register(app, "carol", "alice", "bobby")

        assert [app.users.get(pk=pk).username for pk in ids] == ["carol", "alice", "bobby"]

    def test_a_name_that_is_taken_gets_none_and_keeps_its_user(self, app, alice):
        assert register(app, "bobby", "alice", nickname="new")[1] is None

        alice.refresh_from_db()
        assert alice.nickname == ""
        assert app.users.get(username="bobby").nickname == "new"

    def test_a_name_given_twice_goes_to_the_first(self, app):
        rows = [*batch("alice", nickname="first"), *batch("bobby"), *batch("alice")]

        ids = register_users(app=app, registrations=rows)

        assert [pk is None for pk in ids] == [False, False, True]
        assert app.users.get(username="alice").nickname == "first"

    def test_names_differ_by_case(self, app):
        assert None not in register(app, "alice", "Alice", "ALICE")

    def test_two_apps_may_have_the_same_names(self, app, other_app):
        register(app, "alice")

        assert register(other_app, "alice") != [None]
        assert names_of(app) == names_of(other_app) == ["alice"]

    def test_every_field_is_kept(self, app):
        full = Registration(
            username="alice",
            password=PASSWORD,
            is_admin=True,
            nickname="Ali 爱",
            avatar="qiniu/image/1",
            birthday=date(1, 2, 3),
            gender=2,
            signature="line\nline",
            region="深圳",
            address="12, 'quoted' \"street\" \\ %s",
            star=-(2**31),
            extras={"a": [1, None, {"b": 1.5}]},
        )

        user = register_user(app=app, registration=full)

        for name in ("username", "is_admin", "nickname", "avatar", "birthday", "gender"):
            assert getattr(user, name) == getattr(full, name)
        for name in ("signature", "region", "address", "star", "extras"):
            assert getattr(user, name) == getattr(full, name)

    def test_the_password_is_kept_as_a_hash_that_it_matches(self, app):
        user = person(app, "alice")

        assert user.password_hash.startswith("argon2$argon2id$")
        assert passwords.matches(PASSWORD, user.password_hash)
        assert not passwords.matches(PASSWORD + " ", user.password_hash)

    def test_two_users_of_one_password_have_different_hashes(self, app):
        assert person(app, "alice").password_hash != person(app, "bobby").password_hash

    def test_names_that_are_taken_cost_no_hash(self, app, alice, monkeypatch):
        hashed: list[str] = []
        hash_all = passwords.hash_all

        def count(clear: Any) -> list[str]:
            hashed.extend(clear := list(clear))
            return hash_all(clear)

        monkeypatch.setattr(passwords, "hash_all", count)
        register(app, "alice", "bobby", "alice", "bobby")

        assert len(hashed) == 1

    def test_a_batch_is_two_statements_and_one_for_each_who_hears_of_it(
        self, app, django_assert_num_queries
    ):
        heard_by = 2  # webhooks and statistics
        with django_assert_num_queries(4 + heard_by):  # and the savepoint of the transaction
            register(app, *(f"user{number}" for number in range(50)))

    def test_nobody_to_register_is_nothing_to_do(self, app, news):
        assert register(app) == []
        assert news == []

    def test_one_of_a_taken_name_is_refused(self, app, alice):
        with pytest.raises(ImError) as caught:
            person(app, "alice")

        assert caught.value.code is USER_EXISTS

    def test_only_those_registered_are_announced(self, app, alice, news):
        ids = register(app, "david", "alice", "bobby")

        assert news == [
            ("users_registered", UsersChanged(app.pk, tuple(sorted(filter(None, ids)))))
        ]

    @pytest.mark.parametrize("veto", ["users_registered"], indirect=True)
    @pytest.mark.usefixtures("veto")
    def test_a_receiver_that_raises_undoes_the_batch(self, app):
        with pytest.raises(VetoError):
            register(app, "alice", "bobby")

        assert names_of(app) == []


@pytest.mark.django_db(transaction=True)
class TestRegistrationAtOnce:
    def test_of_the_same_names_in_any_order_each_is_registered_once(self, app):
        names = [f"user{number:02}" for number in range(60)]
        shuffled = [random.Random(seed).sample(names, len(names)) for seed in range(8)]  # noqa: S311

        results = at_once(*(partial(register, app, *order) for order in shuffled))

        assert sorted(names_of(app)) == names
        won = [
            name
            for order, ids in zip(shuffled, results, strict=True)
            for name, pk in zip(order, ids, strict=True)
            if pk is not None
        ]
        assert sorted(won) == names

    def test_batches_of_opposite_orders_do_not_wait_for_each_other_in_a_circle(self, app):
        with Session() as holder, Session() as one, Session() as two:
            holder.begin()
            holder.run(register, app, "mona")  # holds both others up in their middle
            forwards = one.start(register, app, "alice", "mona", "zora")
            backwards = two.start(register, app, "zora", "mona", "alice")
            until_waiting(2)
            holder.commit()
            forwards.result(30)
            backwards.result(30)

        assert sorted(names_of(app)) == ["alice", "mona", "zora"]

    def test_a_name_goes_to_whoever_commits_it(self, app):
        with Session() as one, Session() as two:
            one.begin()
            one.run(register, app, "bobby", "alice")
            other = two.start(register, app, "alice", "carol", "bobby", nickname="second")
            until_waiting()
            one.commit()
            ids = other.result(30)

        assert [pk is None for pk in ids] == [True, False, True]
        assert not app.users.exclude(username="carol").filter(nickname="second").exists()

    def test_a_name_that_was_not_committed_is_free(self, app):
        with Session() as one, Session() as two:
            one.begin()
            one.run(register, app, "bobby", "alice")
            other = two.start(register, app, "alice", "bobby")
            until_waiting()
            one.undo()
            ids = other.result(30)

        assert None not in ids
        assert sorted(names_of(app)) == ["alice", "bobby"]

    def test_apps_do_not_wait_for_each_other(self, app, other_app):
        with Session() as one, Session() as two:
            one.begin()
            one.run(register, app, "alice")

            assert two.run(register, other_app, "alice") != [None]

            one.commit()


@pytest.mark.django_db
class TestChanges:
    def test_only_the_given_fields_change(self, app, alice):
        update_user(app=app, username="alice", changes={"nickname": "Ali"})
        update_user(app=app, username="alice", changes={"gender": 1, "extras": {"a": 1}})

        before, alice = alice, app.users.get(pk=alice.pk)
        assert (alice.nickname, alice.gender, alice.extras) == ("Ali", 1, {"a": 1})
        assert alice.password_hash == before.password_hash
        assert alice.updated_at > before.updated_at

    @pytest.mark.parametrize("name", ["nobody", "mallory", "Alice", "ali\0ce", ""])
    def test_nobody_else_is_changed(self, app, alice, mallory, name):
        for change in (
            partial(update_user, changes={"nickname": "x"}),
            partial(set_password, password="another"),
        ):
            with pytest.raises(ImError) as caught:
                change(app=app, username=name)
            assert caught.value.code is NO_SUCH_USER

        assert not User.objects.filter(nickname="x").exists()

    def test_a_new_password_replaces_the_one_before(self, app, alice):
        set_password(app=app, username="alice", password="battery staple")

        alice.refresh_from_db()
        assert passwords.matches("battery staple", alice.password_hash)
        assert not passwords.matches(PASSWORD, alice.password_hash)

    @pytest.mark.parametrize("veto", ["password_changed"], indirect=True)
    @pytest.mark.usefixtures("veto")
    def test_a_receiver_that_raises_keeps_the_password_before(self, app, alice):
        with pytest.raises(VetoError):
            set_password(app=app, username="alice", password="battery staple")

        alice.refresh_from_db()
        assert passwords.matches(PASSWORD, alice.password_hash)

    def test_disabling_and_enabling_count_and_announce_those_concerned(
        self, app, alice, bobby, mallory, news
    ):
        both = User.objects.filter(pk__in=[alice.pk, bobby.pk, mallory.pk])
        one = User.objects.filter(pk=alice.pk)
        news.clear()

        assert disable_users(app=app, users=one) == 1
        assert disable_users(app=app, users=both) == 1
        assert disable_users(app=app, users=both) == 0
        assert enable_users(app=app, users=both) == 2
        assert enable_users(app=app, users=both) == 0

        assert [(name, event.user_ids) for name, event in news] == [
            ("users_disabled", (alice.pk,)),
            ("users_disabled", (bobby.pk,)),
            ("users_enabled", (alice.pk, bobby.pk)),
        ]
        mallory.refresh_from_db()
        assert mallory.disabled_at is None, "of another app"


@pytest.mark.django_db
class TestDeletion:
    def test_all_of_them_go(self, app, alice, bobby, carol, news):
        news.clear()

        delete_users(app=app, usernames=["carol", "alice"])

        assert names_of(app) == ["bobby"]
        assert news == [("users_deleted", UsersChanged(app.pk, (alice.pk, carol.pk)))]

    @pytest.mark.parametrize("missing", ["nobody", "mallory", "ali\0ce", ""])
    def test_one_that_is_missing_keeps_all(self, app, alice, bobby, mallory, missing):
        with pytest.raises(ImError) as caught:
            delete_users(app=app, usernames=["alice", missing, "bobby"])

        assert caught.value.code is NO_SUCH_USER
        assert str(caught.value) == f"No such user: {missing}"
        assert names_of(app) == ["alice", "bobby"]
        assert User.objects.filter(pk=mallory.pk).exists()

    @pytest.mark.parametrize("veto", ["users_deleted"], indirect=True)
    @pytest.mark.usefixtures("veto")
    def test_a_receiver_that_raises_keeps_them_and_their_groups(self, app, group):
        with pytest.raises(VetoError):
            delete_users(app=app, usernames=["alice", "bobby"])

        assert names_of(app) == ["alice", "bobby"]
        assert group.members.count() == 2
        assert app.messages.count() == 1

    def test_receivers_can_still_read_the_rows(self, app, alice):
        seen: list[str] = []

        def read(*, event: UsersChanged, **more: Any) -> None:
            seen.extend(User.objects.get(pk=pk).username for pk in event.user_ids)

        signals.users_deleted.connect(read)
        try:
            delete_users(app=app, usernames=["alice"])
        finally:
            signals.users_deleted.disconnect(read)

        assert seen == ["alice"]

    def test_their_blocks_go_with_them(self, app, alice, bobby, carol):
        alice.blocks.create(blocked=bobby)
        bobby.blocks.create(blocked=carol)
        carol.blocks.create(blocked=bobby)

        delete_users(app=app, usernames=["bobby"])

        assert not alice.blocks.exists()
        assert not carol.blocks.exists()

    def test_the_name_can_be_taken_again_by_somebody_else(self, app, alice):
        delete_users(app=app, usernames=["alice"])

        again = person(app, "alice")

        assert again.pk != alice.pk
        assert not again.is_admin
