"""Paths of users. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.accounts.api import dialects as dialects  # its rows are there once the paths are
from apps.accounts.api.views import AdminViewSet, UserViewSet

v1 = [
    path(
        "users",
        UserViewSet.as_view({"post": "create", "get": "list", "delete": "destroy_many"}),
    ),
    path(
        "users/<str:username>",
        UserViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path("users/<str:username>/password", UserViewSet.as_view({"put": "set_password"})),
    path("admins", AdminViewSet.as_view({"post": "create", "get": "list"})),
]
