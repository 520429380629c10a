"""OpenAPI of messages."""

from drf_spectacular.utils import extend_schema_view

messages_schema = extend_schema_view()
sync_schema = extend_schema_view()
reports_schema = extend_schema_view()
