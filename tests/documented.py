"""Holds replies to docs/openapi.yaml: whatever a test is answered has to be what the document says."""

import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import yaml

#: Before a path that begins with two slashes, which would be read as a host.
HOST = "http://testserver"

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.yaml"

Json = dict[str, Any]


@cache
def document() -> Json:
    """The published document, with objects closed: an undocumented member of a reply is a mistake."""
    with DOCUMENT.open() as file:
        loaded: Json = yaml.load(file, yaml.CSafeLoader)
    for schema in loaded["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return loaded


def canonical(path: str) -> str:
    """The documented form of a path: versioned, with single slashes, and none at the end."""
    decoded = unquote(path.removeprefix(HOST).partition("?")[0])
    single = re.sub("/{2,}", "/", decoded).rstrip("/")
    return single if re.match("/(client/v1|v[12])(/|$)", single) else f"/v1{single}"


def operation_of(method: str, path: str) -> Json | None:
    """What the document has for that call, None for one of no operation."""
    for template, pattern in _templates():
        if pattern.fullmatch(canonical(path)):
            told = "get" if method == "HEAD" else method.lower()
            operation: Json | None = document()["paths"][template].get(told)
            return operation
    return None


@cache
def _templates() -> list[tuple[str, re.Pattern[str]]]:
    """The most literal ones first."""
    templates = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path))) for path in templates]


def check(dialect: str, method: str, path: str, reply: Any) -> None:
    """Fail unless the document tells of such a reply, to an app of that API version."""
    operation = operation_of(method, path)
    if operation is None:
        assert reply.status_code >= 400, f"{method} {path} is not documented"
        return
    told = operation["responses"].get(str(reply.status_code))
    assert told is not None, f"{operation['operationId']} is not said to answer {reply.status_code}"
    if "$ref" in told:
        told = document()["components"]["responses"][told["$ref"].rpartition("/")[2]]
    said = _said_for(dialect, told["description"])
    assert said, (
        f"{operation['operationId']} is not said to answer {reply.status_code} in {dialect}"
    )
    if method != "HEAD":
        _check_body(dialect, told, said, reply)
    _check_headers(told, reply)


def _said_for(dialect: str, description: str) -> list[str]:
    """`2015-02: the reply; 899003 parameter invalid` -> both. The client API's has no dialect before it."""
    if not re.match(r"v1: |2015-02: ", description):
        return description.split("; ")
    for line in description.splitlines():
        name, _, said = line.partition(": ")
        if name == dialect:
            return said.split("; ")
    return []


def _check_body(dialect: str, told: Json, said: list[str], reply: Any) -> None:
    if not reply.content:
        assert "no body" in said, "the body is missing"
        return
    body = reply.json()
    assert reply.headers["Content-Type"] in {"application/json; charset=utf-8", "application/json"}
    _validator(*_for_dialect(dialect, told["content"]["application/json"]["schema"])).validate(body)
    if isinstance(body, dict) and "error" in body:
        code = str(body["error"]["code"])
        assert code in {one.partition(" ")[0] for one in said}, f"{code} is not documented"
    else:
        assert "the reply" in said


def _for_dialect(dialect: str, schema: Json) -> tuple[str, str]:
    """The schema of one dialect, where they have one each, as a key for the cache."""
    for alternative in schema.get("anyOf", []):
        if alternative.get("title") == dialect:
            schema = alternative
    return yaml.safe_dump(schema), dialect


@cache
def _validator(schema: str, dialect: str) -> Any:
    whole = {**yaml.safe_load(schema), "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


def _check_headers(told: Json, reply: Any) -> None:
    for name, header in told.get("headers", {}).items():
        if name in reply.headers:
            schema = document()["components"]["headers"][header["$ref"].rpartition("/")[2]][
                "schema"
            ]
            if schema["type"] == "integer":
                assert re.fullmatch("[0-9]+", reply.headers[name]), f"{name}: {reply.headers[name]}"
    documented = {*told.get("headers", {}), "Content-Type", "Content-Length", *_OF_THE_FRAMEWORK}
    assert set(reply.headers) <= documented, f"{set(reply.headers) - documented} is not documented"


_OF_THE_FRAMEWORK = {
    "Allow",
    "Vary",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
}
