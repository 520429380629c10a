"""OpenAPI of groups."""

from drf_spectacular.utils import extend_schema_view

groups_schema = extend_schema_view()
members_schema = extend_schema_view()
user_groups_schema = extend_schema_view()
