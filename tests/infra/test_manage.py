"""`manage.py` brings a database along for commands that need one, and puts errors in words."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import psutil
import psycopg
import pytest

from imserver.embedded import embedded_database
from tests.infra.conftest import Start, another

pytestmark = pytest.mark.slow


def result_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


@pytest.mark.parametrize(
    "words", [["check"], ["help"], [], ["migrate", "--help"], ["help", "migrate"], ["version"]]
)
def test_no_server_is_started_for_what_needs_none(
    words: list[str], home: Path, start: Start
) -> None:
    code, output = result_of(start("manage.py", *words))
    assert (code, output) == (0, output)
    assert not (home / "postgresql").exists()


def test_a_server_is_started_for_a_command_and_stopped_after_it(home: Path, start: Start) -> None:
    code, output = result_of(start("manage.py", "migrate", "--verbosity", "0"))
    assert (code, output) == (0, "")
    assert another(home).postmaster.process() is None
    code, output = result_of(start("manage.py", "create_app", "Shop", "--json"))
    assert code == 0
    assert len(json.loads(output)["app_key"]) == 24


def test_a_command_ended_by_sigterm_takes_its_server_along(home: Path, start: Start) -> None:
    process = start("manage.py", "shell", "--no-imports", "-c", "print('in', flush=True); input()")
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    process.send_signal(signal.SIGTERM)
    code, output = result_of(process)
    assert code == 128 + signal.SIGTERM
    assert "Traceback" not in output
    assert another(home).postmaster.process() is None


def test_a_command_interrupted_says_nothing(home: Path, start: Start) -> None:
    process = start("manage.py", "shell", "--no-imports", "-c", "print('in', flush=True); input()")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert result_of(process) == (130, "")
    assert another(home).postmaster.process() is None


def test_a_database_url_is_used_instead(home: Path, start: Start) -> None:
    with another(home) as server:
        process = start("manage.py", "migrate", "--verbosity", "0", DATABASE_URL=server.url)
        assert result_of(process) == (0, "")
        with psycopg.connect(server.url) as connection:
            count = connection.execute("SELECT count(*) FROM django_migrations").fetchone()
    assert count is not None
    assert count[0] > 10


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DATABASE_URL": "sqlite:///im.db"}, "only PostgreSQL will do"),
        ({"DATABASE_URL": "postgres://127.0.0.1:1/im"}, "The database can't be used: connection"),
        ({"IM_VAR_DIR": "/dev/null/var"}, "/dev/null"),
        ({"IM_CALLS_PER_MINUTE": "many"}, "IM_CALLS_PER_MINUTE is 'many', not a whole number"),
    ],
)
def test_a_wrong_setting_is_said_in_words(
    variables: dict[str, str], said: str, start: Start
) -> None:
    code, output = result_of(start("manage.py", "migrate", **variables))
    assert code == 1
    assert said in output
    assert "Traceback" not in output


def test_a_thread_may_bring_the_database_along_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IM_VAR_DIR", str(home))
    monkeypatch.setenv("DATABASE_URL", "")
    seen: list[psutil.Process | None] = []

    def use() -> None:
        with embedded_database() as server:
            assert os.environ["DATABASE_URL"] == server.url
            assert os.environ["IM_EMBEDDED_HOME"] == str(server.place.home)
            seen.append(server.postmaster.process())

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(seen) == 1
    assert seen[0] is not None
    assert "IM_EMBEDDED_HOME" not in os.environ
