"""Pages of the real-time edge."""

from django.urls import path
from django.views.generic import RedirectView

from apps.realtime import views

urlpatterns = [
    path("chat", RedirectView.as_view(pattern_name="chat", query_string=True)),
    path("chat/", views.chat, name="chat"),
]
