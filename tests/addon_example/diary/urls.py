"""The diary's paths, without a trailing slash: the server takes both."""

from django.urls import path

from tests.addon_example.diary.views import DiaryViewSet

v1 = [
    path("diary", DiaryViewSet.as_view({"get": "list"})),
    path("diary/summary", DiaryViewSet.as_view({"post": "send"})),
]
