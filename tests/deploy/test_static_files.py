"""The files of the pages in production: under names with a hash, so that they may be kept for ever."""

import json
import os
import re
import subprocess
import sys

import pytest

from imserver.env import CHECKOUT

pytestmark = pytest.mark.slow

_HASHED = re.compile(r"[\w/-]+\.[0-9a-f]{12}\.(js|css|svg)")

# As a browser loads the chat: the page, what it names, and what that names in its turn.
_LOAD = """
import json, posixpath, re
from django.test import Client
client, found = Client(), {}
page = client.get("/chat/", secure=True)
wanted = re.findall('(?:href|src)="(/static/[^"]+)"', page.content.decode())
for address in wanted:
    answer = client.get(address, secure=True)
    text = b"".join(answer).decode()
    found[address] = [answer.status_code, answer.headers.get("Cache-Control", "")]
    for name in re.findall('^import (?:[^";]* from )?"([^"]+)";', text, re.MULTILINE):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(address), name))
        if other not in wanted:
            wanted.append(other)
print(json.dumps(found))
"""


def run(*words, **variables):
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_chat_loads_nothing_in_production_but_what_may_be_kept_for_ever(tmp_path):
    production = {
        "DJANGO_SETTINGS_MODULE": "imserver.settings.prod",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",  # neither page nor files ask it
        "SECRET_KEY": "of this test's own site, which ends with it: 0123456789",
        "ALLOWED_HOSTS": "testserver",
        "IM_VAR_DIR": str(tmp_path),
    }
    run("collectstatic", "--noinput", "--verbosity=0", **production)

    printed = run("shell", "--no-imports", "--command", _LOAD, **production)
    loaded = json.loads(printed.splitlines()[-1])

    modules = {path.name for path in (CHECKOUT / "apps/realtime/static/chat").glob("*.js")}
    names = {re.sub(r"\.[0-9a-f]{12}", "", address.rpartition("/")[2]) for address in loaded}
    assert modules <= names  # each is imported by another
    for address, (status, kept) in loaded.items():
        assert _HASHED.search(address), address
        assert status == 200, address
        assert kept == "max-age=315360000, public, immutable", address
