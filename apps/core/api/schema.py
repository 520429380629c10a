"""OpenAPI: renders what `apps.core.api.operations` tells of each operation, in both dialects."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import UnionType
from typing import Any, get_args, is_typeddict

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import serializers

from apps.core.api import schema_fields as schema_fields  # its extensions are there with the import
from apps.core.api.dialects import Dialect
from apps.core.api.exceptions import ErrorReply
from apps.core.api.fields import ByteLengthField
from apps.core.api.operations import (
    ANYBODY,
    CLIENT,
    SERVER,
    DocumentedViewSet,
    Like,
    Multipart,
    Operation,
    Variant,
    told_of,
)
from apps.core.api.schema_types import filter_parameters, json_schema
from apps.core.errors import NO_SUCH_METHOD, NO_SUCH_PATH, RATE_LIMITED, ErrorCode

Json = dict[str, Any]
Refusal = tuple[Dialect, ErrorCode]

_MEDIA_TYPE = "application/json"
_CALLERS = {SERVER.always: "", CLIENT.always: "Client", ANYBODY.always: "Anybody"}
_WITHOUT_LIMITS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR}
_LIMIT_HEADERS = {
    "X-Rate-Limit-Limit": "Calls the app may make in a minute. No such headers where it has no limit.",
    "X-Rate-Limit-Remaining": "Calls left in this minute.",
    "X-Rate-Limit-Reset": "Seconds until the next minute.",
}


class ImSchema(AutoSchema):
    """One operation of an `ImViewSet` that is `documented`."""

    @property
    def _viewset(self) -> DocumentedViewSet:
        viewset: Any = self.view
        documented: DocumentedViewSet = viewset
        return documented

    @property
    def told(self) -> Operation:
        """What is told of the operation."""
        return told_of(self._viewset, self._viewset.action)

    @property
    def name(self) -> str:
        """As the dialects name it."""
        return f"{self._viewset.operation_group}.{self._viewset.action}"

    def get_operation_id(self) -> str:
        """The name, with an underscore."""
        return self.name.replace(".", "_")

    def get_tags(self) -> list[str]:
        """By the group of operations."""
        return [tag(self._viewset.operation_group)]

    def get_summary(self) -> str:
        """One line."""
        return self.told.summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular's own
        """The text, and tables of how the dialects succeed and of how the operation fails."""
        dialects = self.told.caller.dialects
        parts = [self.told.description]
        if len(dialects) > 1:
            parts.append(
                _table(["API version", "Success"], [(d.name, self._success(d)) for d in dialects])
            )
        if codes := sorted(self.told.all_errors, key=lambda code: code.number):
            rows = [[code.message, *(self._refusal(code, d) for d in dialects)] for code in codes]
            heads = [d.name for d in dialects] if len(dialects) > 1 else ["Code, status"]
            parts.append(_table(["Error", *heads], rows))
        return "\n\n".join(filter(None, parts))

    def get_override_parameters(self) -> list[Any]:
        """Those told, and those of the filters."""
        return [*self.told.parameters, *filter_parameters(self.told.filters)]

    def get_response_serializers(self) -> None:
        """None: drf-spectacular need not guess, see `_get_response_bodies`."""

    def _insert_field_validators(self, field: Any, schema: Json) -> None:
        """What `schema_fields` says of a text is the whole of it: an empty one is no case of its own."""
        if not isinstance(field, ByteLengthField):
            super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]

    @property
    def _dialects(self) -> list[Dialect]:
        """Those that have the operation."""
        return [dialect for dialect in self.told.caller.dialects if self.name not in dialect.lacks]

    def _refusal(self, code: ErrorCode, dialect: Dialect) -> str:
        if code in (*self.told.own_errors(dialect), *self.told.row_errors):
            return f"{dialect.number(code)}, {dialect.status(code)}"
        return ""

    def _success(self, dialect: Dialect) -> str:
        if dialect not in self._dialects:
            return f"none: {self._refused_by_lacking(dialect).status}"
        status = self._status(dialect)
        return f"{status}" if self._reply_type(dialect) else f"{status} without a body"

    def _refused_by_lacking(self, dialect: Dialect) -> ErrorCode:
        group, actions = self._viewset.operation_group, self._viewset.action_map.values()
        lacks_all = {f"{group}.{action}" for action in actions} <= dialect.lacks
        return NO_SUCH_PATH if lacks_all else NO_SUCH_METHOD

    def _status(self, dialect: Dialect) -> int:
        return dialect.difference(self.name).status or self.told.status

    def _reply_type(self, dialect: Dialect) -> Any:
        return dialect.difference(self.name).reply_type(self.told.reply)

    def _get_request_body(self, direction: str = "request") -> Json | None:
        if isinstance(self.told.body, Multipart):
            return _multipart(self.told.body)
        schemas = {
            dialect.name: _any_of([self._schema(one) for one in alternatives], "oneOf")
            for dialect in self._dialects
            if (alternatives := self.told.bodies(dialect))
        }
        if not schemas:
            return None
        media: Json = {"schema": _by_dialect(schemas)}
        if self.told.examples:
            media["examples"] = {
                f"{said.dialect} {said.name}".strip(): {"value": said.value}
                for said in self.told.examples
            }
        return {"content": {_MEDIA_TYPE: media}, "required": self.told.body_required}

    def _get_response_bodies(self, direction: str = "response") -> Json:
        successes = self._successes()
        refusals = self._refusals()
        bodies: Json = {}
        for status in sorted({*successes, *refusals}):
            refused = refusals.get(status, [])
            if status not in successes and all(
                code in self.told.caller.always for _, code in refused
            ):
                bodies[str(status)] = self._common_refusal(status, refused)
            else:
                bodies[str(status)] = self._response(status, successes.get(status, {}), refused)
        return bodies

    def _successes(self) -> dict[int, dict[str, Json | None]]:
        """By status and dialect, the schema of the reply proper, or of its failed rows; None for no body."""
        found: dict[int, dict[str, Json | None]] = {}
        for dialect in self._dialects:
            kind = self._reply_type(dialect)
            schema = None if kind is None else self._schema(kind)
            rows = {dialect.status(code) for code in self.told.row_errors}
            for status in {self._status(dialect), *rows}:
                found.setdefault(status, {})[dialect.name] = schema
        return found

    def _refusals(self) -> dict[int, list[Refusal]]:
        found: dict[int, list[Refusal]] = {}
        for dialect in self.told.caller.dialects:
            codes = list(self.told.caller.always)
            if dialect in self._dialects:
                codes += self.told.own_errors(dialect)
            else:
                codes.append(self._refused_by_lacking(dialect))
            for code in codes:
                found.setdefault(dialect.status(code), []).append((dialect, code))
        return found

    def _common_refusal(self, status: int, refused: Sequence[Refusal]) -> Json:
        name = _CALLERS[self.told.caller.always] + HTTPStatus(status).phrase.title().replace(
            " ", ""
        )
        return self._register(name, ResolvedComponent.RESPONSE, self._response(status, {}, refused))

    def _response(
        self, status: int, successes: Mapping[str, Json | None], refused: Sequence[Refusal]
    ) -> Json:
        """One status: what succeeds with it and what is refused with it, in any dialect."""
        schemas: dict[str, list[Json]] = {}
        examples: Json = {}
        for name, schema in successes.items():
            if schema is not None:
                schemas.setdefault(name, []).append(schema)
        examples.update(self._success_examples(status))
        for dialect, code in refused:
            envelope = self._schema(ErrorReply)
            if envelope not in schemas.setdefault(dialect.name, []):
                schemas[dialect.name].append(envelope)
            error = {"code": dialect.number(code), "message": code.message}
            examples.setdefault(
                f"{dialect.number(code)} {code.message}", {"value": {"error": error}}
            )
        response: Json = {"description": self._response_text(successes, refused)}
        if headers := self._headers(status):
            response["headers"] = headers
        if schemas:
            merged = {
                name: _any_of(alternatives, "anyOf") for name, alternatives in schemas.items()
            }
            media: Json = {"schema": _by_dialect(merged)}
            response["content"] = {
                _MEDIA_TYPE: {**media, "examples": examples} if examples else media
            }
        return response

    def _success_examples(self, status: int) -> Json:
        example = self.told.reply_example
        found: Json = {}
        for dialect in self._dialects if example is not None else []:
            if self._status(dialect) == status:
                name = dialect.name if len(self.told.caller.dialects) > 1 else "reply"
                found[name] = dialect.difference(self.name).outbound(example)
            for code in self.told.row_errors:
                if dialect.status(code) == status:
                    error = {"code": dialect.number(code), "message": code.message}
                    found[f"{dialect.name}, all rows failed"] = [{**example[0], "error": error}]
        return {
            name: {"value": value}
            for place, (name, value) in enumerate(found.items())
            if value not in list(found.values())[:place]
        }

    def _response_text(
        self, successes: Mapping[str, Json | None], refused: Sequence[Refusal]
    ) -> str:
        lines = []
        for dialect in self.told.caller.dialects:
            said = [
                f"{dialect.number(code)} {code.message}"
                for other, code in refused
                if other is dialect
            ]
            if dialect.name in successes:
                said.insert(0, "no body" if successes[dialect.name] is None else "the reply")
            if said:
                prefix = f"{dialect.name}: " if len(self.told.caller.dialects) > 1 else ""
                lines.append(prefix + "; ".join(dict.fromkeys(said)))
        return "\n\n".join(lines)

    def _headers(self, status: int) -> Json:
        headers: Json = {}
        if status == HTTPStatus.UNAUTHORIZED and self.told.caller is not ANYBODY:
            headers["WWW-Authenticate"] = self._header("WWW-Authenticate", "The scheme.", "string")
        if self.told.caller.limited and status not in _WITHOUT_LIMITS:
            headers.update(
                {name: self._header(name, text) for name, text in _LIMIT_HEADERS.items()}
            )
        if status == HTTPStatus.TOO_MANY_REQUESTS and (
            self.told.caller.limited or RATE_LIMITED in self.told.all_errors
        ):
            headers["Retry-After"] = self._header("Retry-After", "Seconds to wait.")
        return headers

    def _header(self, name: str, description: str, kind: str = "integer") -> Json:
        header = {"description": description, "schema": {"type": kind}}
        return self._register(name, ResolvedComponent.HEADER, header)

    def _schema(self, kind: Any) -> Json:
        """The schema of what an `Operation` gives as a body or a reply; registers its parts."""
        match kind:
            case Like():
                array = {
                    "type": "array",
                    "items": self._schema(kind.items),
                    "minItems": kind.at_least,
                }
                return array if kind.at_most is None else {**array, "maxItems": kind.at_most}
            case Variant():
                return self._component(kind.name, self._varied(kind))
            case UnionType() if all(
                is_typeddict(one) for one in get_args(kind)
            ):  # msgspec knows none
                return _any_of([self._schema(one) for one in get_args(kind)], "anyOf")
            case type() if issubclass(kind, serializers.Serializer):
                reference: Json = self.resolve_serializer(kind, "request").ref
                return reference
        schema, components = json_schema(kind)
        for name, component in components.items():
            self._component(name, component)
        return schema

    def _varied(self, variant: Variant) -> Json:
        schema = self._object(variant.kind)
        properties = dict(schema["properties"])
        properties.update({name: self._schema(kind) for name, kind in variant.fields.items()})
        names = {name: variant.names.get(name, name) for name in properties}
        for name in variant.without:
            del names[name]
        return {
            **schema,
            "title": variant.name,
            "properties": {name: properties[ours] for ours, name in names.items()},
            "required": [names[ours] for ours in schema.get("required", []) if ours in names],
        }

    def _object(self, kind: Any) -> Json:
        """The schema of a serializer class or Struct itself, not a reference to it."""
        if issubclass(kind, serializers.Serializer):
            component: Json = self.resolve_serializer(kind, "request").schema
            return component
        _, components = json_schema(kind)
        own = components.pop(kind.__name__)
        for name, part in components.items():
            self._component(name, part)
        return own

    def _component(self, name: str, schema: Json) -> Json:
        return self._register(name, ResolvedComponent.SCHEMA, schema)

    def _register(self, name: str, kind: str, content: Json) -> Json:
        component = ResolvedComponent(name, kind, content, name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        reference: Json = component.ref
        return reference


def tag(operation_group: str) -> str:
    """What a group of operations is called in the document."""
    return operation_group.replace("_", " ")


def _multipart(told: Multipart) -> Json:
    file = {"type": "string", "format": "binary", "description": told.about}
    schema = {"type": "object", "properties": {"filename": file}, "required": ["filename"]}
    return {"content": {"multipart/form-data": {"schema": schema}}, "required": True}


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _any_of(alternatives: Sequence[Json], keyword: str) -> Json:
    return alternatives[0] if len(alternatives) == 1 else {keyword: list(alternatives)}


def _by_dialect(schemas: Mapping[str, Json]) -> Json:
    """One schema where the dialects agree, else one for each, titled by it."""
    distinct = list(schemas.values())
    if all(schema == distinct[0] for schema in distinct):
        return distinct[0]
    return {"anyOf": [{"title": name, **schema} for name, schema in schemas.items()]}
