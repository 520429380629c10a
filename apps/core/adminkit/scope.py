"""Which apps an operator sees: all of them, for a superuser; otherwise those they were given."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest

from apps.core.models import App

_KEY = "apps_of_operator"


def apps_of(request: HttpRequest) -> list[App]:
    """The apps whose rows the operator sees, newest first. One query for a request, however often asked."""
    remembered = vars(request)
    if _KEY not in remembered:
        apps = App.objects.all()  # tenant-free: narrowed below to what the operator was given
        if not request.user.is_superuser:
            apps = apps.filter(operators=request.user.pk)
        remembered[_KEY] = list(apps)
    found: list[App] = remembered[_KEY]
    return found


def query_of(request: HttpRequest, **more: str) -> str:
    """The end of a list's address: the app that this page is about, if it is about one, and what is given."""
    given = {
        name: value for name, value in {"app": request.GET.get("app", ""), **more}.items() if value
    }
    return f"?{urlencode(given)}" if given else ""
