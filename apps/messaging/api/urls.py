"""Paths of messages. Each once, without a trailing slash: `apps.core.middleware` takes both."""

from django.urls import path

from apps.messaging.api import dialects as dialects  # its rows are there once the paths are
from apps.messaging.api.reports import ReportViewSet
from apps.messaging.api.views import MessageViewSet, SyncViewSet

v1 = [
    path("messages", MessageViewSet.as_view({"post": "create"})),
    path("users/<str:username>/sync", SyncViewSet.as_view({"get": "list"})),
]
v2 = [
    path("messages", ReportViewSet.as_view({"get": "app_messages"})),
    path("users/<str:username>/messages", ReportViewSet.as_view({"get": "user_messages"})),
    path("groups/<str:gid>/messages", ReportViewSet.as_view({"get": "group_messages"})),
]
