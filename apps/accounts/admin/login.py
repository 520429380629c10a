"""How operators log in: password, second factor, and how long it lasts."""

from __future__ import annotations

import time
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.models import Operator
from apps.accounts.services import login_guard
from apps.accounts.services.two_factor import check_second_factor
from apps.core.adminkit.site import ConsoleSite
from apps.core.client_address import client_address
from apps.core.errors import ImError
from apps.core.services.audit import Actor, Change, record

_PENDING = "im_second_factor"  # in the session: whose password was right, and when
_PATIENCE = 300  # seconds between the password and the code
_VERIFIED = "im_verified"
_BEGAN, _SEEN = "im_began", "im_seen"
_BACKEND = "apps.accounts.roles.RoleBackend"
#: Pages for those who have yet to set up a second factor.
_OPEN = {"two_factor", "logout", "password_change", "password_change_done", "jsi18n"}

#: What pages ask for by themselves: nobody needs to be there.
_BY_ITSELF = {"core_job_progress"}


class OperatorLoginForm(AuthenticationForm):
    """Name and password; refused unread after too many wrong ones, by name and by address."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("The username or the password is wrong. Capital letters matter."),
    }

    def clean(self) -> dict[str, Any]:
        """Ask the guard before the password is looked at."""
        who = {
            "username": self.cleaned_data.get("username", ""),
            "address": client_address(self.request.META),
        }
        try:
            login_guard.check(app=None, **who)
        except ImError as refusal:
            text = _("Too many failed log-ins: wait %(seconds)d seconds.")
            raise ValidationError(text, params={"seconds": refusal.retry_after}) from None
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            login_guard.note_failure(app=None, **who)
            raise
        login_guard.forgive(app=None, username=who["username"])
        return cleaned


class OperatorLoginView(LoginView):
    """The log-in. With a second factor, the password opens nothing but the page that asks for it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Log the operator in, or ask on."""
        operator = cast("Operator", form.get_user())
        if operator.two_factor_since is None:
            _admit(self.request, operator)
            return redirect(self.get_success_url())
        self.request.session.cycle_key()
        self.request.session[_PENDING] = {
            "operator": operator.pk,
            "since": _now(),
            "password": operator.get_session_auth_hash(),
            "next": self.get_success_url(),
        }
        return redirect("second-factor")


class SecondFactorForm(forms.Form):
    """The code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}
        ),
        help_text=_("Six digits of your authenticator, or one of your recovery codes."),
    )


def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask whoever knew the password for the code."""
    operator = _pending(request)
    if operator is None:
        return redirect("admin:login")
    form = SecondFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and passes(request, operator, form):
        way_on: str = request.session[_PENDING]["next"]
        _admit(request, operator)
        del request.session[_PENDING]
        return redirect(way_on)
    site = cast("ConsoleSite", admin.site)
    request.current_app = site.name
    context = {**site.each_context(request), "title": _("Second factor"), "form": form}
    return site.dressed(TemplateResponse(request, "admin/second_factor.html", context))


def _pending(request: HttpRequest) -> Operator | None:
    """Whose password was right a moment ago, and still is."""
    pending = request.session.get(_PENDING)
    if pending is None or _now() - pending["since"] > _PATIENCE:
        return None
    operators = Operator.objects.filter(is_active=True, two_factor_since__isnull=False)
    operator = operators.filter(pk=pending["operator"]).first()
    if operator is None or pending.get("password") != operator.get_session_auth_hash():
        return None
    return operator


def passes(request: HttpRequest, operator: Operator, form: forms.Form) -> bool:
    """Whether the form's code is one of the operator's now; if not, the form says so.

    Not within a transaction that the answer may undo: wrong codes would count for nothing.
    """
    try:
        factor = check_second_factor(operator=operator, code=form.cleaned_data["code"])
    except ImError:
        form.add_error("code", _("Too many wrong codes. Wait a little, and try again."))
        return False
    if factor is None:
        form.add_error("code", _("This is not the code. Each is good once."))
        _note(gettext_noop("Second factor failed"), request, operator)
        return False
    if factor == "recovery code":
        _note(gettext_noop("Recovery code used"), request, operator)
    return True


def _note(action: str, request: HttpRequest, operator: Operator) -> None:
    actor = Actor(operator.pk, operator.get_username(), client_address(request.META))
    record(actor=actor, action=action, changes=[Change(target=operator)])


def _admit(request: HttpRequest, operator: Operator) -> None:
    login(request, operator, backend=_BACKEND)
    request.session[_BEGAN] = request.session[_SEEN] = _now()
    verify(request, operator)


def verify(request: HttpRequest, operator: Operator) -> None:
    """Let the session count as one that the second factor, as it is now, has opened."""
    request.session[_VERIFIED] = str(operator.two_factor_since)


def keep_out(request: HttpRequest) -> HttpResponse | None:
    """The gate before every page: sessions end, and have passed the second factor."""
    operator = cast("Operator", request.user)
    now, session = _now(), request.session
    began, seen = session.get(_BEGAN), session.get(_SEEN)
    if began is None or seen is None:
        session[_BEGAN] = session[_SEEN] = began = seen = now
    idle, longest = settings.IM_CONSOLE_IDLE_SECONDS, settings.IM_CONSOLE_SESSION_SECONDS
    if now - seen > idle or now - began > longest:
        return _log_out(request, gettext("You were logged out: it was too long ago."))
    if operator.two_factor_since is not None and session.get(_VERIFIED) != str(
        operator.two_factor_since
    ):
        return _log_out(request, gettext("Log in again, with your second factor."))
    match = request.resolver_match
    name = match.url_name if match is not None else None
    if now - seen >= min(60, idle // 2) and name not in _BY_ITSELF:
        session[_SEEN] = now
    required = settings.IM_TWO_FACTOR_REQUIRED and operator.two_factor_since is None
    return redirect("admin:two_factor") if required and name not in _OPEN else None


def slow_down(request: HttpRequest) -> HttpResponse | None:
    """The gate before a change of one's own password: at an unlocked screen, too, guessing is slowed down."""
    match = request.resolver_match
    if request.method != "POST" or match is None or match.url_name != "password_change":
        return None
    operator = cast("Operator", request.user)
    who = {"username": operator.get_username(), "address": client_address(request.META)}
    try:
        login_guard.check(app=None, **who)
    except ImError as refusal:
        told = {"seconds": refusal.retry_after}
        messages.error(
            request, gettext("Too many wrong passwords: wait %(seconds)d seconds.") % told
        )
        return redirect("admin:password_change")
    if not operator.check_password(request.POST.get("old_password", "")):
        login_guard.note_failure(app=None, **who)
    return None


def _log_out(request: HttpRequest, why: str) -> HttpResponse:
    logout(request)
    messages.warning(request, why)
    return redirect(f"{reverse('admin:login')}?{urlencode({'next': request.get_full_path()})}")


def _now() -> int:
    return int(time.time())


console = cast("ConsoleSite", admin.site)
console.login_view = OperatorLoginView
console.login_form = OperatorLoginForm
console.gates = [*console.gates, keep_out, slow_down]
