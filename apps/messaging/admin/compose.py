"""Sending from the console: to a user, to a group, or to everyone in an app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.adminkit.audited import tell
from apps.core.adminkit.filters import is_number
from apps.core.adminkit.form_fields import ByteLengthField
from apps.core.adminkit.numbers import about, planned_rows
from apps.core.adminkit.operations import (
    NoQuestions,
    Question,
    ask,
    change_url,
    list_url,
    show_question,
)
from apps.core.adminkit.pages import site_page
from apps.core.adminkit.refusals import said
from apps.core.adminkit.scope import apps_of
from apps.core.errors import ImError
from apps.core.models import App
from apps.messaging.drafts import Draft
from apps.messaging.jobs import begin_broadcast
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message

USER, GROUP, EVERYONE = "user", "group", "everyone"
_COUNTED = 10_000  # recipients; more are estimated
_SEND = "send"


@dataclass(frozen=True)
class Recipients:
    """Who gets it: how many, and whether that is exact."""

    count: int
    exact: bool = True


class ComposeForm(forms.Form):
    """What is said, by whom, to whom."""

    app = forms.ChoiceField(label=_("App"), widget=UnfoldAdminSelectWidget)
    to = forms.ChoiceField(
        label=_("To"),
        choices=[
            (USER, _("a user")),
            (GROUP, _("a group")),
            (EVERYONE, _("everyone in the app")),
        ],
        initial=USER,
        widget=UnfoldAdminRadioSelectWidget,
    )
    target = forms.CharField(
        label=_("User or group"),
        required=False,
        max_length=128,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A username, or a group's number. For everyone, nothing."),
    )
    sender = forms.CharField(
        label=_("From"),
        max_length=128,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The username under whose name it is sent, such as a service account's."),
    )
    text = ByteLengthField(
        label=_("Text"), max_bytes=4000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, apps: list[App], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.apps = {str(app.pk): app for app in apps}
        choice = self.fields["app"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(pk, app.name) for pk, app in self.apps.items()]

    @property
    def chosen(self) -> App:
        """The app."""
        return self.apps[self.cleaned_data["app"]]

    def clean(self) -> dict[str, Any]:
        """There must be such a sender, and such a target."""
        given = self.cleaned_data
        if "app" in given and "sender" in given:
            self._look("sender", given["sender"])
        if "app" in given and "to" in given:
            self._clean_target(given["to"], given.get("target", ""))
        return given

    def _clean_target(self, to: str, target: str) -> None:
        if to == USER:
            self._look("target", target)
        elif to == GROUP:
            standing = self.chosen.groups.standing()
            if not is_number(target) or not standing.filter(pk=int(target)).exists():
                self.add_error("target", _("The group does not exist, or was dissolved."))
        elif target:
            self.add_error("target", _("Nothing, please: everyone gets it."))

    def _look(self, field: str, username: str) -> None:
        try:
            self.chosen.users.by_username(username)
        except ImError as error:
            self.add_error(field, said(error))

    def recipients(self) -> Recipients:
        """How many. Exact up to ten thousand; no more are counted."""
        given = self.cleaned_data
        if given["to"] == USER:
            return Recipients(1)
        if given["to"] == GROUP:
            group = self.chosen.groups.by_gid(int(given["target"]))
            return Recipients(max(group.members.count() - 1, 0))
        everyone = self.chosen.users.enabled()
        counted = everyone[: _COUNTED + 1].count()
        if counted <= _COUNTED:
            return Recipients(max(counted - 1, 0))
        return Recipients(max(about(planned_rows(everyone)), _COUNTED), exact=False)


@site_page(
    route="compose/",
    name="compose",
    permission=lambda request: request.user.has_perms(("messaging.add_message", "core.add_job")),
)
def compose(request: HttpRequest) -> HttpResponse:
    """The form; then what will be sent to how many; then it is sent."""
    model_admin = admin.site.get_model_admin(Message)
    apps = apps_of(request)
    form = ComposeForm(request.POST if request.method == "POST" else None, apps=apps)
    if not form.is_valid():
        question = Question(
            title=_("Send a message"),
            text=_(
                "It is sent like any other: it is in the log, and those who are away get it later."
            ),
            button=_("Preview"),
            back=list_url(Message),
        )
        return show_question(model_admin, request, question, form)
    recipients = form.recipients()
    question = Question(
        title=_("Send a message"),
        text=_preview(form, recipients),
        button=_("Send"),
        back=reverse("admin:compose"),
        danger=form.cleaned_data["to"] == EVERYONE,
        hidden={
            "step": [_SEND],
            **{name: [str(value)] for name, value in form.cleaned_data.items()},
        },
    )
    if request.POST.get("step") != _SEND:
        return show_question(model_admin, request, question, NoQuestions())

    def perform(_data: dict[str, Any]) -> str | HttpResponse:
        tell(request, {"From": form.cleaned_data["sender"], "Text": form.cleaned_data["text"]})
        if form.cleaned_data["to"] == EVERYONE:
            return _broadcast(model_admin, request, form, recipients)
        return _send(model_admin, request, form)

    return ask(model_admin, request, question, perform)


def _broadcast(
    model_admin: Any, request: HttpRequest, form: ComposeForm, recipients: Recipients
) -> HttpResponse:
    job = begin_broadcast(
        app=form.chosen,
        operator_id=request.user.pk,
        from_username=form.cleaned_data["sender"],
        text=form.cleaned_data["text"],
        total=recipients.count,
    )
    model_admin.noted(request, job)
    return redirect(change_url(job))


def _send(model_admin: Any, request: HttpRequest, form: ComposeForm) -> str:
    given = form.cleaned_data
    draft = Draft(
        target_type="group" if given["to"] == GROUP else "single",
        target_id=given["target"],
        from_type="console",
        from_id=given["sender"],
        msg_type="text",
        body={"text": given["text"]},
    )
    sent = send_message(app=form.chosen, draft=draft)
    model_admin.noted(request, form.chosen.messages.get(pk=sent.msg_id))
    return gettext("Sent.")


def _preview(form: ComposeForm, recipients: Recipients) -> SafeString:
    given = form.cleaned_data
    if recipients.exact:
        number = ngettext("%(count)d recipient", "%(count)d recipients", recipients.count)
        counted: str | Promise = number % {"count": recipients.count}
    else:
        counted = gettext("about %(count)d recipients") % {"count": recipients.count}
    return format_html(
        '<span class="block">{}</span><span class="block im-preview">{}</span>',
        gettext("%(app)s, from %(sender)s to %(target)s: %(counted)s")
        % {
            "app": form.chosen.name,
            "sender": given["sender"],
            "target": given["target"] or gettext("everyone"),
            "counted": counted,
        },
        given["text"],
    )
