"""What the official C# SDK really writes: indented JSON, and GETs that have a type and an empty body."""

import json

import pytest

from tests.sdk.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture
def csharp(moved):
    return Wire(moved, "dotnet", "application/json; charset=utf-8")


@pytest.fixture
def name(csharp, request):
    name = f"csharp{abs(hash(request.node.nodeid)) % 10**10:010}"
    body = json.dumps([{"username": name, "password": "secret", "nickname": None}], indent=2)
    answer = csharp.send("POST /v1/users", body.encode())
    assert (answer.status, answer.json) == (201, [{"username": name}])
    return name


@pytest.mark.parametrize(
    "path", ["/v1/sensitiveword?start=0&count=10", "/v1/sensitiveword/status", "/v1/users?count=1"]
)
def test_a_get_with_an_empty_body_is_a_get(csharp, path):
    assert csharp.send(f"GET {path}", b"").status == 200


def test_a_deletion_with_an_empty_body_is_one_without(csharp, name):
    assert csharp.send(f"DELETE /v1/users/{name}", b"").status == 204


def test_what_is_true_is_written_with_a_capital(csharp, name):
    for status in ("True", "False"):
        assert csharp.send(f"PUT /v1/users/{name}/forbidden?disable={status}", b"").status == 204
