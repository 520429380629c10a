"""Every path, by inclusion: each app's `api/urls.py` is the table of contents of its part."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from apps.accounts.admin.login import second_factor
from apps.accounts.api import urls as accounts
from apps.console.api import urls as console
from apps.core.health import health
from apps.groups.api import urls as groups
from apps.messaging.api import urls as messaging

# groups and messaging first: some of their paths lie below /users.
v1 = [*messaging.v1, *groups.v1, *accounts.v1]
v2 = [*messaging.v2, *groups.v2, *accounts.v2, *console.v2]
client = [*messaging.client, *groups.client, *accounts.client]

urlpatterns = [
    path("v1/", include(v1)),
    path("v2/", include(v2)),
    path("client/v1/", include(client)),
    path("", include(messaging.links)),
    path("", include("apps.realtime.urls")),
    path("", include(v1)),
    path("docs/openapi.yaml", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("docs", RedirectView.as_view(pattern_name="docs")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/login/second/", second_factor, name="second-factor"),
    path("admin/", admin.site.urls),
    path("health", health, name="health"),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "apps.core.failures.bad_request"
handler404 = "apps.core.api.exceptions.no_such_path"
handler500 = "apps.core.failures.internal_error"
