"""Sessions over the client API: opened, listed, renewed, ended; and nobody guesses their way in."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts import passwords
from apps.accounts.models import ClientSession, LoginGuard
from apps.accounts.services import login_guard
from apps.accounts.services.sessions import log_in as log_in_by_password
from apps.accounts.services.users import disable_users, set_password
from apps.core.errors import ImError
from apps.core.models import DevicePolicy
from tests.conftest import PASSWORD, ApiClient, session_of
from tests.threads import at_once

LOGIN = "/client/v1/sessions"


@pytest.fixture
def log_in(app, nobody_api) -> Any:
    def call(username: str = "alice", password: str = PASSWORD, **more: Any) -> Any:
        address = more.pop("address", "127.0.0.1")
        body = {"appkey": app.app_key, "username": username, "password": password}
        body |= {"platform": "j", **more}
        return nobody_api.call("post", LOGIN, body, REMOTE_ADDR=address)

    return call


def client_of(reply: Any) -> ApiClient:
    assert reply.status_code in (200, 201), reply.content
    client = ApiClient()
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {reply.json()['token']}"
    return client


def code(reply: Any) -> int:
    number: int = reply.json()["error"]["code"]
    return number


def is_in(client: ApiClient) -> bool:
    return bool(client.call("get", "/client/v1/me").status_code == 200)


# --- opened, renewed, ended -----------------------------------------------------------------------


def test_a_log_in_is_answered_with_a_token_and_who_one_is(alice, log_in) -> None:
    before = timezone.now()
    reply = log_in(device_id="phone")
    opened = reply.json()
    assert reply.status_code == 201
    assert opened["user"]["username"] == "alice"
    assert opened["expires_at"] / 1000 > (before + timedelta(days=29)).timestamp()
    assert client_of(reply).call("get", "/client/v1/me").json()["username"] == "alice"


def test_a_token_is_nowhere_stored_as_it_is(alice, log_in) -> None:
    token = log_in().json()["token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM accounts_clientsession s")
        (row,) = cursor.fetchone()
    assert token not in row
    assert token.encode().hex() not in row
    assert "alice" not in token


def test_a_renewed_session_has_a_new_token_and_the_old_one_ends(alice, log_in, settings) -> None:
    first = log_in()
    client = client_of(first)
    settings.IM_SESSION_SECONDS *= 2
    second = client.call("post", f"{LOGIN}/current/renewal")
    assert second.json()["session_id"] == first.json()["session_id"]
    assert second.json()["expires_at"] > first.json()["expires_at"]
    assert (is_in(client), is_in(client_of(second))) == (False, True)


def test_the_app_s_server_opens_a_session_for_whoever_it_knows(alice, api) -> None:
    reply = api.call("post", "/v1/users/alice/sessions", {"platform": "a"})
    assert is_in(client_of(reply))
    (row,) = api.call("get", "/v1/users/alice/sessions").json()["sessions"]
    assert (row["platform"], row["online"], row["current"]) == ("a", False, False)
    assert "token" not in row


def test_one_sees_and_ends_one_s_own_sessions_and_no_others(alice, bobby, log_in) -> None:
    first, second = client_of(log_in()), client_of(log_in(platform="a"))
    theirs = session_of(bobby)
    rows = second.call("get", LOGIN).json()["sessions"]
    assert [(row["platform"], row["current"]) for row in rows] == [("a", True), ("j", False)]
    theirs_id = theirs.call("get", LOGIN).json()["sessions"][0]["session_id"]
    assert code(second.call("delete", f"{LOGIN}/{theirs_id}")) == 890005
    assert second.call("delete", f"{LOGIN}/{rows[1]['session_id']}").status_code == 204
    assert (is_in(first), is_in(second), is_in(theirs)) == (False, True, True)
    assert second.call("delete", f"{LOGIN}/current").status_code == 204
    assert not is_in(second)


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999", "-1", "%00"])
def test_what_is_no_session_of_one_s_own_is_refused(number, alice, log_in) -> None:
    reply = client_of(log_in()).call("delete", f"{LOGIN}/{number}")
    assert code(reply) in {890005, 899003}


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (DevicePolicy.ANY, [True, True, True]),
        (DevicePolicy.ONE_PER_PLATFORM, [False, True, True]),
        (DevicePolicy.ONE, [False, False, True]),
    ],
)
def test_a_log_in_ends_those_it_replaces(policy, left, app, alice, log_in) -> None:
    type(app).objects.update(device_policy=policy)
    app.refresh_from_db()
    clients = [client_of(log_in(platform=platform)) for platform in "jaj"]
    assert [is_in(client) for client in clients] == left


def test_a_log_in_on_the_same_device_replaces_the_one_before(alice, log_in) -> None:
    clients = [client_of(log_in(device_id=name)) for name in ("desk", "sofa", "desk")]
    assert [is_in(client) for client in clients] == [False, True, True]


def test_the_oldest_goes_when_there_are_too_many(alice, log_in, settings) -> None:
    settings.IM_SESSIONS_PER_USER = 2
    clients = [client_of(log_in()) for _ in range(4)]
    assert [is_in(client) for client in clients] == [False, False, True, True]


def test_a_new_password_ends_all_sessions_but_the_one_it_was_set_from(alice, log_in) -> None:
    own, other = client_of(log_in()), client_of(log_in())
    change = {"old_password": PASSWORD, "new_password": "another horse"}
    assert own.call("put", "/client/v1/me/password", change).status_code == 204
    assert (is_in(own), is_in(other)) == (True, False)
    assert code(log_in()) == 898004
    assert log_in(password="another horse").status_code == 201


def test_a_password_set_by_the_app_s_server_ends_all_sessions(alice, api, log_in) -> None:
    client = client_of(log_in())
    api.call("put", "/v1/users/alice/password", {"new_password": "another horse"})
    assert not is_in(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["set a password", "disable"])
def test_a_log_in_that_is_overtaken_opens_nothing(what, app, alice, monkeypatch) -> None:
    """The old password was right when it was looked at, and is not when the session would be opened."""
    looked, done = threading.Event(), threading.Event()
    matches = passwords.matches

    def match_then_wait(password: str, password_hash: str) -> bool:
        answer = matches(password, password_hash)
        looked.set()
        assert done.wait(20)
        return answer

    monkeypatch.setattr(passwords, "matches", match_then_wait)

    def enter() -> object:
        named = {"username": "alice", "password": PASSWORD, "platform": "j", "device_id": ""}
        try:
            return log_in_by_password(app=app, address="", **named)
        except ImError as error:
            return error.code.number

    def overtake() -> object:
        assert looked.wait(20)
        if what == "disable":
            disable_users(app=app, users=app.users.all())
        else:
            set_password(app=app, username="alice", password="another horse")
        done.set()
        return None

    entered, _ = at_once(enter, overtake)
    assert entered == (801006 if what == "disable" else 898004)
    assert not ClientSession.objects.exists()


# --- registration ---------------------------------------------------------------------------------


def test_clients_register_themselves_only_while_the_app_lets_them(app, api, nobody_api) -> None:
    body = {"appkey": app.app_key, "username": "newcomer", "password": "secret"}

    def register() -> Any:
        return nobody_api.call("post", "/client/v1/users", body)

    assert api.call("get", "/v1/sdkregister/status").json() == {"status": 0}
    assert code(register()) == 890004
    assert not app.users.exists()
    api.call("put", "/v1/sdkregister/status?status=1")
    assert register().json()["username"] == "newcomer"
    assert code(register()) == 899001
    api.call("put", "/v1/sdkregister/status?status=0")
    body["username"] = "latecomer"
    assert code(register()) == 890004
    user = app.users.get()
    assert (user.username, user.is_admin) == ("newcomer", False)


def test_who_registers_themselves_is_no_admin_whatever_they_say(app, api, nobody_api) -> None:
    api.call("put", "/v1/sdkregister/status?status=1")
    body = {"appkey": app.app_key, "username": "newcomer", "password": "secret"}
    nobody_api.call("post", "/client/v1/users", {**body, "is_admin": True, "star": 5})
    assert not app.users.get().is_admin


# --- the guard against guessing -------------------------------------------------------------------


@pytest.fixture
def guarded(settings) -> Any:
    settings.IM_LOGIN_FAILURES_PER_USER = 3
    settings.IM_LOGIN_FAILURES_PER_ADDRESS = 6
    return settings


def test_guesses_at_a_user_must_wait_wherever_they_come_from(guarded, alice, log_in) -> None:
    codes = [code(log_in(password="guess", address=f"10.0.0.{place}")) for place in range(5)]
    assert codes == [898004, 898004, 898004, 2001, 2001]
    refused = log_in(address="10.0.0.9")  # not even with the right password
    assert code(refused) == 2001
    assert int(refused.headers["Retry-After"]) >= 1


def test_guesses_from_an_address_must_wait_whomever_they_are_at(
    guarded, alice, bobby, log_in
) -> None:
    codes = [code(log_in(f"user{place}", "guess", address="10.0.0.1")) for place in range(8)]
    assert codes == [898004] * 6 + [2001] * 2
    assert code(log_in(address="10.0.0.1")) == 2001
    assert log_in(address="10.0.0.2").status_code == 201


def test_an_address_is_not_forgiven_by_a_log_in_of_the_guesser_s_own(
    guarded, alice, bobby, log_in
) -> None:
    for place in range(5):
        log_in(f"user{place}", "guess", address="10.0.0.1")
        assert log_in("bobby", address="10.0.0.1").status_code == 201
    log_in("user9", "guess", address="10.0.0.1")
    assert code(log_in("bobby", address="10.0.0.1")) == 2001


def test_a_log_in_forgives_the_user_s_own_mistakes(guarded, alice, log_in) -> None:
    for place in range(4):
        address = f"10.0.{place}.1"
        assert code(log_in(password="typo", address=address)) == 898004
        assert code(log_in(password="typo", address=address)) == 898004
        assert log_in(address=address).status_code == 201


def test_nothing_tells_whether_a_name_exists(guarded, alice, log_in) -> None:
    def guesses_at(name: str, network: int) -> list[tuple[int, str]]:
        replies = [
            log_in(name, "guess", address=f"10.{network}.0.{place}").json()["error"]
            for place in range(5)
        ]
        return [(reply["code"], reply["message"]) for reply in replies]

    assert guesses_at("alice", 1) == guesses_at("nobody", 2)


def test_a_name_that_does_not_exist_costs_a_hash_as_well(alice, log_in, monkeypatch) -> None:
    matches = passwords.matches
    looked: list[str] = []

    def look(password: str, password_hash: str) -> bool:
        looked.append(password_hash.split("$")[0])
        return matches(password, password_hash)

    monkeypatch.setattr(passwords, "matches", look)
    log_in(password="guess")
    log_in("nobody", "guess")
    assert looked == ["argon2", "argon2"]


def test_the_wait_doubles_and_has_an_end(guarded, app, alice) -> None:
    guarded.IM_LOGIN_MEMORY_SECONDS = 10
    waits: list[float] = []
    for _ in range(8):
        login_guard.note_failure(app=app, username="alice", address="")
        guard = LoginGuard.objects.get(key__startswith="user")
        waits.append((guard.refused_until - guard.forgotten_at).total_seconds() + 10)
    assert waits == [0, 0, 1, 2, 4, 8, 10, 10]


def test_what_lies_long_back_is_forgotten(guarded, app, alice, log_in) -> None:
    for place in range(4):
        log_in(password="guess", address=f"10.0.0.{place}")
    past = timezone.now() - timedelta(seconds=1)
    LoginGuard.objects.update(refused_until=past, forgotten_at=past)
    codes = [code(log_in(password="guess", address=f"10.0.0.{place}")) for place in range(4)]
    assert codes == [898004, 898004, 898004, 2001]


def test_one_failure_may_be_enough(guarded, alice, log_in) -> None:
    guarded.IM_LOGIN_FAILURES_PER_USER = 1
    assert [code(log_in(password="guess")) for _ in range(2)] == [898004, 2001]


def test_names_that_were_made_up_are_cleared_away(guarded, app, log_in, monkeypatch) -> None:
    for place in range(5):
        login_guard.note_failure(app=app, username=f"made up {place}", address="10.0.0.1")
    LoginGuard.objects.update(forgotten_at=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(login_guard, "_CLEAR_EVERY", 1)
    login_guard.note_failure(app=app, username="another", address="10.0.0.2")
    assert LoginGuard.objects.count() == 2


def test_a_session_is_not_made_into_a_password_by_guessing(guarded, alice, log_in) -> None:
    client = client_of(log_in())
    guess = {"old_password": "guess", "new_password": "another horse"}
    codes = [code(client.call("put", "/client/v1/me/password", guess)) for _ in range(4)]
    assert codes == [898004, 898004, 898004, 2001]
    right = {**guess, "old_password": PASSWORD}
    assert code(client.call("put", "/client/v1/me/password", right)) == 2001


def test_the_guards_of_two_apps_do_not_meet(guarded, alice, other_app, log_in) -> None:
    for place in range(3):
        login_guard.note_failure(app=other_app, username="alice", address=f"10.0.0.{place}")
    assert log_in().status_code == 201


def test_an_app_that_does_not_exist_is_refused(nobody_api, db) -> None:
    body = {"appkey": "x" * 24, "username": "alice", "password": PASSWORD, "platform": "j"}
    assert code(nobody_api.call("post", LOGIN, body)) == 899009
