"""docs/migrating-from-jmessage.md, pasted: an app moves from one server to another, and nothing is lost."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from imserver.env import CHECKOUT
from tests.realtime.servers import PATIENCE, Database, Served, serving

pytestmark = pytest.mark.slow

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("migrating-from-jmessage.md", "migrating-from-jmessage.zh-CN.md")
EXAMPLE_HOST = "https://im.example.com"


def blocks(name: str, language: str) -> list[str]:
    text = (CHECKOUT / "docs" / name).read_text()
    return [block for kind, block in FENCE.findall(text) if kind == language]


def database() -> Database:
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    made = Database(home)
    made.start()
    return made


class Old:
    """The service that the app leaves: another server of ours, which speaks the same API."""

    def __init__(self, database: Database, served: Served) -> None:
        name, port = served.address
        self.host = f"http://{name}:{port}"
        made = json.loads(database.manage("create_app", "Old", "--api-version", "v1", "--json"))
        self.key, self.secret = made["app_key"], made["master_secret"]
        self.gid = 0

    def call(self, method: str, path: str, body: Any = None) -> Any:
        pair = (self.key, self.secret)
        reply = httpx.request(method, f"{self.host}{path}", json=body, auth=pair, timeout=PATIENCE)
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    def populate(self) -> None:
        people = [
            {"username": "alice", "password": "secret", "nickname": "爱丽丝", "extras": {"n": 1}},
            {"username": "bobby", "password": "secret", "birthday": "1990-01-24", "gender": 1},
            {"username": "carol", "password": "secret"},
        ]
        self.call("POST", "/v1/users/", people)
        self.call("POST", "/v1/admins/", {"username": "boss", "password": "secret"})
        group = {"owner_username": "bobby", "name": "friends", "members_username": ["alice"]}
        self.gid = self.call("POST", "/v1/groups/", group)["gid"]
        self.call("POST", "/v1/users/alice/friends", ["bobby"])
        note = [{"username": "bobby", "note_name": "Bob", "others": "小学"}]
        self.call("PUT", "/v1/users/alice/friends", note)
        self.call("PUT", "/v1/users/carol/blacklist", ["alice"])
        for target_type, target_id in (("single", "alice"), ("group", str(self.gid))):
            for number in range(3):
                self.send(target_type, target_id, f"第 {number} 条")

    def send(self, target_type: str, target_id: str, text: str) -> None:
        message = {
            "version": 1,
            "target_type": target_type,
            "target_id": target_id,
            "from_type": "admin",
            "from_id": "boss",
            "msg_type": "text",
            "msg_body": {"text": text},
        }
        self.call("POST", "/v1/messages", message)


@pytest.fixture(scope="module")
def old() -> Iterator[Old]:
    made = database()
    with serving(made, workers=1) as served:
        leaving = Old(made, served)
        leaving.populate()
        yield leaving
    made.stop()
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture
def new() -> Iterator[Database]:
    made = database()
    yield made
    made.stop()
    shutil.rmtree(made.home, ignore_errors=True)


def paste(script: str, where: Path, environment: dict[str, str]) -> str:
    ran = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE * 3,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("document", DOCUMENTS)
def test_an_app_that_moves_as_the_document_says_finds_everything(document, old, new, tmp_path):
    for name in ("manage.py", "tools", "apps", "imserver", "templates", "locale", "tests"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    python = {"PYTHONPATH": os.pathsep.join(sys.path), "APP_KEY": old.key}
    environment = {**new.environment(), **python}
    (tmp_path / "secret.txt").write_text(f"{old.secret}\n")
    fetch, make, dry, bring, _ = blocks(document, "sh")
    here = f"--out export --host {old.host} --report-host {old.host}"

    fetched = paste(fetch.replace("--out export", here), tmp_path, environment)
    paste(make, tmp_path, environment)
    tried = paste(dry, tmp_path, environment)
    brought = paste(bring, tmp_path, environment)

    assert fetched == "users: 4\ngroups: 1\nfriends: 2\nblacklists: 1\nhistory: 6\n"
    assert tried.startswith("4 could be imported, 0 refused.")
    assert re.findall(r"(\d+) imported, (\d+) refused", brought) == [
        (stored, "0") for stored in ("4", "1", "2", "1", "6")
    ]
    with serving(new, workers=1) as served:
        name, port = served.address
        same(old, f"http://{name}:{port}")


def same(old: Old, host: str) -> None:
    """With the old key and secret, all that can be read is what it was."""
    now = datetime.now(UTC)
    window = f"begin_time={now:%Y}-01-01 00:00:00&end_time={now:%Y}-01-02 00:00:00"
    paths = [
        "/v1/users/alice",
        "/v1/users/bobby",
        "/v1/admins/?start=0&count=10",
        f"/v1/groups/{old.gid}/members",
        "/v1/users/alice/friends",
        "/v1/users/bobby/friends",
        "/v1/users/carol/blacklist",
        f"/v2/messages?count=10&{window}",
    ]
    for path in paths:
        there = httpx.get(f"{old.host}{path}", auth=(old.key, old.secret), timeout=PATIENCE)
        here = httpx.get(f"{host}{path}", auth=(old.key, old.secret), timeout=PATIENCE)
        assert (here.status_code, here.json()) == (200, there.json()), path
    for name in ("alice", "bobby"):
        path = f"/v1/users/{name}/sync"
        there, here = (
            httpx.get(f"{one}{path}", auth=(old.key, old.secret), timeout=PATIENCE).json()
            for one in (old.host, host)
        )
        assert told(here) == told(there)


def told(sync: Any) -> list[Any]:
    """The messages, without what belongs to a server; events are not imported."""
    return [
        (row["msg_ctime"], row["from_id"], row["target_type"], row["target_id"], row["msg_body"])
        for row in sync["messages"]
        if row["msg_type"] != "event"
    ]


def test_the_sdk_is_pointed_as_the_document_says(old, tmp_path):
    (point,) = blocks(DOCUMENTS[0], "python")
    use = f"""
import jmessage
client = jmessage.JMessage({old.key!r}, {old.secret!r})
print(user.User(client).get("alice").json()["nickname"])
print(group.Group(client).get({old.gid}).status_code)
"""
    script = tmp_path / "moved.py"
    script.write_text(point.replace(EXAMPLE_HOST, old.host) + use)

    ran = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (ran.stdout, ran.stderr) == ("爱丽丝\n200\n", "")


def test_the_constants_of_the_php_classes_are_changed_as_the_document_says(tmp_path):
    source = tmp_path / "vendor" / "jiguang" / "jmessage" / "src" / "IM"
    source.mkdir(parents=True)
    (source / "User.php").write_text("const BASE_URI = 'https://api.im.jpush.cn/v1/users/';\n")
    (source / "Report.php").write_text("const BASE_URI = 'https://report.im.jpush.cn/v2/';\n")
    (source / "Other.php").write_text("const BASE_URI = 'https://example.com/';\n")

    paste(blocks(DOCUMENTS[0], "sh")[-1], tmp_path, dict(os.environ))

    texts = {path.name: path.read_text() for path in source.glob("*.php")}
    assert texts == {
        "User.php": f"const BASE_URI = '{EXAMPLE_HOST}/v1/users/';\n",
        "Report.php": f"const BASE_URI = '{EXAMPLE_HOST}/v2/';\n",
        "Other.php": "const BASE_URI = 'https://example.com/';\n",
    }


def test_both_languages_have_the_same_code_and_sections():
    one, other = ((CHECKOUT / "docs" / name).read_text() for name in DOCUMENTS)

    assert FENCE.findall(one) == FENCE.findall(other)
    marks = [re.findall(r"^(##+) ", FENCE.sub("", text), re.MULTILINE) for text in (one, other)]
    assert marks[0] == marks[1]
