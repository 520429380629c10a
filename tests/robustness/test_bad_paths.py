"""Paths, methods and queries that are no good: refused with the envelope, and nothing changes."""

import json
from itertools import product
from typing import Any

import pytest
from django.test import Client

from apps.core.api.operations import Route, routes
from tests.robustness.conftest import World, wire
from tests.robustness.test_bad_fields import GOOD

NAMES = [
    "nobody",
    "mallory",  # of another app
    "Alice",
    "alice ",
    " alice",
    "alice\0",
    "\0",
    "%00",
    "..",
    ".",
    "-",
    "*",
    "alice,bobby",
    "alice;x=1",
    "alice?x=1",
    "alice#x",
    "字" * 50,
    "\U0010ffff",
    "\ufeffalice",
    "x" * 5000,
    "' OR 1=1 --",
    "%",
    "%s",
    "{0}",
    "\n",
]
NUMBERS = [
    "0",
    "-1",
    "1",
    "1.5",
    "1e3",
    "abc",
    "+1",
    " 1",
    "1 ",
    "0x10",
    "1_0",
    "\u0661\u0662",  # digits, but Arabic ones
    "\uff11",
    "²",
    str(2**31),
    str(2**53),
    str(2**63),
    str(10**30),
    "9" * 1000,
    "\0",
    "1\0",
    "null",
    "%20",
]
#: Not UTF-8, or not what it seems: as it goes over the wire.
ON_THE_WIRE = ["%ff", "%c3%28", "%ed%a0%80", "%00", "%zz", "%", "%c0%af", "%f8%88%80%80%80"]
PARAMETERS = {
    "username": NAMES,
    "gid": NUMBERS,
    "msg_id": NUMBERS,
    "room_id": NUMBERS,
    "session_id": NUMBERS,
    "conversation_id": NUMBERS,
}
SAID: dict[tuple[str, str], Any] = {(method, path): body for method, path, body in GOOD.values()}


def api_routes() -> list[Route]:
    known = [
        route
        for route in routes()
        if route.path.startswith(("/v1/", "/v2/", "/client/")) and route.method != "HEAD"
    ]
    assert len(known) > 20
    return known


def good_body(route: Route) -> bytes:
    body = SAID.get((route.method, route.path.replace("<str:username>", "alice")))
    body = body or SAID.get((route.method, route.path))
    return b"{}" if body is None else json.dumps(body).encode()


QUERY = "?count=10&begin_time=2015-01-01%2000:00:00&end_time=2015-01-02%2000:00:00"


@pytest.mark.parametrize("world", ["v1"], indirect=True)
def test_a_path_to_what_is_not_there_is_refused(world, attempt):
    for route in api_routes():
        for name, bad in PARAMETERS.items():
            if f":{name}>" not in route.path:
                continue
            others = [world.values[f"others_{name}"]] if f"others_{name}" in world.values else []
            for value in [*map(wire, [*bad, *others]), *ON_THE_WIRE]:
                path = world.fill(route.path, **{name: value})
                query = QUERY if route.path.startswith("/v2/") else ""
                reply = attempt(world.speaker(path), route.method, path + query, good_body(route))

                assert 400 <= reply.status_code < 500, (route.method, path)


@pytest.mark.parametrize("world", ["2015-02"], indirect=True)
def test_another_tenants_are_not_there(world, attempt):
    """The draft tells with 404 what v1 tells with 403."""
    for path in ("/users/mallory", f"/groups/{world.values['others_gid']}"):
        assert attempt(world.api, "GET", path, b"").status_code == 404
        assert attempt(world.api, "DELETE", path, b"").status_code == 404
        assert attempt(world.api, "PUT", path, b'{"name": "x"}').status_code == 404


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "TRACE", "HEAD", "BREW", "PROPFIND"])
def test_a_method_that_is_none_is_refused(world, attempt, method):
    for path in {world.fill(route.path) for route in api_routes()}:
        if method == "HEAD":  # as GET, without the body
            reply = Client.generic(world.speaker(path), method, path)
            assert reply.status_code in {200, 400, 404, 405}, path
            assert reply.content == b""
        else:
            reply = world.speaker(path).raw(method, path, b"{}")
            assert reply.status_code in {404, 405}, (method, path)
            assert reply.json()["error"]["code"] in {890404, 890405}


UNKNOWN = [
    "/",
    "/v1",
    "/v1/",
    "/v2",
    "/v3/users",
    "/v1/nothing",
    "/v1/users/alice/nothing",
    "/v1/users/alice/sync/more",
    "/v1/groups/1/members/alice",
    "/V1/users",
    "/v1/Users",
    "/v1/users.json",
    "/v1/%00",
    "/%00",
    "/%ff",
    "/v1/users%00",
    "/v1/%2e%2e/admin",
    "/../etc/passwd",
    "/favicon.ico",
    "/.env",
    "/" + "a" * 8000,
    "/" + "a/" * 4000,
    "/client/v1",
    "/client/v1/nothing",
    "/%F0%9F%98%80",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: path[:40])
def test_a_path_that_is_none_is_refused_with_the_envelope(nobody_api, db, path):
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        reply = nobody_api.generic(method, path, b"{}", content_type="application/json")

        assert reply.status_code == 404
        assert reply.json()["error"]["code"] == 890404


# --- Queries ----------------------------------------------------------------------------------------

NO_COUNTS = [
    "-1",
    "1.5",
    "x",
    "1e3",
    "+1",
    "0x1",
    "1_0",
    "\u0661",
    "1,2",
    "9" * 100,
    str(2**63),
    "\0",
]
NO_TIMES = [
    "2015",
    "2015-01-01",
    "2015-01-01T00:00:00",
    "2015-13-01 00:00:00",
    "2015-01-01 24:00:00",
    "2015-02-29 00:00:00",
    "0000-01-01 00:00:00",
    "10000-01-01 00:00:00",
    "now",
    "\0",
    "2015-01-01 00:00:00+08:00",
]
NO_FLAGS = ["yes", "2", "-", "null", "\0", "truefalse"]
WINDOW = {"begin_time": "2015-01-01 00:00:00", "end_time": "2015-01-02 00:00:00", "count": "10"}
#: path, a good query, the parameter, what is wrong for it.
QUERIES: list[tuple[str, dict[str, str], str, list[str]]] = [
    ("/v1/users", {}, "start", NO_COUNTS),
    ("/v1/users", {}, "count", ["0", "501", *NO_COUNTS]),
    ("/v1/users", {}, "disabled", NO_FLAGS),
    ("/v1/users", {}, "created_from", NO_TIMES),
    ("/v1/users", {}, "created_to", NO_TIMES),
    ("/v1/users", {}, "username_prefix", ["x" * 129, "a\0"]),
    ("/v1/groups", {}, "start", NO_COUNTS),
    ("/v1/groups", {}, "count", ["0", "501", *NO_COUNTS]),
    ("/v1/groups", {}, "created_from", NO_TIMES),
    ("/v1/groups", {}, "created_to", NO_TIMES),
    ("/v1/groups", {}, "name_prefix", ["x" * 65, "a\0"]),
    ("/v1/users/alice/sync", {}, "limit", ["0", "501", *NO_COUNTS]),
    ("/v1/users/alice/sync", {}, "wait", ["61", *NO_COUNTS]),
    ("/v1/users/alice/sync", {}, "after", ["\0"]),
    *[
        (path, WINDOW, name, bad)
        for path in ("/v2/messages", "/v2/users/alice/messages", "/v2/groups/<str:gid>/messages")
        for name, bad in [
            ("count", ["", "0", "1001", *NO_COUNTS]),
            ("begin_time", ["", "2015-01-03 00:00:00", "2014-12-01 00:00:00", *NO_TIMES]),
            ("end_time", ["", "2014-12-31 23:59:59", "2015-02-01 00:00:00", *NO_TIMES]),
            ("cursor", ["x", "AAAA", "\0", "é", "x" * 10_000]),
        ]
    ],
]


@pytest.mark.parametrize("world", ["v1"], indirect=True)
def test_a_query_that_is_none_is_refused(world):
    for path, good, name, bad in QUERIES:
        path = world.fill(path)
        assert world.api.get(path, good).status_code == 200
        for value in bad:
            reply = world.api.get(path, {**good, name: value})

            assert reply.status_code == 400, (path, name, value[:50])
            error = reply.json()["error"]
            assert error["code"] in {899003, 890001}, (path, name, value[:50])
            if name not in {"begin_time", "after"}:  # what ends before it begins is told of its end
                assert error["message"].strip("'").startswith(name), (path, name, value[:50], error)


@pytest.mark.parametrize("world", ["v1"], indirect=True)
def test_the_edges_of_time_and_of_lists_are_just_empty(world):
    edges = ["0001-01-01 00:00:00", "9999-12-31 23:59:59", "1883-11-18 12:00:00"]
    for path, name in product(("/v1/users", "/v1/groups"), ("created_from", "created_to")):
        for edge in edges:
            assert world.api.get(path, {name: edge}).status_code == 200
    for edge in edges:
        query = {"begin_time": edge, "end_time": edge, "count": "1000"}
        for path in ("/v2/messages", "/v2/users/alice/messages", "/v2/groups/<str:gid>/messages"):
            reply = world.api.get(world.fill(path), query)
            assert reply.status_code == 200
            assert reply.json()["messages"] == []
    assert world.api.get("/v1/users", {"start": "10000000"}).json()["users"] == []


@pytest.mark.parametrize("world", ["v1"], indirect=True)
def test_odd_queries_are_read_or_refused(world, attempt):
    odd = [
        "?",
        "?&&&",
        "?=",
        "?count",
        "?count=",
        "?count=1&count=2",
        "?%00=1",
        "?a=%00",
        "?%ff=%ff",
        "?count=%ff",
        "?" + "a=1&" * 2000,
        "?count[]=1",
        "?format=xml",
        "?format=api",
        "?x=%F0%9F%98%80",
        "?;",
        "?" + "x" * 5000,
    ]
    for route, query in product(api_routes(), odd):
        if route.method == "GET":
            path = world.fill(route.path)
            attempt(world.speaker(path), "GET", path + query, b"")


def test_the_world_knows_every_parameter(world: World) -> None:
    for route in api_routes():
        world.fill(route.path)
