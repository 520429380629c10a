"""DATABASE_URL becomes Django's settings, and dead connections are noticed before they are used."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started
from django.db import connection, transaction
from django.db.utils import OperationalError, load_backend

from apps.core.database import drop_dead_connections
from imserver.database import databases


def read(url: str) -> dict[str, str]:
    default = databases(url)["default"]
    return {name: default[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://db.example/im", ("im", "", "", "db.example", "")),
        (
            "postgresql://me:p%40ss%2F@db.example:6432/im",
            ("im", "me", "p@ss/", "db.example", "6432"),
        ),
        ("postgres://me@/im?host=/run/postgresql", ("im", "me", "", "/run/postgresql", "")),
        ("postgresql://%2Frun%2Fpg/im", ("im", "", "", "/run/pg", "")),
        ("postgres://[::1]:5433/im", ("im", "", "", "::1", "5433")),
        ("postgres://a.example,b.example/im", ("im", "", "", "a.example,b.example", ",")),
    ],
)
def test_the_parts_of_a_url_get_their_places(url, expected):
    assert tuple(read(url).values()) == expected


def test_the_query_of_a_url_holds_connection_parameters():
    url = "postgres://db.example/im?sslmode=verify-full&connect_timeout=9&application_name=other"
    options = databases(url)["default"]["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["connect_timeout"] == "9"
    assert options["application_name"] == "other"
    assert options["prepare_threshold"] == 0
    assert options["server_side_binding"] is True


@pytest.mark.parametrize("url", ["sqlite:///im.db", "mysql://db.example/im", "db.example/im", "im"])
def test_another_database_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="only PostgreSQL will do"):
        databases(url)


def test_a_refusal_does_not_show_the_password():
    with pytest.raises(ImproperlyConfigured) as caught:
        databases("mysql://me:hush@db.example/im")
    assert "hush" not in str(caught.value)


def test_a_url_without_a_database_is_refused():
    with pytest.raises(ImproperlyConfigured, match="names no database"):
        databases("postgres://db.example")


def test_a_url_with_an_unknown_parameter_is_refused():
    with pytest.raises(ImproperlyConfigured, match="colour"):
        databases("postgres://db.example/im?colour=blue")


def test_without_a_url_connecting_says_what_is_missing(django_db_blocker):
    settings = connection.settings_dict | databases("")["default"]
    backend = load_backend(settings["ENGINE"]).DatabaseWrapper(settings)
    with (
        django_db_blocker.unblock(),
        pytest.raises(OperationalError, match="DATABASE_URL is not set"),
    ):
        backend.ensure_connection()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced_before_use():
    connection.ensure_connection()
    before = connection.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    killer.close()
    drop_dead_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.connection is not before


@pytest.mark.django_db(transaction=True)
def test_a_live_connection_is_kept():
    connection.ensure_connection()
    before = connection.connection
    drop_dead_connections()
    assert connection.connection is before


@pytest.mark.django_db(transaction=True)
def test_a_connection_in_a_transaction_is_left_alone():
    with transaction.atomic():
        connection.ensure_connection()
        before = connection.connection
        assert before is not None
        before.close()
        drop_dead_connections()
        assert connection.connection is before
        connection.connection = None
        connection.in_atomic_block = False
    connection.close()


def test_requests_look_for_dead_connections_first():
    assert any(
        receiver() is drop_dead_connections for _key, receiver, *_ in request_started.receivers
    )
