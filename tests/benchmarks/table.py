"""The rows of the table."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count

from apps.core.models import App
from tests.benchmarks import console, load, realtime, words
from tests.benchmarks.ceiling import pgbench
from tests.benchmarks.world import (
    World,
    call,
    make_world,
    reads_of_users,
    sends_to_group,
    sends_to_users,
    syncs,
)

CONNECTIONS = 16
WARM_UP = 1.0

_SCENARIOS: dict[str, Callable[[World], Iterator[bytes]]] = {
    "send to a user": sends_to_users,
    "send to a group of 500": sends_to_group,
    "read a user": reads_of_users,
    "sync, the last rows": syncs,
}


def print_table(
    address: tuple[str, int], pid: int, *, seconds: int, only: str, scale: float
) -> None:
    """Measure each scenario and pgbench, and print what came out."""
    world = make_world(address)
    app_id = App.objects.get(app_key=world.app_key).pk
    _row("", "per second", "of pgbench", "p50 ms", "p99 ms")
    ceiling, latency = pgbench(app_id, connections=CONNECTIONS, seconds=seconds)
    _row("pgbench, the send's statement", f"{ceiling:.0f}", "1.00", f"{latency:.1f}", "")
    for name, scenario in _SCENARIOS.items():
        if only in name:
            requests = scenario(world)
            load.run(address, requests, connections=CONNECTIONS, seconds=WARM_UP)
            measured = load.run(address, requests, connections=CONNECTIONS, seconds=seconds)
            _report(name, measured, ceiling)
    if only in "register a batch of 500":
        _measure_registration(world, ceiling)
    if only in "delivery":
        realtime.report(world, pid, seconds, _row)
    if only in "sensitive words":
        words.report(_row)
    if only in "console":
        console.report(address, _row, scale=scale)
    ceiling, latency = pgbench(app_id, connections=CONNECTIONS, seconds=seconds)
    _row("pgbench again", f"{ceiling:.0f}", "1.00", f"{latency:.1f}", "")


def _report(name: str, measured: load.Measured, ceiling: float) -> None:
    share = f"{measured.rate / ceiling:.2f}"
    p50, p99 = (f"{measured.quantile(part):.1f}" for part in (0.5, 0.99))
    _row(name, f"{measured.rate:.0f}", share, p50, p99)
    for status, times in measured.failures.items():
        _row(f"  answered {status.decode()}", str(times), "", "", "")


def _measure_registration(world: World, ceiling: float) -> None:
    """A batch of 500 alone, and once more while sends go on beside it."""
    batches = count(1)

    def register() -> float:
        number = next(batches)
        rows = [
            {"username": f"batch{number}-{place}", "password": "secret"} for place in range(500)
        ]
        url = f"http://{world.address[0]}:{world.address[1]}"
        started = time.perf_counter()
        call(url, world.authorization, "POST", "/v1/users", rows)
        return time.perf_counter() - started

    taken = register()
    _row("register a batch of 500", f"{500 / taken:.0f} users", "", f"{taken * 1000:.0f}", "")
    body = json.dumps(
        [{"username": f"beside-{place}", "password": "secret"} for place in range(500)]
    ).encode()
    batch = load.request("POST", "/v1/users", world.authorization, body)

    def mixed() -> Iterator[bytes]:
        yield batch
        yield from sends_to_users(world)

    measured = load.run(world.address, mixed(), connections=CONNECTIONS, seconds=5)
    measured.latencies.remove(max(measured.latencies))  # the batch itself
    _report("send, beside a batch of 500", measured, ceiling)


def _row(*cells: str) -> None:
    name, *numbers = cells
    sys.stdout.write(f"{name:<32}" + "".join(f"{number:>14}" for number in numbers) + "\n")
    sys.stdout.flush()
