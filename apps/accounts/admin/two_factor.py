"""An operator's own second factor: set up, renewed, turned off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import segno
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.admin.login import SecondFactorForm, passes, verify
from apps.accounts.models import Operator
from apps.accounts.services.two_factor import (
    begin_two_factor,
    codes_left,
    confirm_two_factor,
    drop_two_factor,
    renew_recovery_codes,
)
from apps.core.adminkit.operations import Question, ask
from apps.core.adminkit.pages import site_page
from apps.core.adminkit.shown_once import Fact, ShownOnce, show_once

admin.site.unregister([TOTPDevice, StaticDevice])  # each operator sees to their own


def _anybody(request: HttpRequest) -> bool:
    return True


class CodeForm(forms.Form):
    """What the authenticator shows."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=SecondFactorForm.base_fields["code"].widget,
        help_text=_("The six digits that your authenticator shows."),
    )


class OwnCodeForm(CodeForm):
    """A code that counts now. A wrong one counts as well, whatever becomes of the question."""

    def __init__(self, *args: Any, request: HttpRequest, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.operator = operator

    def clean(self) -> dict[str, Any] | None:
        """Look at the code: outside of the question's transaction, which a refusal undoes."""
        if "code" in self.cleaned_data:
            passes(self.request, self.operator, self)
        return super().clean()


@site_page(route="two-factor/", name="two_factor", permission=_anybody)
def two_factor(request: HttpRequest) -> HttpResponse:
    """Set it up; or, once it is, what one may do with it."""
    operator = cast("Operator", request.user)
    if operator.two_factor_since is not None:
        context = {
            **admin.site.each_context(request),
            "title": _("Second factor"),
            "since": operator.two_factor_since,
            "left": codes_left(operator=operator),
            "required": settings.IM_TWO_FACTOR_REQUIRED,
        }
        return TemplateResponse(request, "admin/two_factor.html", context)
    device = begin_two_factor(operator=operator)
    question = Question(
        title=_("Set up the second factor"),
        text=_picture(device),
        button=_("Turn it on"),
        back=reverse("admin:index"),
        is_own_page=True,
        about=[operator],
        form_class=CodeForm,
    )

    def perform(data: dict[str, Any]) -> HttpResponse:
        codes = confirm_two_factor(operator=operator, code=data["code"])
        verify(request, operator)
        return _codes(request, codes)

    return ask(admin.site.get_model_admin(Operator), request, question, perform)


def _picture(device: TOTPDevice) -> SafeString:
    """The secret, to be scanned or typed in."""
    code = segno.make(device.config_url, micro=False)
    drawn = code.svg_inline(scale=4, border=4, light="#fff", svgclass="im-qr", lineclass=None)
    key = device.config_url.partition("secret=")[2].partition("&")[0]
    return format_html(
        '<span class="block">{}</span><span class="block my-4">{}</span>{} <span class="im-key">{}</span>',
        gettext(
            "Scan this with an authenticator (such as Aegis, FreeOTP or Google Authenticator), and type "
            "in the code that it shows. From then on you log in with your password and a code."
        ),
        mark_safe(drawn),  # noqa: S308 drawn by segno, of our own text
        gettext("Or type in this key:"),
        " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
    )


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The recovery codes, this once."""
    shown = ShownOnce(
        title=_("Recovery codes"),
        warning=_(
            "Keep these codes in a safe place. They are shown this once; each logs you in once, without your "
            "authenticator."
        ),
        facts=[Fact(value="\n".join(codes), name="recovery-codes", in_lines=True)],
        way_on=reverse("admin:two_factor"),
        button=_("I have kept them"),
    )
    return show_once(request, shown)


@site_page(route="two-factor/codes/", name="recovery_codes", permission=_anybody)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New ones in place of those before."""
    question = Question(
        title=_("New recovery codes"),
        text=_("Ten new codes, shown once. Those before are good for nothing any more."),
        button=_("Make new codes"),
        back=reverse("admin:two_factor"),
        is_own_page=True,
        about=[request.user],
    )

    def perform(operator: Operator) -> HttpResponse:
        return _codes(request, renew_recovery_codes(operator=operator))

    return _with_code(request, question, perform)


@site_page(route="two-factor/off/", name="two_factor_off", permission=_anybody)
def two_factor_off(request: HttpRequest) -> HttpResponse:
    """Turn it off."""
    question = Question(
        title=_("Turn the second factor off"),
        text=_("From then on the password alone logs you in."),
        button=_("Turn it off"),
        back=reverse("admin:two_factor"),
        is_own_page=True,
        danger=True,
        about=[request.user],
    )

    def perform(operator: Operator) -> str:
        if settings.IM_TWO_FACTOR_REQUIRED:
            raise ValidationError(_("On this server every operator has a second factor."))
        drop_two_factor(operator=operator)
        return gettext("The second factor is off.")

    return _with_code(request, question, perform)


def _with_code(request: HttpRequest, question: Question, perform: Any) -> HttpResponse:
    """Ask for a code, too: an unlocked screen alone changes nothing."""
    operator = cast("Operator", request.user)
    if operator.two_factor_since is None:
        return redirect("admin:two_factor")

    def asking(*args: Any, **kwargs: Any) -> OwnCodeForm:
        return OwnCodeForm(*args, request=request, operator=operator, **kwargs)

    return ask(
        admin.site.get_model_admin(Operator),
        request,
        replace(question, form_class=asking),
        lambda _data: perform(operator),
    )
