"""JSON Schemas of what goes over the wire: TypedDicts, msgspec's Structs, filters of lists."""

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec
from drf_spectacular.utils import OpenApiParameter

from apps.core.api import wire_time
from apps.core.api.filters import AppFilterSet, BooleanFilter, MomentFilter

Json = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"


def json_schema(kind: Any) -> tuple[Json, dict[str, Json]]:
    """The schema of a type, and those of the components it refers to, by name.

    Docstrings become descriptions; the rest is in `Annotated[..., msgspec.Meta(...)]`.
    """
    (schema,), components = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    for typed_dict in _typed_dicts(kind):
        properties = components[typed_dict.__name__]["properties"]
        in_order = {name: properties[name] for name in get_type_hints(typed_dict)}
        components[typed_dict.__name__]["properties"] = in_order
    return schema, components


def _typed_dicts(kind: Any) -> Iterator[type]:
    """It, and those it is made of. msgspec sorts their members by name; we don't."""
    if is_typeddict(kind):
        yield kind
    inner = get_type_hints(kind, include_extras=True).values() if is_typeddict(kind) else ()
    for part in (*inner, *get_args(kind)):
        yield from _typed_dicts(part)


def filter_parameters(filters: type[AppFilterSet] | None) -> list[OpenApiParameter]:
    """The query parameters by which a list can be narrowed."""
    if filters is None:
        return []
    return [
        OpenApiParameter(name, _filter_schema(one), description=str(one.extra["help_text"]))
        for name, one in filters.base_filters.items()
    ]


def _filter_schema(one: Any) -> Json:
    match one:
        case MomentFilter():
            schema, _ = json_schema(wire_time.WireTime)
            return schema
        case BooleanFilter():
            return {"type": "string", "enum": ["true", "false"]}
        case _:
            return {"type": "string", "maxLength": one.extra["max_length"]}
