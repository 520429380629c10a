"""`make bench`: one table from one run on one machine. Absolute numbers drift; read the ratios."""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg

from imserver.embedded import EmbeddedServer
from imserver.embedded.server import ROLE

CONNECTIONS = 16


@contextlib.contextmanager
def database() -> Iterator[None]:
    """A PostgreSQL of the benchmark's own, durable as in production, unless DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        with EmbeddedServer(Path(home, "postgresql")) as server:
            os.environ["DATABASE_URL"] = server.url
            owner = server.place.url_of("postgres", "postgres")
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(f"GRANT pg_checkpoint TO {ROLE}")
            yield


@contextlib.contextmanager
def server(options: list[str]) -> Iterator[tuple[tuple[str, int], int]]:
    """`manage.py serve` on a free port of loopback; stopped at the end. Its address, and process id."""
    command = [sys.executable, "manage.py", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "http://" in line:
                host, _, port = line.split("http://")[1].split("/")[0].split()[0].partition(":")
                break
        else:
            raise RuntimeError("the server did not start")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        wait_for(f"http://{host}:{int(port)}/nowhere")
        yield (host, int(port)), process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str) -> None:
    """Until something answers there."""
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=5)  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--scale", type=float, default=0.1, help="Of the console's world; 1 has a million users."
    )
    arguments, serve_options = parser.parse_known_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.dev")
    with database():
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
        django.setup()
        with server(serve_options) as (address, pid):
            from tests.benchmarks.table import print_table

            print_table(
                address,
                pid,
                seconds=arguments.seconds,
                only=arguments.only,
                scale=arguments.scale,
            )


if __name__ == "__main__":
    main()
