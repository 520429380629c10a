"""`python -m tests.benchmarks.imports`: 100,000 users with the MD5s of their passwords, and what they said.

Prints rows a second and the most memory that a process took, beside an import of a hundredth: with
more than 32 MiB between them it fails. Then how long the worker takes to put Argon2 around so many MD5s.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

from tests.benchmarks.__main__ import database

MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"
MOST_MORE = 32 * 1024  # KiB
WRAPPED = 20  # steps of the worker that are timed

_MEASURED = """
import resource, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def users(count: int) -> Iterator[dict[str, object]]:
    """With a profile, as people have one."""
    for number in range(count):
        yield {
            "username": f"user{number}",
            "password_md5": MD5,
            "nickname": f"用户 {number}",
            "gender": number % 3,
            "region": "深圳",
            "extras": {"level": number % 100},
            "ctime": 1_400_000_000 + number,
        }


def history(count: int, people: int) -> Iterator[dict[str, object]]:
    """Everybody speaks to the next ten."""
    for number in range(count):
        sender = number % people
        yield {
            "msgid": 40_000_000_000 + number,
            "msg_ctime": 1_493_794_522_950 + number * 10,
            "target_type": "single",
            "target_id": f"user{(sender + 1 + number // people % 10) % people}",
            "from_type": "user",
            "from_id": f"user{sender}",
            "msg_type": "text",
            "msg_body": {"text": f"这是第 {number} 条消息"},
        }


def write(path: Path, rows: Iterator[dict[str, object]]) -> Path:
    """As JSON, a row to a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
    return path


def run(command: str, app_key: str, path: Path) -> tuple[float, int]:
    """Seconds, and KiB at most."""
    started = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURED, command, app_key, str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - started, int(ran.stdout.splitlines()[-1])


def measure(command: str, app_key: str, small: Path, large: Path, count: int) -> bool:
    """Print what it takes; whether memory stayed where it was."""
    _, base = run(command, app_key, small)
    seconds, peak = run(command, app_key, large)
    sys.stdout.write(
        f"{command:<20}{count / seconds:>9.0f} rows/s{seconds:>9.1f} s"
        f"{peak / 1024:>9.0f} MiB ({base / 1024:.0f} for a hundredth)\n"
    )
    sys.stdout.flush()
    return peak - base < MOST_MORE


def measure_wrapping(count: int) -> None:
    """Print how long so many MD5s take, from the first steps."""
    from apps.accounts.services.importing import WRAPPED_AT_ONCE, wrap_imported_passwords

    started = time.perf_counter()
    for _ in range(WRAPPED):
        wrap_imported_passwords()
    rate = WRAPPED * WRAPPED_AT_ONCE / (time.perf_counter() - started)
    sys.stdout.write(f"Argon2 around MD5s  {rate:>9.0f} /s{count / rate / 60:>13.0f} min for all\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.dev")
    with database(), tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
        django.setup()
        from apps.core.services.apps import create_app

        key = create_app(name="imports").app.app_key
        files = [
            write(Path(folder, f"{name}.jsonl"), rows)
            for name, rows in (
                ("users small", users(count // 100)),
                ("users", users(count)),
                ("history small", history(count // 100, count)),
                ("history", history(count, count)),
            )
        ]
        steady = [
            measure("import_users", key, files[0], files[1], count),
            measure("import_history", key, files[2], files[3], count),
        ]
        measure_wrapping(count)
    if not all(steady):
        sys.exit("memory grows with the file")


if __name__ == "__main__":
    main()
