"""One embedded PostgreSQL server, shared by every process that asks for it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from imserver.embedded.account import Account, EmbeddedError
from imserver.embedded.programs import Programs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

ROLE = "imserver"
DATABASE = "imserver"
SUPERUSER = "postgres"
PORT = 5432  # only the last part of the socket's name: nothing listens on TCP
#: The longest path of a Unix socket, in bytes, that every supported system takes (macOS: 104 with
#: the final NUL).
MAX_SOCKET_PATH = 103
#: Where root keeps what its unprivileged user can't reach in the checkout.
PRIVATE_HOME = Path("/var/lib/imserver")
#: Where the socket goes when the path to ``home`` is too long for it.
SHORT_DIRECTORY = Path("/tmp")  # noqa: S108 - our directory in it is private, and checked to be
#: Size in bytes past which the log is set aside at the next start.
LOG_LIMIT = 10_000_000
#: Seconds after which a wait (for recovery after a crash, as a rule) is worth a line.
PATIENCE = 5.0
#: Seconds that a clean stop may take before the server is told to drop everything.
STOP_WITHIN = 60
#: Seconds that a server which says it is ready may take to answer.
ANSWER_WITHIN = 10.0
MIB = 1024 * 1024


class EmbeddedServer:
    """A server whose files live below the directory ``home``.

    ``durable=False`` is for tests: it never waits for the disk, so a crash of the machine (not
    one of the server) may lose data. As a context manager: inside, the server runs; at the end it
    is stopped, unless another process, or another object of this one, still uses it.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.requested_home = home.resolve()
        self.durable = durable
        self._users: int | None = None
        self._process = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # Where things are

    @cached_property
    def account(self) -> Account:
        """Who runs the server."""
        return Account.for_data(self.requested_home / "data")

    @cached_property
    def home(self) -> Path:
        """The directory that holds everything of this server; made when it is missing.

        It is not the requested one when we are root and the server's user can't get there: it is
        not for us to open a directory such as /root to others.
        """
        for home in (self.requested_home, self._private_home):
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o755)
            if self.account.can_read([home]):
                return home
        raise EmbeddedError(
            f"The user {self.account.name} can enter neither {self.requested_home} nor "
            f"{self._private_home}: move the checkout or set DATABASE_URL."
        )

    @property
    def _private_home(self) -> Path:
        return PRIVATE_HOME / _digest(self.requested_home)

    @cached_property
    def programs(self) -> Programs:
        """PostgreSQL's programs, in a place where the server's user can run them."""
        installed = Programs.installed()
        if self.account.can_read(installed.needed):
            return installed
        self._private_home.mkdir(parents=True, exist_ok=True)
        return installed.copy_to(self._private_home)

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "postgresql.log"

    @cached_property
    def sockets(self) -> Path:
        """The private directory of the server's socket."""
        directory = self.home / "run"
        if len(os.fsencode(directory / f".s.PGSQL.{PORT}")) > MAX_SOCKET_PATH:
            return SHORT_DIRECTORY / f"imserver-{self.account.uid}-{_digest(self.home)}"
        return directory

    @property
    def url(self) -> str:
        """The URL of the database, good while the server runs."""
        return self.url_of(DATABASE)

    def url_of(self, database: str, role: str = ROLE) -> str:
        """The URL of another database of this server, which need not exist."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}&port={PORT}"

    # In and out

    @property
    def in_use(self) -> bool:
        """Whether this object holds the server."""
        return self._users is not None and self._process == os.getpid()

    def start(self) -> None:
        """Make sure that the server runs, and hold it until :meth:`stop`.

        Waits as long as recovery after a crash takes. Raises EmbeddedError when it can't run.
        """
        if self.in_use:
            return
        with self._alone():
            # Held shared for as long as we use the server. The system drops it when we die, however
            # we die, so that no count can be left behind.
            self._users = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                self._leave()
                raise

    def stop(self) -> None:
        """Let go of the server, and stop it when nobody else holds it.

        Does nothing in a forked child of the process that started.
        """
        if self.in_use:
            with _undisturbed(), self._alone():
                self._leave()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other process from starting or stopping this server meanwhile."""
        lock = os.open(self.home / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _leave(self) -> None:
        users, self._users = self._users, None
        if users is None:
            return
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody still holds it
        else:
            self._halt()
        finally:
            os.close(users)

    # The server itself; everything below runs while we are alone

    def _ensure_running(self) -> None:
        postmaster = self._postmaster()
        if postmaster is not None and not self._settled(postmaster):
            self._halt()
            postmaster = None
        if postmaster is None:
            self._end_leftovers()
            if not self.data.exists():
                self._initialise()
            self._launch()
        self._create_database()

    def _postmaster(self) -> psutil.Process | None:
        """The running server on our data, if there is one.

        After a crash the number in postmaster.pid may have gone to any other process; a server's
        processes are known by their working directory, which is the data directory.
        """
        try:
            number = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(number)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process if self._is_ours(process) else None

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.name().startswith("postgres") and process.cwd() in (
                str(self.data),
                f"{self.data} (deleted)",
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # zombies have no directory
            return False

    def _settled(self, postmaster: psutil.Process) -> bool:
        """Wait until a running server is ready (true) or has to be replaced (false)."""
        say_at = time.monotonic() + PATIENCE
        while self._is_ours(postmaster):
            lines = (self.data / "postmaster.pid").read_text().split("\n")
            if len(lines) > 7 and lines[7].strip() == "ready":
                # Its socket can be gone, when something swept the directory.
                return (self.sockets / f".s.PGSQL.{PORT}").exists()
            if time.monotonic() > say_at:
                say_at = float("inf")
                _say(f"Waiting for the embedded PostgreSQL (see {self.log}).")
            time.sleep(0.05)
        return False

    def _end_leftovers(self) -> None:
        """Clear away what a killed server left: its children, its pid file, its socket."""
        left = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        _, stubborn = psutil.wait_procs(left, timeout=5)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (self.sockets / name).unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make an empty data directory: aside first, so that a half-made one is never used."""
        unfinished = self.home / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir()
        self.account.own(unfinished, 0o700)
        command = [
            self.programs.bin / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            # Sorts the same everywhere, whatever locales the system has.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        if not self.durable:
            command.append("--no-sync")
        code, output = self.account.run(command)
        if code:
            raise EmbeddedError(f"The embedded PostgreSQL can't make {self.data}: {output}")
        unfinished.rename(self.data)

    def _launch(self) -> None:
        self._check_version()
        self._make_private(self.sockets)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch()
        self.account.own(self.log, 0o600)
        if self.home != self.requested_home:
            _say(
                f"PostgreSQL runs as {self.account.name}, who can't enter {self.requested_home}: "
                f"its data is in {self.home}."
            )
        options = [f"--{name}={value}" for name, value in self._options().items()]
        process = self.account.start(
            [
                *(self.programs.bin / "pg_ctl", "start", f"--pgdata={self.data}", "--silent"),
                # Recovery may take any time; it is pg_ctl's child, so that an end is noticed.
                *("--wait", "--timeout=864000", f"--log={self.log}"),
                f"--options={shlex.join(options)}",
            ]
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _say(f"Waiting for the embedded PostgreSQL to recover (see {self.log}).")
            output, _ = process.communicate()
        finally:
            process.kill()  # only matters when we were interrupted
        if process.returncode:
            end_of_log = "\n".join(self.log.read_text().splitlines()[-10:])
            raise EmbeddedError(f"The embedded PostgreSQL can't start.\n{output}{end_of_log}")

    def _options(self) -> dict[str, str | int]:
        memory = psutil.virtual_memory().total // 8
        options: dict[str, str | int] = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": 200,
            "shared_buffers": f"{min(max(memory // MIB, 32), 512)}MB",
            "synchronous_commit": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            "log_checkpoints": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return options

    def _check_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != self.programs.major:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {version}, but {self.programs.version} is "
                "installed: dump it with the old one and load it into the new one."
            )

    def _make_private(self, directory: Path) -> None:
        """Make ``directory`` the account's own, refusing one that somebody else laid there."""
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            self.account.own(directory, 0o700)
        found = directory.lstat()
        if not directory.is_dir() or directory.is_symlink() or found.st_uid != self.account.uid:
            raise EmbeddedError(f"{directory} is not ours: remove it.")
        directory.chmod(0o700)

    def _create_database(self) -> None:
        """Make the role and the database that the server is for, unless they are there.

        The role is not a superuser: what the application is tricked into, it can't do to the
        machine.
        """
        with self._superuser() as connection:
            role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
            if not _exists(connection, "pg_roles", "rolname", ROLE):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            if not _exists(connection, "pg_database", "datname", DATABASE):
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role),
                )

    def _superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        give_up_at = time.monotonic() + ANSWER_WITHIN
        while True:
            try:
                return psycopg.connect(self.url_of("postgres", SUPERUSER), autocommit=True)
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up_at:
                    raise EmbeddedError(f"The embedded PostgreSQL: {error}") from error
                time.sleep(0.1)

    def _halt(self) -> None:
        for mode in ("fast", "immediate"):
            if self._postmaster() is None:
                return
            self.account.run(
                [
                    *(self.programs.bin / "pg_ctl", "stop", f"--pgdata={self.data}", "--silent"),
                    *("--wait", f"--timeout={STOP_WITHIN}", f"--mode={mode}"),
                ]
            )
        self._end_leftovers()


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], table: str, column: str, name: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    return connection.execute(query, [name]).fetchone() is not None


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C meanwhile: an impatient second one would leave the server running."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
