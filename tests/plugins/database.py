"""The PostgreSQL that the tests run on: DATABASE_URL's, else an embedded one of their own.

Loaded by `-p` (see pyproject.toml), since Django reads its settings before any conftest.py.
"""

from __future__ import annotations

import os

import psutil
import psycopg
import pytest
from psycopg import sql

from imserver.embedded import EmbeddedServer
from imserver.env import var_directory

#: Every run has databases of its own, named by its process, so that runs don't meet.
PREFIX = "run"


def server_for_tests() -> EmbeddedServer:
    """A server beside the one of `make run`: it need not survive the machine, so it is faster."""
    return EmbeddedServer(var_directory() / "test-postgresql", durable=False)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if os.environ.get("DATABASE_URL"):
        return  # told so, or a worker of a run that has started the server
    server = server_for_tests()
    server.start()
    early_config.add_cleanup(server.stop)
    drop_abandoned(server)
    os.environ["DATABASE_URL"] = server.url_of(f"{PREFIX}{os.getpid()}")
    early_config.add_cleanup(forget)


def forget() -> None:
    os.environ.pop("DATABASE_URL", None)


def drop_abandoned(server: EmbeddedServer) -> None:
    """Drop the databases of runs that were killed."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^test_{PREFIX}[0-9]"]
        )
        for (name,) in names.fetchall():
            number = name.removeprefix(f"test_{PREFIX}").partition("_")[0]
            if not psutil.pid_exists(int(number)):
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))
