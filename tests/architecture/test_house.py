"""Rules of the house that no linter knows."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def test_no_file_is_longer_than_four_hundred_lines():
    files = tracked("*.py", "*.js", "*.css", "*.html")
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert len(files) > 100
    assert {str(path): length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_module_is_a_drawer_for_odds_and_ends():
    names = {path.stem for path in tracked("apps/*.py", "imserver/*.py", "tests/*.py")}

    assert names & {"utils", "util", "helpers", "common", "misc", "tools"} == set()


def test_migrations_say_what_they_do():
    stems = [path.stem for path in tracked("apps/*/migrations/0*.py")]

    assert stems
    assert [stem for stem in stems if re.search(r"_auto_|_and_more$", stem)] == []
