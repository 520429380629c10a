"""Make or renew .venv: `python3 tools/venv.py run|dev`.

Installs exactly what requirements.lock (run) or requirements-dev.lock (dev, which holds all of the
former) pins, and does nothing when that is there already. Needs Python's standard library only;
its syntax is old on purpose, so that an old Python gets the message and not a traceback.
"""

import fcntl
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST = (3, 11)


def main(purpose):
    """Bring .venv up to what ``purpose`` needs."""
    if sys.version_info < OLDEST:
        sys.exit(
            "imserver needs Python %d.%d or newer, and this is %d.%d: "
            "say which one to use, as in make PYTHON=python3.12 run."
            % (OLDEST + tuple(sys.version_info[:2]))
        )
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # make run and make test at once, in a fresh clone
        if not is_current(purpose):
            install(purpose)


def stamp(purpose):
    """Return what .venv/PURPOSE.installed holds when all is installed."""
    lock = (CHECKOUT / LOCKS[purpose]).read_text()
    return "%s\n%s\n%s" % (VENV, sys.version.split()[0], lock)


def is_current(purpose):
    """Whether .venv has what ``purpose`` needs, from this lock, by this Python, in this place."""
    enough = ("dev",) if purpose == "dev" else ("run", "dev")
    for installed in enough:
        file = VENV / (installed + ".installed")
        if file.exists() and file.read_text() == stamp(installed):
            return True
    return False


def install(purpose):
    """Make .venv unless it works, and install the lock file into it."""
    if not works():
        try:
            import ensurepip  # noqa: F401
        except ImportError:
            sys.exit(
                "This Python can't make virtual environments: "
                "apt-get install python3-venv (as root), then try again."
            )
        print("Making .venv", flush=True)
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    print("Installing %s into .venv (about a minute, once)" % LOCKS[purpose], flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq"]
    wanted = ["--no-deps", "--require-hashes", "--requirement", str(CHECKOUT / LOCKS[purpose])]
    run([*pip, "install", *wanted])
    for other in LOCKS:
        file = VENV / (other + ".installed")
        if file.exists():
            file.unlink()
    (VENV / (purpose + ".installed")).write_text(stamp(purpose))


def works():
    """Whether .venv is whole, and made here by this Python (a moved or copied one is not)."""
    question = "import sys, pip; print(sys.prefix, sys.version.split()[0])"
    try:
        answer = subprocess.check_output([str(PYTHON), "-c", question], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.decode().strip() == "%s %s" % (VENV, sys.version.split()[0])


def run(command):
    """Run ``command``, and end as it does when it fails."""
    code = subprocess.call(command, cwd=str(CHECKOUT))
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
