"""Bodies that are no good, sent to every operation: each is refused, with a reason, and changes nothing."""

import json
from itertools import product
from typing import Any

import pytest

from apps.core.api.operations import routes
from tests.conftest import ApiClient
from tests.robustness.conftest import World

WRITING = {"POST", "PUT", "DELETE"}
BROKEN = [
    b"{",
    b"[",
    b'{"a": 1',
    b"{'a': 1}",
    b'{"a": 1}}',
    b"[1,]",
    b"not json",
    b"\xff\xfe\x00",
    b'{"name": "\xff"}',
    b'{"name": "\xed\xa0\x80"}',
    b"\xef\xbb\xbf{}",
    b"\0",
    b'{"name": "a\0b"}',
    b'{"name": "a\\u0000b"}',
    b'["a\\u0000b"]',
    b'{"name": "\\ud800"}',
    b'{"name": NaN}',
    b'{"name": 1e999}',
    b'{"name": 1e300}',
    b'{"name": ' + b"9" * 30 + b"}",
    b'{"name": ' + b"9" * 10_000 + b"}",
    b'{"name": "a", "name": "b"}',
    b'[{"username": "someone", "username": "else"}]',
    b"[" * 100_000,
    b'{"a":' * 1000 + b"1" + b"}" * 1000,
    b"[" * 40 + b"]" * 40,
    b"<?xml version='1.0'?><users/>",
    b"username=alice&password=secret",
    json.dumps(["x"] * 3_000_000).encode()[: 10 * 1024 * 1024],
    b'"' + b"x" * (10 * 1024 * 1024) + b'"',
]
#: What is read before any dialect comes into play is tried in one.
one_dialect = pytest.mark.parametrize("world", ["v1"], indirect=True)
#: Valid JSON that no operation takes.
NO_BODY_OF_OURS = [
    b"1",
    b"1.5",
    b'"alice"',
    b"true",
    b"[[]]",
    b"[[[]]]",
    b"[1]",
    b"[null]",
    b"[true]",
]
OTHER_TYPES = [
    "text/plain",
    "text/html; charset=utf-8",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/jsonp",
    "json",
    "/",
    "application/json, text/plain",
    "\x01",
    "é",
]


@pytest.fixture
def readers(world: World, attempt: Any) -> list[tuple[ApiClient, str, str]]:
    """Every operation of the API that looks at its body: who may call it, the method and the path."""
    found = []
    for route in routes():
        if route.path.startswith(("/v1/", "/v2/", "/client/")) and route.method in WRITING:
            path = world.fill(route.path)
            speaker = world.speaker(path)
            if attempt(speaker, route.method, path, b"{").status_code == 400:
                found.append((speaker, route.method, path))
    return found


def test_most_that_write_read_a_body(readers):
    methods = {(method, path) for _, method, path in readers}

    assert len(methods) >= 12
    assert {("POST", "/v1/users"), ("DELETE", "/v1/users"), ("POST", "/v1/messages")} <= methods


@one_dialect
def test_a_broken_body_is_refused(readers, attempt):
    for (speaker, method, path), body in product(readers, BROKEN):
        reply = attempt(speaker, method, path, body)

        assert reply.status_code == 400, (method, path, body[:100])
        assert len(reply.content) < 1000, "the refusal does not repeat the body"


def test_json_that_is_no_body_of_ours_is_refused(readers, attempt):
    for (speaker, method, path), body in product(readers, NO_BODY_OF_OURS):
        reply = attempt(speaker, method, path, body)

        assert 400 <= reply.status_code < 500, (method, path, body)


@one_dialect
def test_a_body_of_another_type_is_refused(readers, attempt):
    for (speaker, method, path), content_type in product(readers, OTHER_TYPES):
        reply = attempt(speaker, method, path, b'{"name": "x"}', content_type=content_type)

        assert reply.status_code == 400, (method, path, content_type)


def test_without_a_body_nothing_is_done(world, attempt):
    operations = [
        ("POST", "/v1/users"),
        ("DELETE", "/v1/users"),
        ("PUT", "/v1/users/alice/password"),
        ("POST", "/v1/groups"),
        ("POST", "/v1/messages"),
        ("PUT", "/v1/groups/<str:gid>"),
        ("POST", "/v1/groups/<str:gid>/members"),
        ("PUT", "/v1/groups/owner/<str:gid>"),
    ]
    for (method, path), content_type in product(operations, ["application/json", "", "text/plain"]):
        reply = attempt(world.api, method, world.fill(path), b"", CONTENT_TYPE=content_type)

        assert reply.status_code == 400
        assert reply.json()["error"]["message"].startswith("body: ")


def test_a_charset_after_the_type_is_passed_over(world, attempt):
    body = json.dumps([{"username": "david", "password": "secret"}]).encode()
    for content_type in (
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset:utf-8",
        "Application/JSON; charset=hex",
        "application/json; charset=utf-16",
        "",
    ):
        reply = attempt(world.api, "POST", "/v1/users", body, content_type=content_type)

        assert reply.status_code == 201, content_type
