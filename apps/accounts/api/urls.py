"""Paths of users. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.accounts.api import dialects as dialects  # its rows are there once the paths are
from apps.accounts.api.client_cross import (
    ClientAppViewSet,
    ClientCrossBlockViewSet,
    ClientCrossFriendViewSet,
)
from apps.accounts.api.client_relations import ClientFriendViewSet
from apps.accounts.api.clients import (
    BlockViewSet,
    ClientRegistrationViewSet,
    MeViewSet,
    SessionViewSet,
)
from apps.accounts.api.cross import CrossBlacklistViewSet, CrossFriendViewSet
from apps.accounts.api.relations import BlacklistViewSet, FriendViewSet
from apps.accounts.api.server_sessions import (
    SdkRegistrationViewSet,
    UserSessionViewSet,
    UserStateViewSet,
)
from apps.accounts.api.views import AdminViewSet, UserViewSet

v1 = [
    path(
        "users",
        UserViewSet.as_view({"post": "create", "get": "list", "delete": "destroy_many"}),
    ),
    # Above the path with a name: it would take "userstat" for one.
    path("users/userstat", UserStateViewSet.as_view({"post": "many"})),
    path(
        "users/<str:username>",
        UserViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path("users/<str:username>/password", UserViewSet.as_view({"put": "set_password"})),
    path("users/<str:username>/forbidden", UserViewSet.as_view({"put": "forbid"})),
    path(
        "users/<str:username>/blacklist",
        BlacklistViewSet.as_view({"get": "list", "put": "add", "delete": "remove"}),
    ),
    path(
        "users/<str:username>/friends",
        FriendViewSet.as_view({"get": "list", "post": "add", "delete": "remove", "put": "note"}),
    ),
    path(
        "cross/users/<str:username>/blacklist",
        CrossBlacklistViewSet.as_view({"get": "list", "put": "add", "delete": "remove"}),
    ),
    path(
        "cross/users/<str:username>/friends",
        CrossFriendViewSet.as_view({"post": "add", "delete": "remove", "put": "note"}),
    ),
    path("users/<str:username>/userstat", UserStateViewSet.as_view({"get": "retrieve"})),
    path(
        "users/<str:username>/sessions",
        UserSessionViewSet.as_view({"post": "create", "get": "list", "delete": "end_all"}),
    ),
    path(
        "users/<str:username>/sessions/<str:session_id>",
        UserSessionViewSet.as_view({"delete": "end"}),
    ),
    path(
        "sdkregister/status",
        SdkRegistrationViewSet.as_view({"get": "retrieve", "put": "update"}),
    ),
    path("admins", AdminViewSet.as_view({"post": "create", "get": "list"})),
]
v2 = [
    path("users/statuser", UserStateViewSet.as_view({"post": "many_v2"})),
]
client = [
    path("users", ClientRegistrationViewSet.as_view({"post": "register"})),
    path("sessions", SessionViewSet.as_view({"post": "log_in", "get": "list"})),
    path("sessions/current/renewal", SessionViewSet.as_view({"post": "renew"})),
    path("sessions/<str:session_id>", SessionViewSet.as_view({"delete": "end"})),
    path("me", MeViewSet.as_view({"get": "retrieve", "put": "update"})),
    path("me/password", MeViewSet.as_view({"put": "set_password"})),
    path(
        "friends",
        ClientFriendViewSet.as_view(
            {"get": "list", "post": "add", "delete": "remove", "put": "note"}
        ),
    ),
    path("apps", ClientAppViewSet.as_view({"get": "list"})),
    path(
        "cross/friends",
        ClientCrossFriendViewSet.as_view({"post": "add", "delete": "remove", "put": "note"}),
    ),
    path("cross/blocks", ClientCrossBlockViewSet.as_view({"put": "add", "delete": "remove"})),
    path("blocks", BlockViewSet.as_view({"get": "list", "put": "add", "delete": "remove"})),
]
