"""Requests made up from the OpenAPI document, right ones and wrong ones: none ends in a server error."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok

from apps.core.models import ApiVersion
from tests.robustness.conftest import World, errors_of, undone

#: Of each operation, for right and for wrong requests in each dialect.
EXAMPLES = 4
#: A long-poll would wait for what never comes.
LEFT_OUT = {"wait"}


def body_of(case: Any) -> bytes:
    if case.body is NOT_SET:
        return b""
    if isinstance(case.body, bytes):
        return case.body
    return json.dumps(case.body).encode()


def path_of(case: Any, world: World, *, known: bool) -> str:
    """With what the world knows in the place of made-up names and numbers, or with those."""
    path: str = case.path
    for name, value in (case.path_parameters or {}).items():
        shown = world.values[name] if known else quote(str(value), safe="")
        path = path.replace(f"{{{name}}}", shown)
    query = {name: value for name, value in (case.query or {}).items() if name not in LEFT_OUT}
    return f"{path}?{urlencode(query, doseq=True, errors='replace')}"


def headers_of(case: Any) -> dict[str, Any]:
    """As a server hands them on. Who asks is the world's business."""
    told = {
        f"HTTP_{name.upper().replace('-', '_')}": str(value)
        .encode(errors="replace")
        .decode("latin-1")
        for name, value in (case.headers or {}).items()
    }
    told.pop("HTTP_AUTHORIZATION", None)
    return told


def check(world: World, case: Any, known: bool, unchanged: Callable[[], bool]) -> None:
    path = path_of(case, world, known=known)
    speaker = world.speaker(case.path)
    content_type = case.media_type or "application/json"
    with undone():
        # Not as documented, which is for requests that could be routed: made-up paths may not be.
        reply = Client.generic(
            speaker, case.method, path, body_of(case), content_type, **headers_of(case)
        )
        what = f"{case.method} {path} {body_of(case)[:300]!r}: {reply.status_code} {reply.content[:300]!r}"
        assert reply.status_code < 500, what
        if reply.status_code >= 400:
            assert all(error["message"] for error in errors_of(reply.json())), what
            assert unchanged(), f"changed something: {what}"


def test_no_request_made_up_from_the_document_ends_in_an_error(world, contents):
    document = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(document)
    before = contents()
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        if operation.path.startswith("/client/") and world.app.api_version != ApiVersion.V1:
            continue  # it has no dialects
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
            def made_up(case: Any, known: bool) -> None:
                check(world, case, known, lambda: contents() == before)

            made_up()
            tried += 1

    assert tried >= 40


@pytest.mark.django_db
def test_the_document_is_of_this_server(client):
    served = client.get("/docs/openapi.yaml")

    assert served.status_code == 200
    assert b"/v1/messages" in served.content
