"""OpenAPI of users."""

from drf_spectacular.utils import extend_schema_view

users_schema = extend_schema_view()
admins_schema = extend_schema_view()
