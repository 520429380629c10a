"""The server's own process: found, started, stopped, and cleared away after a crash.

Nothing here is safe to do from two processes at once; `server.py` sees to that.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from imserver.embedded.account import EmbeddedError
from imserver.embedded.place import PORT, SHORT_DIRECTORY, SUPERUSER

if TYPE_CHECKING:
    from pathlib import Path

    from imserver.embedded.place import Place

#: Size in bytes past which the log is set aside at the next start.
LOG_LIMIT = 10_000_000
#: Seconds after which a wait (for recovery after a crash, as a rule) is worth a line.
PATIENCE = 5.0
#: Seconds that a clean stop may take before the server is told to drop everything.
STOP_WITHIN = 60
MIB = 1024 * 1024


class Postmaster:
    """The main process of the server at ``place``, if there is one."""

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable

    def process(self) -> psutil.Process | None:
        """Return the running process.

        After a crash the number in postmaster.pid may have gone to any other process; a server's
        processes are known by their working directory, which is the data directory.
        """
        try:
            number = int(self._pid_file().split("\n", 1)[0])
            process = psutil.Process(number)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None
        return process if self._is_ours(process) else None

    def ensure_running(self) -> None:
        """Start the server, or wait for one that is starting, stopping or recovering."""
        process = self.process()
        if process is not None and not self._settled(process):
            self.halt()
            process = None
        if process is None:
            self._clear_away()
            if not self.place.data.exists():
                self._initialise()
            self._launch()

    def halt(self) -> None:
        """Stop the server if it runs: cleanly, or by force after ``STOP_WITHIN`` seconds."""
        for mode in ("fast", "immediate"):
            if self.process() is not None:
                self._run_pg_ctl("stop", f"--mode={mode}", f"--timeout={STOP_WITHIN}")
        if self.process() is not None:
            self._clear_away()
        if self.place.sockets.parent == SHORT_DIRECTORY:
            with contextlib.suppress(OSError):  # was never made, or isn't empty
                self.place.sockets.rmdir()

    def _pid_file(self) -> str:
        return (self.place.data / "postmaster.pid").read_text()

    def _is_ours(self, process: psutil.Process) -> bool:
        data = str(self.place.data)
        try:
            return process.name().startswith("postgres") and process.cwd() in (
                data,
                f"{data} (deleted)",  # Linux's way of putting it
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # zombies have no directory
            return False

    def _settled(self, process: psutil.Process) -> bool:
        """Wait until a running server is ready (true) or has to be replaced (false)."""
        say_at = time.monotonic() + PATIENCE
        while self._is_ours(process):
            with contextlib.suppress(FileNotFoundError):
                lines = self._pid_file().split("\n")
                if len(lines) > 7 and lines[7].strip() == "ready":
                    # The socket can be gone, when something swept its directory.
                    return self.place.socket.exists()
            if time.monotonic() > say_at:
                say_at = float("inf")
                _say(f"Waiting for the embedded PostgreSQL (see {self.place.log}).")
            time.sleep(0.05)
        return False

    def _clear_away(self) -> None:
        """Remove what a killed server left: its children, its pid file, its socket."""
        left = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGQUIT)
        _, stubborn = psutil.wait_procs(left, timeout=5)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        self.place.socket.unlink(missing_ok=True)
        self.place.socket.with_name(f"{self.place.socket.name}.lock").unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Make an empty data directory: aside first, so that a half-made one is never used."""
        unfinished = self.place.home / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir()
        self.place.account.own(unfinished, 0o700)
        command: list[str | Path] = [
            self.place.programs.bin / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            # Sorts the same everywhere, whatever locales the system has.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        if not self.durable:
            command.append("--no-sync")
        code, output = self.place.account.run(command)
        if code:
            raise EmbeddedError(f"The embedded PostgreSQL can't make {self.place.data}: {output}")
        unfinished.rename(self.place.data)

    def _launch(self) -> None:
        self._check_version()
        self._make_private(self.place.sockets)
        self._prepare_log()
        if self.place.home != self.place.wanted:
            _say(
                f"PostgreSQL runs as {self.place.account.name}, who can't enter "
                f"{self.place.wanted}: its data is in {self.place.home}."
            )
        options = [f"--{name}={value}" for name, value in self._options().items()]
        code, output = self._run_pg_ctl(
            "start",
            f"--log={self.place.log}",
            f"--options={shlex.join(options)}",
            "--timeout=864000",  # seconds: recovery may take its time, and an end is noticed
        )
        if code:
            end_of_log = "\n".join(self.place.log.read_text().splitlines()[-10:])
            raise EmbeddedError(f"The embedded PostgreSQL can't start. {output}\n{end_of_log}")

    def _run_pg_ctl(self, *words: str) -> tuple[int, str]:
        """Run pg_ctl to its end, and say so when that takes long: exit code and output."""
        program = self.place.programs.bin / "pg_ctl"
        process = self.place.account.start(
            [program, words[0], f"--pgdata={self.place.data}", "--silent", "--wait", *words[1:]]
        )
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _say(f"Waiting for the embedded PostgreSQL to {words[0]} (see {self.place.log}).")
            output, _ = process.communicate()
        finally:
            process.kill()  # matters when we were interrupted, and nothing otherwise
            process.wait()
        return process.returncode, output.strip()

    def _options(self) -> dict[str, str | int]:
        memory = psutil.virtual_memory().total // 8
        options: dict[str, str | int] = {
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": f'"{self.place.sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": 200,
            "shared_buffers": f"{min(max(memory // MIB, 32), 512)}MB",
            "synchronous_commit": "on",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] ",
            "log_checkpoints": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        return options

    def _prepare_log(self) -> None:
        log = self.place.log
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        log.touch()
        self.place.account.own(log, 0o600)

    def _check_version(self) -> None:
        version = (self.place.data / "PG_VERSION").read_text().strip()
        installed = self.place.programs
        if version != installed.major:
            raise EmbeddedError(
                f"{self.place.data} was made by PostgreSQL {version}, but {installed.version} is "
                "installed: dump it with the old one and load it into the new one."
            )

    def _make_private(self, directory: Path) -> None:
        """Make ``directory`` the account's own, refusing one that somebody else laid there."""
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            self.place.account.own(directory, 0o700)
        owner = directory.lstat().st_uid
        if directory.is_symlink() or not directory.is_dir() or owner != self.place.account.uid:
            raise EmbeddedError(f"{directory} was made by somebody else: remove it.")
        directory.chmod(0o700)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
