"""The ceiling: pgbench with the send's own checks and insert, prepared, without the log's lock."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from apps.messaging import log
from imserver.embedded import Programs
from tests.benchmarks.world import FIRST, USERS

_LATENCY = re.compile(r"latency average = ([0-9.]+) ms")
_RATE = re.compile(r"tps = ([0-9.]+)")
_VALUES = {
    "app": "{app}",
    "from_id": "(:sender)::text",
    "target_id": "(:sender + 1)::text",
    "admins_only": "false",
    "from_type": "'user'",
    "from_name": "''",
    "target_type": "'single'",
    "target_name": "''",
    "msg_type": "'text'",
    "body": """'{"text": "Hello, how are you today?"}'""",
    "create_time": "NULL",
    "options": "NULL",
    "from_platform": "''",
    "key": "NULL",
    "hash": "NULL",
}


def script(app_id: int) -> str:
    """The statement of a send as pgbench wants it, its lock taken out."""
    statement = log.TO_USER.replace(log.TAKE_LOCK, "NULL")
    for name, value in _VALUES.items():
        statement = statement.replace(f"%({name})s", value.replace("{app}", str(app_id)))
    one_line = " ".join(statement.split())
    return f"\\set sender random({FIRST}, {FIRST + USERS - 2})\n{one_line};\n"


def pgbench(app_id: int, *, connections: int, seconds: int) -> tuple[float, float]:
    """Sends a second, and the mean latency in milliseconds."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "send.sql")
        path.write_text(script(app_id))
        ran = subprocess.run(
            [
                str(Programs.installed().bin / "pgbench"),
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={connections}",
                "--jobs=2",
                f"--time={seconds}",
                f"--file={path}",
                os.environ["DATABASE_URL"],
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    rate, latency = _RATE.search(ran.stdout), _LATENCY.search(ran.stdout)
    if rate is None or latency is None:
        raise RuntimeError(ran.stdout)
    return float(rate[1]), float(latency[1])
