"""Paths of messages. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.messaging.api import dialects as dialects  # its rows are there once the paths are
from apps.messaging.api.clients import (
    ClientChatroomEntryViewSet,
    ClientConversationViewSet,
    ClientMessageViewSet,
    ClientSyncViewSet,
)
from apps.messaging.api.downloads import download
from apps.messaging.api.first_reports import UserMessageViewSet
from apps.messaging.api.media import ClientMediaViewSet, ResourceViewSet
from apps.messaging.api.reports import ReportViewSet
from apps.messaging.api.sensitive_words import SensitiveWordViewSet, WordFilterViewSet
from apps.messaging.api.views import MessageViewSet, SyncViewSet

v1 = [
    path("messages", MessageViewSet.as_view({"post": "create", "get": "list"})),
    path(
        "messages/<str:username>/<str:msg_id>/retract", MessageViewSet.as_view({"post": "retract"})
    ),
    path("users/<str:username>/messages", UserMessageViewSet.as_view({"get": "list"})),
    path("resource", ResourceViewSet.as_view({"post": "create", "get": "retrieve"})),
    path(
        "sensitiveword",
        SensitiveWordViewSet.as_view(
            {"get": "list", "post": "create", "put": "update", "delete": "destroy"}
        ),
    ),
    path(
        "sensitiveword/status",
        WordFilterViewSet.as_view({"get": "retrieve", "put": "update"}),
    ),
    path("users/<str:username>/sync", SyncViewSet.as_view({"get": "list"})),
]
v2 = [
    path("messages", ReportViewSet.as_view({"get": "app_messages"})),
    path("users/<str:username>/messages", ReportViewSet.as_view({"get": "user_messages"})),
    path("groups/<str:gid>/messages", ReportViewSet.as_view({"get": "group_messages"})),
    path("chatrooms/<str:room_id>/messages", ReportViewSet.as_view({"get": "chatroom_messages"})),
]
client = [
    path("media", ClientMediaViewSet.as_view({"post": "create", "get": "retrieve"})),
    path("messages", ClientMessageViewSet.as_view({"post": "create"})),
    path("messages/<str:msg_id>/retract", ClientMessageViewSet.as_view({"post": "retract"})),
    path("chatrooms/<str:room_id>/enter", ClientChatroomEntryViewSet.as_view({"post": "create"})),
    path("sync", ClientSyncViewSet.as_view({"get": "list"})),
    path("conversations", ClientConversationViewSet.as_view({"get": "list"})),
    path(
        "conversations/<str:conversation_id>/messages",
        ClientConversationViewSet.as_view({"get": "history"}),
    ),
    path(
        "conversations/<str:conversation_id>/read",
        ClientConversationViewSet.as_view({"put": "read"}),
    ),
    path(
        "conversations/<str:conversation_id>/typing",
        ClientConversationViewSet.as_view({"post": "typing"}),
    ),
]
links = [path("media/<str:token>", download, name="media")]
