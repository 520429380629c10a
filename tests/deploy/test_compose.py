"""deploy/compose.yaml and deploy/Dockerfile, as far as can be told without Docker: they fit the server."""

import json
import os
import re
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from apps.console.serving import add_options
from imserver.env import CHECKOUT
from tests.deploy.conftest import CONFIGURATION, ROLES

DEPLOY = CHECKOUT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
NGINX = CONFIGURATION.read_text()
#: What somebody writes into .env.
TOLD = {
    "POSTGRES_PASSWORD": "0123456789abcdef",
    "SECRET_KEY": "0123456789-0123456789-0123456789-0123456789-0123456789",
    "ALLOWED_HOSTS": "im.example.com",
}


def interpolated(value: str) -> str:
    """As Compose does it, for variables that must be there."""
    return re.sub(r"\$\{(\w+):\?\}", lambda found: TOLD[found[1]], value)


def instructions(name: str) -> list[str]:
    """The arguments of the Dockerfile's instructions of that name, lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.+)$", joined, re.MULTILINE)


def test_every_service_waits_for_services_that_there_are_and_that_can_say_when():
    for service in SERVICES.values():
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert SERVICES[other]["restart"] == "no"


def test_the_roles_are_started_by_commands_that_there_are():
    assert set(OURS) == {"migrate", "work", *ROLES}
    for service in OURS.values():
        assert service["command"][0] in get_commands()
    parser = ArgumentParser()
    add_options(parser)
    for role, server in ROLES.items():
        told = parser.parse_args(OURS[role]["command"][1:])
        assert (told.server, told.work) == (server, False)


def test_nginx_finds_the_roles_and_its_files():
    (port,) = re.findall(r"PORT=(\d+)", DOCKERFILE)
    upstreams = re.findall(r"upstream (\w+) \{\s+server (\S+);", NGINX)
    assert dict(upstreams) == {role: f"{role}:{port}" for role in ROLES}
    assert instructions("EXPOSE") == [port]

    mounts = dict(volume.removesuffix(":ro").split(":") for volume in SERVICES["nginx"]["volumes"])
    assert (DEPLOY / "nginx.conf").exists()
    assert mounts == {"./nginx.conf": "/etc/nginx/nginx.conf", "./tls": "/etc/nginx/tls"}
    for file in re.findall(r"ssl_certificate(?:_key)? (\S+);", NGINX):
        assert Path(file).parent == Path(mounts["./tls"])
    published = {place.partition(":")[2] for place in SERVICES["nginx"]["ports"]}
    assert published == set(re.findall(r"listen (\d+)", NGINX))


def test_only_nginx_can_be_reached_from_outside_and_its_word_is_trusted():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    for service in OURS.values():
        assert service["environment"]["IM_TRUSTED_PROXIES"] == network["subnet"]


def test_every_variable_is_documented():
    documented = (CHECKOUT / "docs" / "configuration.md").read_text()
    named = {name for service in OURS.values() for name in service["environment"]}
    named |= set(re.findall(r"(\w+)=", instructions("ENV")[0])) - {"PYTHONUNBUFFERED"}

    assert {"DATABASE_URL", "HOST", "PORT"} <= named
    assert {name for name in named if f"`{name}`" not in documented} == set()


@pytest.mark.slow
def test_the_settings_of_production_take_these_variables():
    environment = {name: interpolated(value) for name, value in OURS["api"]["environment"].items()}
    (settings,) = re.findall(r"DJANGO_SETTINGS_MODULE=(\S+)", instructions("ENV")[0])

    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": settings, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_the_image_collects_the_static_files_with_what_it_is_told(tmp_path):
    commands = instructions("RUN")
    (collect,) = [command for command in commands if "collectstatic" in command]
    assert "python3 tools/venv.py run" in commands
    assert ".venv/bin/python manage.py" in collect

    subprocess.run(
        ["sh", "-eu", "-c", collect.replace(".venv/bin/python", sys.executable)],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "IM_VAR_DIR": str(tmp_path)},
        capture_output=True,
        check=True,
    )

    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_the_image_holds_what_it_runs_and_nothing_of_this_checkout():
    for words in instructions("COPY"):
        *sources, _ = [word for word in words.split() if not word.startswith("--")]
        for source in sources:
            assert source.startswith("/srv/") or (CHECKOUT / source).exists()
    program, script = json.loads(instructions("ENTRYPOINT")[0])
    assert (CHECKOUT / script).exists()
    assert program == ".venv/bin/python"

    left_out = set((CHECKOUT / ".dockerignore").read_text().split("\n"))
    assert {".git", ".venv", "var"} <= left_out
    needed = {"apps", "imserver", "templates", "tools", "manage.py", "requirements.lock"}
    assert left_out & needed == set()
