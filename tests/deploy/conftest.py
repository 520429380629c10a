"""The server as deploy/nginx.conf has it: two roles behind an nginx, with TLS, on ports of its own."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from imserver.env import CHECKOUT
from tests.infra.conftest import Start, starting
from tests.infra.test_serve import READY, read_until
from tests.threads import until

ROLES = {"api": "granian", "gateway": "uvicorn"}
CONFIGURATION = CHECKOUT / "deploy" / "nginx.conf"
PRINTED = {
    "app_key": r"app key +(\S+)",
    "master_secret": r"master secret +(\S+)",
    "alice": r"user +alice, password (\S+)",
    "bobby": r"user +bobby, password (\S+)",
    "operator": r"name +admin\s+password +(\S+)",
}


def nginx() -> str:
    """The program, which Debian keeps where only root looks for programs."""
    return shutil.which("nginx") or "/usr/sbin/nginx"


def free_port() -> int:
    """A port of this machine's that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Site:
    """What runs, and what is known of it: keys and passwords by the names of `PRINTED`."""

    home: Path
    start: Start
    variables: dict[str, str]
    known: dict[str, str]
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    roles: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.https}"

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts the site's certificate and no other."""
        return ssl.create_default_context(cafile=self.home / "fullchain.pem")

    def serve(self, role: str) -> None:
        """Start a role, on the port that it had before."""
        words = ("manage.py", "serve", f"--server={ROLES[role]}", "--workers=1")
        port = self.ports.setdefault(role, free_port())
        self.roles[role] = self.start(*words, f"--port={port}", **self.variables)
        assert read_until(self.roles[role], READY)[1] == f"http://127.0.0.1:{port}"

    def end(self, role: str) -> None:
        """End a role, as an update does."""
        process = self.roles.pop(role)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output

    def client(self, address: str = "127.0.0.1", **more: object) -> httpx.Client:
        """Somebody who calls from that address of this machine."""
        transport = httpx.HTTPTransport(verify=self.trust, local_address=address)
        return httpx.Client(base_url=self.url, transport=transport, timeout=30, **more)  # type: ignore[arg-type]

    def app_server(self) -> httpx.Client:
        """The app's own server."""
        return self.client(auth=(self.known["app_key"], self.known["master_secret"]))

    def token(self, username: str) -> str:
        """Of a session just opened."""
        body = {
            "appkey": self.known["app_key"],
            "username": username,
            "password": self.known[username],
            "platform": "w",
        }
        with self.client() as client:
            answer = client.post("/client/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["token"]
        return token

    def user(self, username: str) -> httpx.Client:
        """Who has logged in."""
        return self.client(headers={"Authorization": f"Bearer {self.token(username)}"})

    def log(self) -> str:
        """What nginx wrote of its requests so far; it does so when they are over."""
        return (self.home / "access.log").read_text()

    def configuration(self) -> str:
        """deploy/nginx.conf with our places in place of its own, and nothing else changed."""
        text = CONFIGURATION.read_text()
        ours = {
            "listen 80;": f"listen 127.0.0.1:{self.http};",
            "listen 443 ": f"listen 127.0.0.1:{self.https} ",
            "server api:8000;": f"server 127.0.0.1:{self.ports['api']};",
            "server gateway:8000;": f"server 127.0.0.1:{self.ports['gateway']};",
            "/etc/nginx/tls": str(self.home),
            "/var/log/nginx": str(self.home),
            "/run/nginx.pid": f"{self.home}/nginx.pid",
            "worker_processes auto;": "worker_processes 1;",
            "worker_rlimit_nofile 65536;": "",
            "worker_connections 16384;": "worker_connections 512;",
        }
        for theirs, own in ours.items():
            assert theirs in text, theirs
            text = text.replace(theirs, own)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {self.home}/{kind}; " for kind in kinds)
        return text.replace("http {", f"http {{ {places}", 1)


@contextmanager
def own_database() -> Iterator[str]:
    """A database of the site's own beside that of the tests; its URL."""
    before, _, query = os.environ["DATABASE_URL"].partition("?")
    server, _, _ = before.rpartition("/")
    name = f"test_run{os.getpid()}_site"
    with psycopg.connect(f"{server}/postgres?{query}", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server}/{name}?{query}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


def make_certificate(home: Path) -> None:
    """A key, and a certificate for 127.0.0.1 signed with it."""
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-subj", "/CN=im.example.com", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(home / "privkey.pem"), "-out", str(home / "fullchain.pem")]
    subprocess.run(
        [*request, "-nodes", "-days", "2", *names, *files], check=True, capture_output=True
    )


@contextmanager
def site_in(home: Path) -> Iterator[Site]:
    """The whole site, once it answers."""
    with own_database() as url, starting(home) as start:
        variables = {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "imserver.settings.prod",
            "SECRET_KEY": "of this test's own site, which ends with it: 0123456789",
            "ALLOWED_HOSTS": "127.0.0.1",
            "IM_TRUSTED_PROXIES": "127.0.0.1",
            "IM_LOGIN_FAILURES_PER_ADDRESS": "3",
            "IM_SAFETY_SECONDS": "60",  # what comes sooner has been told by the bell
        }
        collecting = start("manage.py", "collectstatic", "--noinput", **variables)
        making = start("manage.py", "quickstart", "--port=0", **variables)
        printed, _ = making.communicate(timeout=120)
        collected, _ = collecting.communicate(timeout=120)
        assert (making.returncode, collecting.returncode) == (0, 0), printed + collected
        known = {name: re.findall(pattern, printed)[0] for name, pattern in PRINTED.items()}
        site = Site(home, start, variables, known)
        make_certificate(home)
        for role in ROLES:
            site.serve(role)
        with nginx_of(site):
            yield site
        for role in list(site.roles):
            site.end(role)


@contextmanager
def nginx_of(site: Site) -> Iterator[None]:
    """nginx in front of the roles."""
    file = site.home / "nginx.conf"
    file.write_text(site.configuration())
    words = [nginx(), "-p", str(site.home), "-e", str(site.home / "error.log"), "-c", str(file)]
    tested = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in tested.stderr
    process = subprocess.Popen([*words, "-g", "daemon off;"])
    try:
        until(lambda: answers(site), "nginx to answer")
        yield
    finally:
        process.terminate()
        process.wait(30)


def answers(site: Site) -> bool:
    try:
        with site.client() as client:
            return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    home = Path(tempfile.mkdtemp(prefix="im", dir="/tmp"))
    home.chmod(0o755)
    try:
        with site_in(home) as site:
            yield site
    finally:
        shutil.rmtree(home, ignore_errors=True)
