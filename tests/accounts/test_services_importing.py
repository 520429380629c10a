"""Users of another service come in: row by row, with their passwords or what is left of them."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.accounts import passwords
from apps.accounts.services.importing import USERS, wrap_imported_passwords
from apps.accounts.services.sessions import log_in
from apps.accounts.services.users import set_password
from apps.accounts.signals import users_registered
from apps.core.errors import LOGIN_FAILED, USER_DISABLED, USER_EXISTS, ImError
from apps.core.importing import Row
from tests.conftest import person

MD5 = hashlib.md5(b"old secret", usedforsecurity=False).hexdigest()


def rows(*values):
    return [Row(number, told) for number, told in enumerate(values, 1)]


def bring(app, *values, **more):
    return USERS.run(app, rows(*values), **more)


def knock(app, username, password):
    return log_in(
        app=app,
        username=username,
        password=password,
        platform="a",
        device_id="",
        address="192.0.2.1",
    )


def test_everything_a_user_had_comes_along(app):
    (outcome,) = bring(
        app,
        {
            "username": "fang",
            "password": "secret",
            "nickname": "Fang",
            "avatar": "qiniu/image/j/7C21",
            "birthday": "1990-01-24 00:00:00",
            "gender": "2",
            "signature": "orz",
            "region": "深圳",
            "address": "Shenzhen",
            "star": 3,
            "extras": '{"level": 3}',
            "is_admin": "true",
            "ctime": "2015-02-13 10:00:00",
            "mtime": 1424000000,
        },
    )

    assert (outcome.number, outcome.key, outcome.code) == (1, "fang", 0)
    user = app.users.by_username("fang")
    assert (user.nickname, user.avatar, user.signature) == ("Fang", "qiniu/image/j/7C21", "orz")
    assert (user.birthday, user.gender, user.star) == (date(1990, 1, 24), 2, 3)
    assert (user.region, user.address, user.extras) == ("深圳", "Shenzhen", {"level": 3})
    assert user.is_admin
    assert user.disabled_at is None
    assert user.created_at == datetime(2015, 2, 13, 2, tzinfo=UTC)  # told in the app's zone
    assert user.updated_at == datetime(2015, 2, 15, 11, 33, 20, tzinfo=UTC)


def test_a_page_of_the_api_is_taken_as_it_is(app, final_api, final_app):
    person(final_app, "fang", nickname="Fang", gender=0, extras={}, birthday=date(1990, 1, 24))
    page = final_api.call("GET", "/v1/users").json()

    (outcome,) = bring(app, *page["users"])

    assert outcome.error is None
    moved = app.users.by_username("fang")
    assert (moved.nickname, moved.gender, moved.extras) == ("Fang", 0, {})


def test_each_row_stands_for_itself_and_the_first_of_a_name_wins(app):
    person(app, "alice", nickname="before")

    outcomes = bring(
        app,
        {"username": "alice", "nickname": "after"},
        {"username": "bobby", "nickname": "first"},
        {"username": "bo"},
        {"username": "bobby", "nickname": "second"},
        {"username": "carol"},
    )

    assert [(one.number, one.key, one.code) for one in outcomes] == [
        (1, "alice", USER_EXISTS.number),
        (2, "bobby", 0),
        (3, "bo", 899003),
        (4, "bobby", USER_EXISTS.number),
        (5, "carol", 0),
    ]
    assert app.users.by_username("alice").nickname == "before"
    assert app.users.by_username("bobby").nickname == "first"


def test_lists_keep_the_order_of_the_file(app):
    bring(app, *({"username": name} for name in ("zoe1", "adam", "mary")))

    assert [user.username for user in app.users.in_list_order()] == ["zoe1", "adam", "mary"]


def test_the_same_rows_again_change_nothing(app):
    told = [{"username": "alice", "nickname": "A"}, {"username": "bobby", "password_md5": MD5}]
    bring(app, *told)
    before = list(app.users.order_by("pk").values())

    outcomes = bring(app, *told)

    assert [one.code for one in outcomes] == [USER_EXISTS.number] * 2
    assert list(app.users.order_by("pk").values()) == before


def test_a_dry_run_says_the_same_and_stores_nothing(app):
    told = [{"username": "alice"}, {"username": "bo"}, {"username": "alice"}]

    tried = bring(app, *told, dry_run=True)

    assert not app.users.exists()
    assert [one.code for one in tried] == [one.code for one in bring(app, *told)]


def test_they_are_announced_as_imported(app):
    told = []

    def note(*, event, **more):
        told.append(event)

    users_registered.connect(note)
    try:
        bring(app, {"username": "alice"}, {"username": "bobby"})
        bring(app, {"username": "alice"})
    finally:
        users_registered.disconnect(note)

    ids = tuple(app.users.order_by("pk").values_list("pk", flat=True))
    assert [(event.user_ids, event.imported) for event in told] == [(ids, True)]


#: What the API refuses of a user, and the import therefore too, with the same words.
BAD = [
    {"username": "abc"},
    {"username": "a" * 129},
    {"username": "-abc"},
    {"username": "ab cd"},
    {"username": "ab\ncd"},
    {"username": 12345},
    {"username": "alice", "password": "abc"},
    {"username": "alice", "password": "密" * 43},
    {"username": "alice", "nickname": "字" * 22},
    {"username": "alice", "nickname": "a\nb"},
    {"username": "alice", "nickname": ["a"]},
    {"username": "alice", "birthday": "1990-13-01"},
    {"username": "alice", "birthday": 1990},
    {"username": "alice", "gender": 3},
    {"username": "alice", "gender": -1},
    {"username": "alice", "gender": True},
    {"username": "alice", "signature": "a" * 251},
    {"username": "alice", "avatar": "a" * 256},
    {"username": "alice", "region": "a" * 251},
    {"username": "alice", "address": "a" * 251},
    {"username": "alice", "extras": {"a": "b" * 512}},
    {"username": "alice", "extras": [1]},
]


@pytest.mark.parametrize("told", BAD, ids=lambda told: json.dumps(told)[:40])
def test_what_the_api_refuses_is_refused_with_the_same_words(told, app, final_api):
    (reply,) = final_api.call("POST", "/v1/users", [{"password": "secret", **told}]).json()

    (outcome,) = bring(app, told)

    assert (outcome.code, outcome.message) == (reply["error"]["code"], reply["error"]["message"])
    assert not app.users.exists()


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({}, "username: This field is required."),
        ({"username": "alice", "pasword": "x"}, "pasword: is not known"),
        ({"username": "alice", "password_md5": "abc"}, "password_md5: must be the MD5"),
        (
            {"username": "alice", "password": "secret", "password_md5": MD5},
            "password_md5: must not be there beside password",
        ),
        ({"username": "alice", "is_admin": "perhaps"}, "is_admin: must be true or false"),
        ({"username": "alice", "extras": "{"}, "extras: is not JSON"),
        ({"username": "alice", "ctime": "yesterday"}, "ctime: must be a time"),
        ({"username": "alice", "ctime": "1e5"}, "ctime: must be a time"),
        ({"username": "alice", "mtime": 10**18}, "mtime: must be a time"),
        ({"username": "alice", "ctime": True}, "ctime: must be a time"),
        ({"username": "alice", "star": 2**31}, "star: Ensure this value is less than"),
    ],
)
def test_what_only_an_import_has_is_checked_as_well(told, text, app):
    (outcome,) = bring(app, told)

    assert outcome.message.startswith(text)
    assert not app.users.exists()


def test_nobody_comes_from_the_future(app):
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()

    (outcome,) = bring(app, {"username": "alice", "ctime": tomorrow})

    assert outcome.message == "ctime: must not be in the future"


def test_a_password_opens_the_door_as_before(app):
    bring(app, {"username": "alice", "password": "secret"})

    assert knock(app, "alice", "secret").session.user.username == "alice"


@pytest.mark.parametrize("md5", [MD5, MD5.upper()])
def test_an_md5_opens_the_door_and_is_argon2_afterwards(md5, app):
    bring(app, {"username": "alice", "password_md5": md5})
    stored = app.users.by_username("alice")
    assert stored.password_hash.startswith("keyed_md5$")
    assert MD5 not in stored.password_hash.lower()

    with pytest.raises(ImError) as refused:
        knock(app, "alice", "another")
    assert refused.value.code is LOGIN_FAILED
    assert app.users.by_username("alice").password_hash == stored.password_hash
    knock(app, "alice", "old secret")

    now = app.users.by_username("alice")
    assert now.password_hash.startswith("argon2$")
    assert now.updated_at == stored.updated_at
    assert knock(app, "alice", "old secret")


def test_equal_md5s_are_not_seen_to_be_equal(app):
    bring(app, *({"username": name, "password_md5": MD5} for name in ("alice", "bobby")))

    one, other = app.users.values_list("password_hash", flat=True)
    assert one != other


def test_an_md5_is_worth_nothing_without_the_key_of_the_server(app):
    bring(app, {"username": "alice", "password_md5": MD5})

    with override_settings(SECRET_KEY="another"):
        with pytest.raises(ImError) as refused:
            knock(app, "alice", "old secret")
        assert refused.value.code is LOGIN_FAILED


def test_a_key_that_was_changed_still_opens_while_it_is_a_fallback(app, settings):
    bring(app, {"username": "alice", "password_md5": MD5})
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert knock(app, "alice", "old secret")


def test_checking_an_md5_takes_a_hash_of_argon2_so_that_time_tells_nothing(app, monkeypatch):
    bring(app, {"username": "alice", "password_md5": MD5})
    taken: list[str] = []
    encode = passwords.Argon2Hasher.encode

    def noted(self, password, salt):
        taken.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(passwords.Argon2Hasher, "encode", noted)

    with pytest.raises(ImError):
        knock(app, "alice", "another")

    assert len(taken) == 1


def test_without_a_password_nobody_gets_in_until_the_app_sets_one(app):
    bring(app, {"username": "alice"})

    for guess in ("", "!", "None", "secret"):
        with pytest.raises(ImError) as refused:
            knock(app, "alice", guess)
        assert refused.value.code is LOGIN_FAILED
    set_password(app=app, username="alice", password="secret")

    assert knock(app, "alice", "secret")


def test_who_was_barred_stays_barred(app):
    bring(app, {"username": "alice", "password_md5": MD5, "disabled": "1"})

    with pytest.raises(ImError) as refused:
        knock(app, "alice", "old secret")
    assert refused.value.code is USER_DISABLED


def test_a_password_set_while_another_log_in_hashes_is_kept(app, monkeypatch):
    bring(app, {"username": "alice", "password_md5": MD5})
    hash_all = passwords.hash_all
    done: list[bool] = []

    def meanwhile(told):
        if not done:
            done.append(True)
            set_password(app=app, username="alice", password="new secret")
        return hash_all(told)

    monkeypatch.setattr(passwords, "hash_all", meanwhile)

    with pytest.raises(ImError):
        knock(app, "alice", "old secret")
    assert knock(app, "alice", "new secret")


def test_a_batch_takes_few_statements_whatever_its_size(app, django_assert_num_queries):
    told = [{"username": f"user{number}", "password_md5": MD5} for number in range(200)]

    # Whose names are taken, the insert within two savepoints, and what the statistics note of it.
    with django_assert_num_queries(7):
        bring(app, *told)


def test_argon2_is_put_around_md5s_in_the_background(app):
    told = [{"username": f"user{number}", "password_md5": MD5} for number in range(60)]
    bring(app, *told, {"username": "alice", "password": "secret"})
    others = app.users.by_username("alice").password_hash

    assert [wrap_imported_passwords() for _ in range(3)] == [True, True, False]

    stored = dict(app.users.values_list("username", "password_hash"))
    assert stored.pop("alice") == others
    assert all(one.startswith("argon2_keyed_md5$") for one in stored.values())
    assert all(len(one) <= 256 for one in stored.values())
    for guess in ("another", MD5):
        with pytest.raises(ImError) as refused:
            knock(app, "user1", guess)
        assert refused.value.code is LOGIN_FAILED
    knock(app, "user1", "old secret")
    assert app.users.by_username("user1").password_hash.startswith("argon2$")


def test_a_wrapped_md5_still_opens_when_the_key_was_changed(app, settings):
    bring(app, {"username": "alice", "password_md5": MD5})
    wrap_imported_passwords()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert knock(app, "alice", "old secret")


def test_who_logs_in_while_it_is_wrapped_keeps_what_they_have(app, monkeypatch):
    bring(app, {"username": "alice", "password_md5": MD5})
    wrap_all = passwords.wrap_all

    def meanwhile(keyed):
        told = list(keyed)
        knock(app, "alice", "old secret")
        return wrap_all(told)

    monkeypatch.setattr(passwords, "wrap_all", meanwhile)
    wrap_imported_passwords()

    assert app.users.by_username("alice").password_hash.startswith("argon2$")
