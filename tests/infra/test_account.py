"""Who runs the embedded PostgreSQL."""

import os
from pathlib import Path

import pytest

from imserver.embedded import account
from imserver.embedded.account import Account, EmbeddedError


def test_an_ordinary_user_runs_it_in_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    assert Account.for_data(tmp_path / "absent") == Account.numbered(1)


def test_an_ordinary_user_may_not_use_the_data_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(EmbeddedError, match="belongs to another user"):
        Account.for_data(tmp_path)


def test_root_hands_over_to_an_unprivileged_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    chosen = Account.for_data(tmp_path / "absent")
    assert chosen.uid != 0
    assert chosen.name in account.UNPRIVILEGED_USERS


def test_root_without_anybody_to_hand_over_to_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "UNPRIVILEGED_USERS", ("no-such-user",))
    with pytest.raises(EmbeddedError, match="refuses to run as root"):
        Account.for_data(tmp_path / "absent")


def test_a_user_without_a_name_is_told_so() -> None:
    with pytest.raises(EmbeddedError, match="user id 3999999999 has none"):
        Account.numbered(3_999_999_999)


def test_programs_run_with_a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    code, output = Account.numbered(os.geteuid()).run(["/usr/bin/env"])
    assert code == 0
    assert "PGPORT" not in output
    assert "LC_ALL=C" in output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_what_another_user_can_read_is_asked_of_the_system(tmp_path: Path) -> None:
    other = Account.unprivileged()
    assert other.can_read([Path("/bin/sh")])
    tmp_path.chmod(0o700)
    assert not other.can_read([Path("/bin/sh"), tmp_path])
