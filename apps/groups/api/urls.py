"""Paths of groups. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.groups.api import dialects as dialects  # its rows are there once the paths are
from apps.groups.api.clients import ClientGroupViewSet
from apps.groups.api.views import GroupMemberViewSet, GroupViewSet, UserGroupViewSet

v1 = [
    path("groups", GroupViewSet.as_view({"post": "create", "get": "list"})),
    path("groups/owner/<str:gid>", GroupViewSet.as_view({"put": "transfer"})),
    path(
        "groups/<str:gid>",
        GroupViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path(
        "groups/<str:gid>/members",
        GroupMemberViewSet.as_view({"get": "list", "post": "change", "delete": "remove"}),
    ),
    path("users/<str:username>/groups", UserGroupViewSet.as_view({"get": "list"})),
]
client = [
    path("groups", ClientGroupViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "groups/<str:gid>",
        ClientGroupViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path(
        "groups/<str:gid>/members",
        ClientGroupViewSet.as_view({"get": "members", "post": "change_members"}),
    ),
    path("groups/<str:gid>/join", ClientGroupViewSet.as_view({"post": "join"})),
    path("groups/<str:gid>/leave", ClientGroupViewSet.as_view({"post": "leave"})),
]
