"""The server's paths, and the diary's."""

from django.urls import include, path

from imserver import urls as server
from tests.addon_example.diary import urls as diary

urlpatterns = [path("v1/", include(diary.v1)), *server.urlpatterns]

handler400 = server.handler400
handler404 = server.handler404
handler500 = server.handler500
