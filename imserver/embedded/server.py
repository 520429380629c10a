"""One embedded PostgreSQL server, shared by every process that asks for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

import psycopg
from psycopg import sql

from imserver.embedded.account import EmbeddedError
from imserver.embedded.place import SUPERUSER, Place
from imserver.embedded.postmaster import Postmaster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

ROLE = "imserver"
DATABASE = "imserver"
#: Seconds that a server which says it is ready may take to answer.
ANSWER_WITHIN = 10.0


class EmbeddedServer:
    """A server whose files live below the directory ``home``.

    ``durable=False`` is for tests: it never waits for the disk, so a crash of the machine (not
    one of the server) may lose data. As a context manager: inside, the server runs; at the end it
    is stopped, unless another process, or another object of this one, still uses it.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.place = Place(home)
        self.postmaster = Postmaster(self.place, durable=durable)
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

    @property
    def url(self) -> str:
        """The URL of the database, good while the server runs."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the URL of another database of this server, whether it exists or not."""
        return self.place.url_of(database, ROLE)

    @property
    def in_use(self) -> bool:
        """Whether this object holds the server, in this process."""
        return self._users is not None and self._process == os.getpid()

    def start(self) -> None:
        """Make sure that the server runs, and hold it until :meth:`stop`.

        Waits as long as recovery after a crash takes. Raises EmbeddedError when it can't run.
        """
        if self.in_use:
            return
        try:
            with self._alone():
                self._enter()
        except OSError as error:
            raise EmbeddedError(
                f"The embedded PostgreSQL can't use its files: {error}; set DATABASE_URL to one "
                "that runs elsewhere, or give this user the directory."
            ) from error

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
        lock = self._open("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        file = os.open(self.place.home / name, os.O_RDWR | os.O_CREAT, 0o600)
        if not self.place.account.is_me:
            # The account may come by itself some day, and has to be able to lock too.
            os.fchown(file, self.place.account.uid, self.place.account.gid)
        return file

    def _enter(self) -> None:
        # Locked shared for as long as we use the server. The system drops the lock when we die,
        # however we die, so no count of users can be left behind.
        self._users = self._open("users.lock")
        self._process = os.getpid()
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self.postmaster.ensure_running()
            self._create_database()
        except BaseException:
            self._leave()
            raise

    def _leave(self) -> None:
        users, self._users = self._users, None
        if users is None:
            return
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody still holds it
        else:
            self.postmaster.halt()
        finally:
            os.close(users)

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
                create = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(create.format(database, role))

    def _superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        give_up_at = time.monotonic() + ANSWER_WITHIN
        while True:
            try:
                url = self.place.url_of("postgres", SUPERUSER)
                return psycopg.connect(url, autocommit=True)
            except psycopg.OperationalError as error:
                if time.monotonic() > give_up_at:
                    raise EmbeddedError(f"The embedded PostgreSQL: {error}") from error
                time.sleep(0.1)
                self.postmaster.ensure_running()  # what ran when we looked may have been dying


def _exists(
    connection: psycopg.Connection[tuple[object, ...]], table: str, column: str, name: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    return connection.execute(query, [name]).fetchone() is not None


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
