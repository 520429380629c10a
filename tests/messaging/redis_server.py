"""A Redis of the tests' own, which goes away and comes back."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.threads import until


class RedisServer:
    """A Redis on a Unix socket, that keeps nothing."""

    def __init__(self, directory: Path) -> None:
        self._socket = directory / "redis.sock"
        self._log = directory / "redis.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self.process = subprocess.Popen(
            [
                "redis-server",
                *options,
                "--dir",
                str(self._socket.parent),
                "--logfile",
                str(self._log),
            ]
        )
        until(self._answers, "redis-server to answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Take connections, and answer nothing any more, as a machine does that has lost its network."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """One that runs, in a short directory: the names of sockets have a limit."""
    directory = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    server = RedisServer(directory)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(directory)
