"""What the READMEs tell a newcomer to paste, pasted: `sh` blocks are run, `json` blocks are printed."""

import json
import os
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from imserver.env import CHECKOUT

BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ADDRESS = "http://127.0.0.1:8000"
PYTHON = ".venv/bin/python"
#: A member of this name stands for members that the document leaves out.
MORE = "…"
#: Members whose values differ from run to run: only their type is compared.
CHANGING = {"conversation_id", "cursor", "gid", "msg_ctime", "msg_id", "msgid"}
MARK = "--- block {} ---"

pytestmark = [pytest.mark.slow, pytest.mark.needs("curl")]


def serve(start) -> tuple[subprocess.Popen[str], str, list[str]]:
    """What `make run` ends in, on a free port: the process, its address, and the calls it printed."""
    process = start("manage.py", "quickstart", "--serve", PORT="0")
    printed: list[str] = []
    for line in process.stdout:
        if line.startswith("Serving "):
            return process, line.split()[1], printed
        if line.startswith("  curl "):
            printed.append(line.strip())
    pytest.fail("the server did not start")


def stop(process) -> None:
    """End it as a service manager would."""
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output


def shell(script: str, home) -> str:
    """Run it as a newcomer's terminal would; what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    run = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=CHECKOUT,
        env={**environment, "IM_VAR_DIR": str(home), "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def tour(readme: str) -> list[tuple[str, Any]]:
    """The README's blocks: what to paste, and what that is said to print (None: nothing is said)."""
    steps: list[tuple[str, Any]] = []
    for kind, text in BLOCK.findall((CHECKOUT / readme).read_text()):
        if kind == "sh":
            steps.append((text, None))
        else:
            assert steps[-1][1] is None, "a block with two answers"
            steps[-1] = (steps[-1][0], json.loads(text))
    return steps


def agrees(said: Any, got: Any, name: str = "") -> bool:
    """Whether an answer is what the document says it is."""
    if isinstance(said, dict):
        wanted = {key: value for key, value in said.items() if key != MORE}
        if not isinstance(got, dict) or not wanted.keys() <= got.keys():
            return False
        if MORE not in said and wanted.keys() != got.keys():
            return False
        return all(agrees(value, got[key], key) for key, value in wanted.items())
    if isinstance(said, list):
        if not isinstance(got, list) or len(said) != len(got):
            return False
        return all(agrees(one, other) for one, other in zip(said, got, strict=True))
    if name in CHANGING:
        return type(said) is type(got)
    return bool(said == got)


def test_what_agrees_and_what_does_not():
    assert agrees({"a": 1, MORE: MORE}, {"a": 1, "b": 2})
    assert agrees([{"gid": 1}], [{"gid": 2}])
    assert not agrees({"a": 1}, {"a": 1, "b": 2})
    assert not agrees({"a": 1, MORE: MORE}, {"b": 2})
    assert not agrees([{"a": 1}], [{"a": 1}, {"a": 1}])
    assert not agrees({"gid": 1}, {"gid": "1"})
    assert not agrees({"a": 1}, {"a": 2})


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_tour_works_when_pasted(readme, start, home):
    steps = tour(readme)
    assert len(steps) > 8
    process, url, _ = serve(start)
    script = "".join(f"echo '{MARK.format(n)}'\n{text}" for n, (text, _) in enumerate(steps))
    assert ADDRESS in script
    assert PYTHON in script

    output = shell(script.replace(ADDRESS, url).replace(PYTHON, sys.executable), home)

    for number, (text, said) in enumerate(steps):
        printed = output.split(MARK.format(number))[1].split(MARK.format(number + 1))[0]
        if said is None:
            assert not printed.strip(), text
        else:
            got = json.loads(printed)
            assert agrees(said, got), f"{text}\nsaid: {said}\ngot:  {got}"
    stop(process)


def test_the_calls_that_make_run_prints_work_when_pasted(start, home):
    process, _, printed = serve(start)
    assert printed

    for call in printed:
        answer = shell(f"{call} --silent --show-error --write-out '\\n%{{http_code}}'", home)
        assert answer.splitlines()[-1] in {"200", "201"}, (call, answer)
    stop(process)
