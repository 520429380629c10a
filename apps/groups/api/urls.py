"""Paths of groups and chatrooms. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.groups.api import dialects as dialects  # its rows are there once the paths are
from apps.groups.api.chatrooms import (
    ChatroomMemberViewSet,
    ChatroomViewSet,
    UserChatroomViewSet,
)
from apps.groups.api.client_chatrooms import ClientChatroomViewSet
from apps.groups.api.clients import ClientGroupViewSet
from apps.groups.api.cross import (
    ClientCrossNoDisturbViewSet,
    CrossChatroomMemberViewSet,
    CrossGroupMemberViewSet,
    CrossNoDisturbViewSet,
    CrossUserGroupViewSet,
)
from apps.groups.api.personal import (
    ClientNoDisturbViewSet,
    ClientShieldViewSet,
    NoDisturbViewSet,
    ShieldViewSet,
)
from apps.groups.api.views import GroupMemberViewSet, GroupViewSet, UserGroupViewSet

v1 = [
    path("groups", GroupViewSet.as_view({"post": "create", "get": "list"})),
    path(
        "groups/messages/<str:gid>/silence",
        GroupMemberViewSet.as_view({"put": "silence"}),
    ),
    path("groups/owner/<str:gid>", GroupViewSet.as_view({"put": "transfer"})),
    path(
        "groups/<str:gid>",
        GroupViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path(
        "groups/<str:gid>/members",
        GroupMemberViewSet.as_view({"get": "list", "post": "change", "delete": "remove"}),
    ),
    path("chatroom", ChatroomViewSet.as_view({"post": "create", "get": "list"})),
    path("chatroom/batch", ChatroomViewSet.as_view({"post": "batch"})),
    path("chatroom/<str:room_id>", ChatroomViewSet.as_view({"put": "update", "delete": "destroy"})),
    path(
        "chatroom/<str:room_id>/forbidden/<str:username>",
        ChatroomViewSet.as_view({"put": "mute"}),
    ),
    path(
        "chatroom/<str:room_id>/members",
        ChatroomMemberViewSet.as_view({"get": "list", "put": "add", "delete": "remove"}),
    ),
    path("users/<str:username>/chatroom", UserChatroomViewSet.as_view({"get": "list"})),
    path("users/<str:username>/groups", UserGroupViewSet.as_view({"get": "list"})),
    path("users/<str:username>/groupsShield", ShieldViewSet.as_view({"post": "change"})),
    path("users/<str:username>/nodisturb", NoDisturbViewSet.as_view({"post": "change"})),
    path(
        "cross/groups/<str:gid>/members",
        CrossGroupMemberViewSet.as_view({"get": "list", "post": "change"}),
    ),
    path(
        "cross/users/<str:username>/nodisturb",
        CrossNoDisturbViewSet.as_view({"post": "change"}),
    ),
    path(
        "cross/chatroom/<str:room_id>/members",
        CrossChatroomMemberViewSet.as_view({"post": "change"}),
    ),
    path("cross/users/<str:username>/groups", CrossUserGroupViewSet.as_view({"get": "list"})),
]
v2 = [
    path("groups/<str:gid>/addMembers", GroupMemberViewSet.as_view({"post": "add_named"})),
    path("groups/<str:gid>/delMembers", GroupMemberViewSet.as_view({"post": "remove_named"})),
]
client = [
    path("me/chatrooms", ClientChatroomViewSet.as_view({"get": "mine"})),
    path("chatrooms", ClientChatroomViewSet.as_view({"get": "list"})),
    path("chatrooms/<str:room_id>", ClientChatroomViewSet.as_view({"get": "retrieve"})),
    path("chatrooms/<str:room_id>/members", ClientChatroomViewSet.as_view({"get": "members"})),
    path("chatrooms/<str:room_id>/leave", ClientChatroomViewSet.as_view({"post": "leave"})),
    path("groups", ClientGroupViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "groups/<str:gid>",
        ClientGroupViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
    ),
    path(
        "groups/<str:gid>/members",
        ClientGroupViewSet.as_view({"get": "members", "post": "change_members"}),
    ),
    path("groups/<str:gid>/silence", ClientGroupViewSet.as_view({"put": "silence"})),
    path("no-disturb", ClientNoDisturbViewSet.as_view({"get": "retrieve", "post": "change"})),
    path("cross/no-disturb", ClientCrossNoDisturbViewSet.as_view({"post": "change"})),
    path("shields", ClientShieldViewSet.as_view({"get": "list", "post": "change"})),
    path("groups/<str:gid>/join", ClientGroupViewSet.as_view({"post": "join"})),
    path("groups/<str:gid>/leave", ClientGroupViewSet.as_view({"post": "leave"})),
]
