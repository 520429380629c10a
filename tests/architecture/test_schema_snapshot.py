"""docs/openapi.yaml is what the code says, and its examples are what it says itself."""

import jsonschema_rs
import pytest
import yaml
from django.core.management import call_command

from apps.core.api.operations import Operation, documented, routes, told_of
from apps.core.api.viewsets import ImViewSet
from tests.documented import DOCUMENT, document


def test_the_snapshot_is_current(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=tmp_path / "openapi.yaml")

    fresh = (tmp_path / "openapi.yaml").read_text()
    assert fresh == DOCUMENT.read_text(), "run make openapi"


def test_every_route_is_documented():
    ids = {
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
    }

    assert ids == {route.name.replace(".", "_") for route in routes()}


def test_an_action_of_which_nothing_is_told_is_named():
    class Silent(ImViewSet):
        operation_group = "silent"

    for view in (Silent, documented("Half told.", list=Operation(summary="List"))(Told)):
        with pytest.raises(TypeError, match=r"\.create is not documented"):
            told_of(view, "create")


class Told(ImViewSet):
    operation_group = "told"

    def list(self, request):
        """Nothing."""


def test_what_is_told_of_no_action_is_a_mistake():
    with pytest.raises(TypeError, match="Told has no action create"):
        documented("Too much told.", create=Operation(summary="Create"))(Told)


def media():
    """Every place of the document that has examples: an id, the schema, the examples."""
    loaded = document()
    for path, methods in loaded["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            if "requestBody" in operation:
                for content in operation["requestBody"]["content"].values():
                    yield f"{name} request", content
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    yield f"{name} {status}", content
    for name, response in loaded["components"]["responses"].items():
        yield name, response["content"]["application/json"]


@pytest.mark.parametrize("content", [pytest.param(one, id=name) for name, one in media()])
def test_examples_are_of_their_schema(content):
    whole = {**content["schema"], "components": document()["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole)

    for name, example in content.get("examples", {}).items():
        assert validator.is_valid(example["value"]), name


def test_every_operation_shows_what_it_takes_and_gives():
    for methods in document()["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            assert operation["summary"], name
            assert operation["tags"], name
            if "requestBody" in operation:
                for kind, content in operation["requestBody"]["content"].items():
                    assert content.get("examples") or kind == "multipart/form-data", name
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (name, parameter["name"])
            for status in ("200", "201"):
                content = operation["responses"].get(status, {}).get("content")
                if content and "EmptyReply" not in yaml.safe_dump(content):
                    assert content["application/json"]["examples"], name


def test_every_call_but_the_entrances_asks_who_calls():
    open_to_anybody = {
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
        if not operation.get("security")
    }

    assert open_to_anybody == {"client_sessions_log_in", "client_users_register"}
