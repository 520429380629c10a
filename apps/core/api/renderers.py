"""Replies as compact UTF-8 JSON, whatever the Accept header says: the protocol knows no other form."""

from collections.abc import Iterable
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

CONTENT_TYPE = "application/json; charset=utf-8"


class JsonRenderer(BaseRenderer):
    """`CONTENT_TYPE`; a reply without data has an empty body."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        """Encode the reply."""
        return b"" if data is None else orjson.dumps(data)


class JsonAlways(BaseContentNegotiation):
    """No negotiation: a client that accepts something else gets JSON all the same, not a 406."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        """The first."""
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first."""
        return next(iter(renderers)), CONTENT_TYPE
