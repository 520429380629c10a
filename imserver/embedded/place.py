"""Where an embedded server keeps its things, and who it runs as."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from imserver.embedded.account import Account, EmbeddedError
from imserver.embedded.programs import Programs

SUPERUSER = "postgres"
PORT = 5432  # only the last part of the socket's name: nothing listens on TCP
#: The longest path of a Unix socket, in bytes, that every supported system takes (macOS: 104 with
#: the final NUL).
MAX_SOCKET_PATH = 103
#: Where root keeps what its unprivileged user can't reach in the checkout.
PRIVATE_HOME = Path("/var/lib/imserver")
#: Where the socket goes when the path to the home is too long for it.
SHORT_DIRECTORY = Path("/tmp")  # noqa: S108 - our directory in it is private, and checked to be


class Place:
    """The paths of one server, whose files are wanted below the directory ``wanted``."""

    def __init__(self, wanted: Path) -> None:
        self.wanted = wanted.resolve()

    @cached_property
    def account(self) -> Account:
        """Who runs the server."""
        return Account.for_data(self.wanted / "data")

    @cached_property
    def home(self) -> Path:
        """The directory that holds everything of this server; made when it is missing.

        It is not the wanted one when we are root and the server's user can't get there: it is not
        for us to open a directory such as /root to others.
        """
        _make_open(self.wanted)
        if self.account.can_read([self.wanted]):
            return self.wanted
        private = self._private_home
        if self.account.can_read([private]):
            return private
        raise EmbeddedError(
            f"The user {self.account.name} can enter neither {self.wanted} nor {private}: "
            "move the checkout or set DATABASE_URL."
        )

    @cached_property
    def _private_home(self) -> Path:
        PRIVATE_HOME.parent.mkdir(parents=True, exist_ok=True)
        _make_open(PRIVATE_HOME)
        private = PRIVATE_HOME / _digest(self.wanted)
        _make_open(private)
        return private

    @cached_property
    def programs(self) -> Programs:
        """PostgreSQL's programs, in a place where the server's user can run them."""
        installed = Programs.installed()
        if self.account.can_read(installed.needed):
            return installed
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
    def socket(self) -> Path:
        """The server's socket."""
        return self.sockets / f".s.PGSQL.{PORT}"

    def url_of(self, database: str, role: str) -> str:
        """Return the URL of a database, whether it exists or not, for ``role``."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.sockets))}&port={PORT}"


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _make_open(directory: Path) -> None:
    """Make ``directory`` one that everybody may enter, whatever the umask; its contents are not."""
    directory.mkdir(parents=True, exist_ok=True)
    if directory.stat().st_mode & 0o755 != 0o755:
        directory.chmod(0o755)
