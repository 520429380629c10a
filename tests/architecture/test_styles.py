"""Style sheets are whole: a brace that is missing takes away all that follows it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted(ROOT.glob("apps/*/static/**/*.css"))


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_every_brace_of_a_style_sheet_is_closed(path):
    depth = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        depth += line.count("{") - line.count("}")
        assert 0 <= depth <= 2, line  # at most a rule in a media query

    assert depth == 0


def test_there_are_style_sheets():
    assert len(SHEETS) > 2
