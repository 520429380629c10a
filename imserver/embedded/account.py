"""The operating system user that the embedded PostgreSQL runs as."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Whom PostgreSQL may run as when we are root, which it refuses to be: the first that exists.
UNPRIVILEGED_USERS = ("postgres", "nobody")
#: All that PostgreSQL's programs get to see of our environment: a PGPORT or LC_ALL of the caller
#: must not change what they do.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """A user of the operating system, and how to run programs and own files as that user."""

    uid: int
    gid: int
    name: str

    @classmethod
    def for_data(cls, data: Path) -> Account:
        """Choose who runs a server on the directory ``data`` (which need not exist yet).

        We do, unless we are root: then the owner of what is there already, else the first of
        ``UNPRIVILEGED_USERS``. Raises EmbeddedError when nobody can.
        """
        me = os.geteuid()
        owner = data.stat().st_uid if data.exists() else None
        if me == 0:
            return cls.numbered(owner) if owner else cls.unprivileged()
        if owner not in (None, me):
            raise EmbeddedError(
                f"{data} belongs to another user (id {owner}): "
                "run as that user or set DATABASE_URL."
            )
        return cls.numbered(me)

    @classmethod
    def numbered(cls, uid: int) -> Account:
        """Return the account with that id. Raises EmbeddedError when it has no name."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise EmbeddedError(
                f"PostgreSQL needs a user with a name, and user id {uid} has none: "
                "run as another user or set DATABASE_URL."
            ) from None
        return cls(entry.pw_uid, entry.pw_gid, entry.pw_name)

    @classmethod
    def unprivileged(cls) -> Account:
        """Return the account that stands in for root. Raises EmbeddedError when there is none."""
        for name in UNPRIVILEGED_USERS:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, entry.pw_name)
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and there is no user "
            f"{' or '.join(UNPRIVILEGED_USERS)}: run as an ordinary user or set DATABASE_URL."
        )

    @property
    def is_me(self) -> bool:
        """Whether this process already is that user."""
        return self.uid == os.geteuid()

    def start(self, command: Sequence[str | Path]) -> subprocess.Popen[str]:
        """Start ``command`` as this user, away from our terminal and its Ctrl-C."""
        other = not self.is_me
        return subprocess.Popen(
            [str(word) for word in command],
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            user=self.uid if other else None,
            group=self.gid if other else None,
            extra_groups=[] if other else None,
        )

    def run(self, command: Sequence[str | Path]) -> tuple[int, str]:
        """Run ``command`` to its end: its exit code, and what it printed."""
        with self.start(command) as process:
            output, _ = process.communicate()
        return process.returncode, output.strip()

    def can_read(self, paths: Sequence[Path]) -> bool:
        """Whether this user can read each of ``paths``.

        Asks the system rather than the mode bits: access lists and every directory on the way
        count too.
        """
        if self.is_me:
            return True
        script = 'for path; do test -r "$path" || exit 1; done'
        code, _ = self.run(["/bin/sh", "-c", script, "can_read", *paths])
        return code == 0

    def own(self, path: Path, mode: int) -> None:
        """Give ``path`` to this user, with the permission bits ``mode``."""
        if not self.is_me:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(mode)
