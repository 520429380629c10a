"""The base of the commands that import files."""

import codecs
import hashlib
import io
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_noop
from tqdm import tqdm

from apps.core.errors import ImError
from apps.core.importing.importer import Importer
from apps.core.importing.rows import Format, Row, format_of, read_rows
from apps.core.management.noting import noted_work
from apps.core.models import App
from apps.core.services.audit import ROWS_DONE, ROWS_REFUSED
from apps.core.services.import_runs import begin_import, run_import, try_import

_CHUNK = 1024 * 1024
_KIND, _FILES = gettext_noop("Kind"), gettext_noop("Files")


class ImportCommand(BaseCommand):
    """Import files of rows of one kind; stopped, it goes on where it was when it is called again."""

    help = "Imports CSV or JSON files: docs/migrating-from-jmessage.md tells the columns."
    importer: ClassVar[Importer[Any]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("app_key", help="the key of the app to import into")
        parser.add_argument("files", nargs="+", type=Path, help=".csv, or JSON under other names")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be, store nothing"
        )
        parser.add_argument(
            "--results",
            type=Path,
            help="where to write what became of each row (the first file's name with .results.csv)",
        )
        parser.add_argument("--format", choices=["csv", "jsonl"], help="whatever the names say")
        parser.add_argument("--encoding", default="utf-8-sig", help="gb18030, say (UTF-8)")
        parser.add_argument(
            "--afresh", action="store_true", help="from the first row, though a run was stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        app = App.objects.by_key(options["app_key"])  # tenant-free: this is the tenant itself
        if app is None:
            raise CommandError(f"There is no app with the key {options['app_key']}.")
        try:
            codecs.lookup(options["encoding"])
        except LookupError as error:
            raise CommandError(str(error)) from error
        files = Files(options["files"], options["format"], options["encoding"])
        results: Path = options["results"] or Path(f"{files.paths[0]}.results.csv")
        try:
            stored, refused = self._import(app, files, results, options)
        except ImError as error:
            raise CommandError(str(error)) from error
        except UnicodeError as error:  # of UTF-16 without its mark it is no UnicodeDecodeError
            text = f"{files.current} is not {options['encoding']}: tell another --encoding"
            raise CommandError(text) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        verb = "could be imported" if options["dry_run"] else "imported"
        self.stdout.write(f"{stored} {verb}, {refused} refused. Row by row: {results}")

    def _import(
        self, app: App, files: "Files", results: Path, options: dict[str, Any]
    ) -> tuple[int, int]:
        stored = refused = 0
        with tqdm(total=files.size, unit="B", unit_scale=True, disable=None) as bar:
            if options["dry_run"]:
                with results.open("wb") as out:
                    rows = files.rows(self.importer.columns)
                    for stored, refused in try_import(  # noqa: B007 the last ones count
                        app=app, importer=self.importer, rows=rows, results=out
                    ):
                        bar.update(files.read - bar.n)
                return stored, refused
            kind = self.importer.kind
            run = begin_import(app=app, kind=kind, digest=files.digest(), afresh=options["afresh"])
            if run.position:
                self.stdout.write(f"Going on after row {run.position}.")
            about = {_KIND: kind, _FILES: [str(path) for path in files.paths]}
            with (
                results.open("r+b" if run.position and results.exists() else "w+b") as out,
                noted_work(gettext_noop("Import"), app=app, details=about) as told,
            ):
                rows = files.rows(self.importer.columns)
                for _ in run_import(
                    app=app, run=run, importer=self.importer, rows=rows, results=out
                ):
                    bar.update(files.read - bar.n)
                    told |= {ROWS_DONE: run.stored, ROWS_REFUSED: run.refused}
        return run.stored, run.refused


class Files:
    """Files that are read one after another as if they were one."""

    def __init__(self, paths: Sequence[Path], format: Format | None, encoding: str) -> None:
        self.paths = list(paths)
        self.read = 0  # bytes, of all so far
        self.current = self.paths[0]
        self._format = format
        self._encoding = encoding

    @property
    def size(self) -> int:
        """Of all, in bytes."""
        return sum(path.stat().st_size for path in self.paths if path.exists())

    def digest(self) -> bytes:
        """32 bytes that tell these files, in this order, from others."""
        digest = hashlib.sha256()
        for path in self.paths:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
            digest.update(b"\0end of file\0")
        return digest.digest()

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """Numbered through."""
        number = before = 0
        for path in self.paths:
            self.current = path
            form = self._format or format_of(path.name)
            with (
                path.open("rb") as file,
                io.TextIOWrapper(file, encoding=self._encoding, newline="") as stream,
            ):
                for row in read_rows(stream, format=form, columns=columns, start=number + 1):
                    number = row.number
                    self.read = before + file.tell()
                    yield row
                before += file.tell()
        self.read = before
