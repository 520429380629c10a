"""Imports as an operator runs them: whole files, killed in the middle, in bounded memory."""

import csv
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from imserver.env import CHECKOUT
from tests.realtime.servers import PATIENCE, Database

pytestmark = pytest.mark.slow

MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"

#: Runs a command and says at the end how much memory the process has had at most, in KiB.
MEASURED = """
import resource, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    made = Database(home)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(home, ignore_errors=True)


def new_app(database: Database) -> str:
    made = json.loads(database.manage("create_app", "moved", "--api-version", "v1", "--json"))
    return str(made["app_key"])


def users_file(path: Path, count: int) -> Path:
    """Every tenth row is wrong, and every hundredth repeats the one before."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["username", "password_md5", "nickname", "extras"])
        for number in range(count):
            name = "x" if number % 10 == 9 else f"user{number - (number % 100 == 55)}"
            writer.writerow([name, MD5, f"昵称 {number}", '{"level": 3}'])
    return path


def people(database: Database, app_key: str) -> list[tuple[str, str]]:
    query = """
        SELECT username, nickname FROM accounts_user u JOIN core_app a ON a.id = u.app_id
        WHERE app_key = %s ORDER BY u.id
    """
    return [(name, nickname) for name, nickname in database.rows(query, app_key)]


def test_killed_again_and_again_it_ends_the_same_as_in_one_run(database, tmp_path):
    file = users_file(tmp_path / "users.csv", 12_000)
    whole, broken = new_app(database), new_app(database)
    database.manage("import_users", whole, str(file), "--results", str(tmp_path / "whole.csv"))
    words = ["import_users", broken, str(file), "--results", str(tmp_path / "broken.csv")]
    position = """
        SELECT position FROM core_importrun r JOIN core_app a ON a.id = r.app_id
        WHERE app_key = %s AND finished_at IS NULL
    """

    for kill_at in (1, 3000, 6001, 9000):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=database.environment(),
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None:
            if any(at >= kill_at for (at,) in database.rows(position, broken)):
                process.kill()
                break
        assert process.wait(PATIENCE) == -signal.SIGKILL
    said = database.manage(*words)

    assert said.startswith("Going on after row ")
    assert people(database, broken) == people(database, whole)
    assert len(people(database, whole)) == 12_000 - 1_200 - 120
    assert (tmp_path / "broken.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_history_that_was_killed_is_in_the_log_once_and_in_order(database, tmp_path):
    key = new_app(database)
    database.manage("import_users", key, str(users_file(tmp_path / "users.csv", 8)))
    file = tmp_path / "history.jsonl"
    with file.open("w") as out:
        for number in range(20):
            page = [message(1000 * number + place) for place in range(500)]
            told = {"total": 10_000, "cursor": "x", "count": 500, "messages": page}
            out.write(f"{json.dumps(told)}\n")
    words = ["import_history", key, str(file), "--results", str(tmp_path / "results.csv")]
    count = """
        SELECT count(*) FROM messaging_message m JOIN core_app a ON a.id = m.app_id
        WHERE app_key = %s
    """

    for kill_at in (1, 4_000):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=CHECKOUT,
            env=database.environment(),
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None:
            if database.rows(count, key)[0][0] >= kill_at:
                process.kill()
                break
        assert process.wait(PATIENCE) == -signal.SIGKILL
    said = database.manage(*words)

    assert "10000 imported, 0 refused" in said
    order = f"SELECT source_id, m.id {count.partition('count(*)')[2]} ORDER BY m.id"
    rows = database.rows(order, key)
    assert [source for source, _ in rows] == sorted({source for source, _ in rows})
    assert len(rows) == 10_000
    noted = [row.split(",") for row in (tmp_path / "results.csv").read_text().splitlines()[1:]]
    assert [(int(row[1]), int(row[4])) for row in noted] == rows


def message(msgid: int) -> dict[str, object]:
    return {
        "msgid": msgid,
        "msg_ctime": 1_493_794_522_950 + msgid,
        "target_type": "single",
        "target_id": f"user{msgid % 7}",
        "from_type": "user",
        "from_id": f"user{(msgid + 1) % 8}",
        "msg_type": "text",
        "msg_body": {"text": f"第 {msgid} 条"},
    }


def test_a_result_file_cut_off_in_the_middle_of_a_row_is_mended(database, tmp_path):
    file = users_file(tmp_path / "users.csv", 1_000)
    key = new_app(database)
    results = tmp_path / "results.csv"
    database.manage("import_users", key, str(file), "--results", str(results))
    whole = results.read_text()
    database.rows(
        "UPDATE core_importrun SET finished_at = NULL WHERE app_id = "
        "(SELECT id FROM core_app WHERE app_key = %s) RETURNING id",
        key,
    )
    results.write_text(whole[:-7])

    said = database.manage("import_users", key, str(file), "--results", str(results))

    assert said.startswith("Going on after row 1000.")
    assert results.read_text() == whole


def peak_memory(database: Database, file: Path) -> int:
    """Of an import of that file, in KiB."""
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, "import_users", new_app(database), str(file)],
        cwd=CHECKOUT,
        env=database.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout.splitlines()[-1])


def test_memory_does_not_grow_with_the_file(database, tmp_path):
    small = peak_memory(database, users_file(tmp_path / "small.csv", 2_000))
    large = peak_memory(database, users_file(tmp_path / "large.csv", 30_000))

    assert large - small < 10 * 1024
