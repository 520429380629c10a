"""Where to serve: told by options or the environment, refused in words when it can't be."""

import errno
import socket
from argparse import ArgumentParser
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection

from apps.console.management.commands import quickstart
from apps.console.serving import ServingPlan, add_options, options, plan_of, serve, servers

ALL_OF_IPV4 = "0.0.0.0"  # noqa: S104 - nothing is bound to it


def parsed(*words: str) -> dict[str, Any]:
    parser = ArgumentParser()
    add_options(parser)
    return vars(parser.parse_args(words))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "PATIENCE", 0.2)
    monkeypatch.delenv("HOST", raising=False)
    monkeypatch.delenv("PORT", raising=False)


def test_options_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (parsed()["host"], parsed()["port"]) == ("127.0.0.1", "8000")
    monkeypatch.setenv("HOST", ALL_OF_IPV4)
    monkeypatch.setenv("PORT", "9000")
    assert (parsed()["host"], parsed()["port"]) == (ALL_OF_IPV4, "9000")
    assert parsed("--port", "7000")["port"] == "7000"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "")
    monkeypatch.setenv("PORT", "")
    assert (parsed()["host"], parsed()["port"]) == ("127.0.0.1", "8000")


@pytest.mark.parametrize("port", ["65536", "-1", "http", "8e3", "²"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(CommandError, match="give a number from 0 to 65535"):
        plan_of(parsed(f"--port={port}"))


@pytest.mark.parametrize("words", [["--workers=0"], ["--threads=0"]])
def test_nobody_to_answer_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError, match="at least one"):
        plan_of(parsed("--port=0", *words))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Can't listen on 192\.0\.2\.1"):
        plan_of(parsed("--host=192.0.2.1", "--port=0"))


def test_a_port_in_use_is_refused_after_a_wait() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 is in use"):
            plan_of(parsed(f"--port={port}"))
    assert plan_of(parsed(f"--port={port}")).port == port


def test_port_0_becomes_one_that_is_free() -> None:
    plan = plan_of(parsed("--port=0"))
    with socket.create_server((plan.host, plan.port)):
        assert plan.port > 0


def test_each_server_gets_its_kind_of_application() -> None:
    assert plan_of(parsed("--port=0", "--server=granian")).application.endswith(".wsgi.application")
    assert plan_of(parsed("--port=0", "--server=uvicorn")).application.endswith(".asgi.application")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        (ALL_OF_IPV4, "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("im.example", "http://im.example:80"),
    ],
)
def test_the_url_is_one_to_type(host: str, url: str) -> None:
    assert ServingPlan("x", host, 80, workers=1, threads=1).url == url


def test_ipv6_is_served_where_there_is_any() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise
        pytest.skip("this machine has no IPv6")
    assert plan_of(parsed("--host=::1", "--port=0")).port > 0


def test_the_place_of_the_data_is_told_without_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IM_EMBEDDED_HOME", "/srv/var/postgresql")
    assert quickstart.place() == "in /srv/var/postgresql"
    monkeypatch.delenv("IM_EMBEDDED_HOME")
    told = {"HOST": "db.example", "NAME": "im", "PASSWORD": "hush"}
    for name, value in told.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    assert quickstart.place() == "in the database im on db.example"


@pytest.mark.parametrize(("words", "begun"), [([], ["begun", "ended"]), (["--no-work"], ["ended"])])
def test_the_background_work_is_done_beside_unless_told_otherwise(
    words: list[str], begun: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []

    class Recorded:
        def begin(self) -> None:
            happened.append("begun")

        def end(self) -> None:
            happened.append("ended")

    monkeypatch.setattr(servers, "BackgroundWork", Recorded)
    monkeypatch.setattr(ServingPlan, "when_ready", lambda _, announce: announce())
    monkeypatch.setitem(servers.SERVERS, "uvicorn", lambda _, begin: begin())
    told = parsed("--port=0", *words)
    lines: list[object] = []

    serve(plan_of(told), by=told["server"], say=lines.append, work=told["work"])

    assert len(lines) == 1
    assert happened == begun
