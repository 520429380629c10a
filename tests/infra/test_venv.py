"""`tools/venv.py` makes the environment, renews it when something changed, and else does nothing."""

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imserver.env import CHECKOUT

TOOL = CHECKOUT / "tools" / "venv.py"


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The tool on a checkout whose lock files pin nothing, and the commands it ran."""
    names = runpy.run_path(str(TOOL))
    names_of = names["main"].__globals__
    ran: list[list[str]] = []

    def run(command: list[str]) -> None:
        ran.append(command)
        if command[1:3] == ["-m", "venv"]:
            subprocess.run([*command, "--without-pip"], check=True)

    for name, value in {
        "CHECKOUT": tmp_path,
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv" / "bin" / "python",
        "run": run,
    }.items():
        monkeypatch.setitem(names_of, name, value)
    for lock in names["LOCKS"].values():
        (tmp_path / lock).write_text("nothing==1\n")
    return SimpleNamespace(**names, names=names_of, ran=ran, checkout=tmp_path)


def installs(tool: SimpleNamespace) -> list[str]:
    return [Path(command[-1]).name for command in tool.ran if "install" in command]


def test_the_first_run_makes_it_and_the_second_does_nothing(tool: SimpleNamespace) -> None:
    tool.main("run")
    assert [command[1:3] for command in tool.ran] == [["-m", "venv"], ["-m", "pip"]]
    assert "--require-hashes" in tool.ran[-1]
    tool.main("run")
    assert installs(tool) == ["requirements.lock"]


def test_what_developers_have_is_enough_to_run(tool: SimpleNamespace) -> None:
    tool.main("dev")
    tool.main("run")
    assert installs(tool) == ["requirements-dev.lock"]


def test_what_is_enough_to_run_is_not_enough_for_developers(tool: SimpleNamespace) -> None:
    tool.main("run")
    tool.main("dev")
    assert installs(tool) == ["requirements.lock", "requirements-dev.lock"]


def test_a_changed_lock_is_installed(tool: SimpleNamespace) -> None:
    tool.main("run")
    (tool.checkout / "requirements.lock").write_text("nothing==2\n")
    tool.main("run")
    assert installs(tool) == ["requirements.lock"] * 2


def test_an_installation_that_failed_is_tried_again(
    tool: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: Callable[[list[str]], Any] = tool.names["run"]

    def fail(command: list[str]) -> None:
        run(command)
        if "install" in command:
            sys.exit(1)

    monkeypatch.setitem(tool.names, "run", fail)
    with pytest.raises(SystemExit):
        tool.main("run")
    monkeypatch.setitem(tool.names, "run", run)
    tool.main("run")
    assert installs(tool) == ["requirements.lock"] * 2


def test_an_old_python_is_refused_in_words(
    tool: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9"):
        tool.main("run")


def test_a_python_that_makes_no_environments_is_refused_in_words(
    tool: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        tool.main("run")
    assert tool.ran == []


def test_a_failing_command_ends_the_tool_with_its_code() -> None:
    run = runpy.run_path(str(TOOL))["run"]
    with pytest.raises(SystemExit) as ended:
        run([sys.executable, "-c", "raise SystemExit(3)"])
    assert ended.value.code == 3
    run([sys.executable, "-c", ""])


def test_the_lock_files_name_no_place_to_install_from() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (CHECKOUT / name).read_text()
        assert "://" not in text
        assert not any(line.startswith("-") for line in text.splitlines())
        assert "--hash=sha256:" in text


def test_developers_have_the_versions_that_run() -> None:
    def pins(name: str) -> set[str]:
        lines = (CHECKOUT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line}

    assert pins("requirements.lock") < pins("requirements-dev.lock")
