"""The zone in which an operator reads times: their own choice, on a page of theirs."""

from __future__ import annotations

import zoneinfo
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget

from apps.accounts.models import Operator
from apps.accounts.services.operators import set_operator_time_zone
from apps.core.adminkit.operations import Question, ask
from apps.core.adminkit.pages import site_page


class TimeZoneForm(forms.Form):
    """A zone, or that of the browser."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        widget=UnfoldAdminSelect2Widget,
        choices=lambda: [
            ("", _("that of the browser")),
            *((name, name) for name in sorted(zoneinfo.available_timezones())),
        ],
    )


def _anybody(request: HttpRequest) -> bool:
    return True


@site_page(route="time-zone/", name="time_zone", permission=_anybody)
def time_zone(request: HttpRequest) -> HttpResponse:
    """Choose it."""
    operator = cast("Operator", request.user)
    question = Question(
        title=_("Time zone of the times shown"),
        text=_("All times of the console are shown in it, and days begin and end by it."),
        button=_("Save"),
        back=reverse("admin:index"),
        is_own_page=True,
        about=[operator],
        form_class=TimeZoneForm,
        initial={"time_zone": operator.time_zone},
    )

    def perform(data: dict[str, Any]) -> str:
        set_operator_time_zone(operator=operator, time_zone=data["time_zone"])
        return gettext("Times are shown in that zone from now on.")

    return ask(admin.site.get_model_admin(Operator), request, question, perform)
