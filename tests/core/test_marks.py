"""Marks: what one process has changed, the others of its machine see."""

import subprocess
import sys

import pytest

from apps.core.marks import Marks
from imserver.env import CHECKOUT


def test_a_mark_stays_until_it_is_changed(tmp_path):
    marks = Marks(tmp_path / "marks")
    mark = marks.of("an app")

    assert marks.of("an app") == mark
    marks.change("an app")
    assert marks.of("an app") != mark


def test_a_change_leaves_the_marks_of_other_keys(tmp_path):
    marks = Marks(tmp_path / "marks")
    mark = marks.of("another app")

    marks.change("an app")

    assert marks.of("another app") == mark


def test_processes_see_each_others_changes(tmp_path):
    ours = Marks(tmp_path / "new" / "marks")
    mark = ours.of("an app")
    said = "import sys; from pathlib import Path; from apps.core.marks import Marks; "

    subprocess.run(
        [
            sys.executable,
            "-c",
            said + "Marks(Path(sys.argv[1])).change('an app')",
            str(tmp_path / "new" / "marks"),
        ],
        check=True,
        cwd=CHECKOUT,
    )

    assert ours.of("an app") != mark


def test_whoever_opens_the_file_later_finds_the_marks_of_before(tmp_path):
    ours = Marks(tmp_path / "marks")
    ours.change("an app")

    assert Marks(tmp_path / "marks").of("an app") == ours.of("an app") != 0


@pytest.mark.parametrize("there", [0, 100, 10**6])
def test_the_file_is_as_long_as_is_needed_and_never_made_shorter(tmp_path, there):
    (tmp_path / "marks").write_bytes(b"x" * there)
    marks = Marks(tmp_path / "marks")

    marks.change("an app")

    written = (tmp_path / "marks").read_bytes()
    assert len(written) == max(there, 4096 * 8)
    assert written.startswith(b"x" * min(there, 100))


@pytest.mark.parametrize("place", [None, "a file/marks"])
def test_without_a_file_a_process_has_marks_of_its_own(tmp_path, place):
    (tmp_path / "a file").touch()
    marks = Marks(None if place is None else tmp_path / place)
    mark = marks.of("an app")

    marks.change("an app")

    assert marks.of("an app") != mark


def test_the_file_is_for_its_owner_alone(tmp_path):
    Marks(tmp_path / "marks")

    assert (tmp_path / "marks").stat().st_mode & 0o077 == 0
