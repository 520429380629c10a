"""The form in which an operator writes a message, and what is read from it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.admin import HORIZONTAL
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.accounts.models import User
from apps.core.adminkit.form_fields import AppField, ByteLengthField, JsonObjectField, NamesField
from apps.core.adminkit.refusals import said
from apps.core.adminkit.scope import apps_of
from apps.core.adminkit.suggestions import SuggestingInput
from apps.core.errors import FORBIDDEN_SENDER, ImError
from apps.core.models import App
from apps.messaging.admin.recipients import (
    CHATROOM,
    EVERYONE,
    EVERYONES,
    GROUP,
    LISTED,
    USER,
    USERS,
    Recipients,
    find_recipients,
)
from apps.messaging.drafts import Draft
from apps.messaging.models import MessageType
from apps.messaging.protocol import FINAL_BODIES, MessageProtocol, read_draft
from apps.messaging.services.checks import filtered, permitted_sender
from apps.messaging.services.media import as_upload, body_of, store_media

TYPES = (MessageType.TEXT, MessageType.IMAGE, MessageType.FILE, MessageType.CUSTOM)
_OF_FILES = frozenset({MessageType.IMAGE, MessageType.FILE})
_MOST_USERS = 1000  # by name
_PROTOCOL = MessageProtocol(
    from_types=frozenset({"console"}),
    refused_from_types=frozenset(),
    target_types=frozenset({"single", "group", "chatroom"}),
    bodies={kind: FINAL_BODIES[kind] for kind in TYPES},
)
_STORED = ("media_id", "file_name")
_NAMED_IN_PROTOCOL = {"notification.title": "title", "notification.alert": "alert"}


@dataclass(frozen=True)
class Letter:
    """What is going to be sent. `shown` is the draft as the app's filters leave it."""

    app: App
    sender: User
    recipients: Recipients
    draft: Draft
    shown: Draft


class ComposeForm(forms.Form):
    """What is said, by whom, to whom. The field of a target is named as the choice of it."""

    app = AppField()
    sender = forms.CharField(
        label=_("Sender"),
        max_length=128,
        widget=SuggestingInput("accounts.User"),
        help_text=_("The username under whose name it is sent, such as a service account's."),
    )
    to = forms.ChoiceField(label=_("Send to"), initial=USER, widget=UnfoldAdminRadioSelectWidget)
    user = forms.CharField(
        label=_("Username"),
        required=False,
        max_length=128,
        widget=SuggestingInput("accounts.User"),
    )
    group = forms.CharField(
        label=_("Number of the group"),
        required=False,
        max_length=64,
        widget=SuggestingInput("groups.Group"),
        help_text=_("Type how its name begins, or the number."),
    )
    chatroom = forms.CharField(
        label=_("Number of the chatroom"),
        required=False,
        max_length=64,
        widget=SuggestingInput("groups.Chatroom"),
        help_text=_("Type how its name begins, or the number."),
    )
    users = NamesField(
        label=_("Usernames"),
        required=False,
        at_most=_MOST_USERS,
        help_text=_("With spaces, commas or lines between them, at most 1,000."),
    )
    listed = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    type = forms.ChoiceField(
        label=_("Type"),
        choices=[(str(kind), kind.label) for kind in TYPES],
        initial=MessageType.TEXT,
        widget=UnfoldAdminRadioSelectWidget(radio_style=HORIZONTAL),
    )
    file = forms.FileField(label=_("File"), required=False, widget=UnfoldAdminFileFieldWidget)
    media_id = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Title of the notification"),
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
    )
    alert = forms.CharField(
        label=_("Text of the notification"),
        required=False,
        max_length=1024,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("What phones show in place of the message, if your app pushes."),
    )
    no_notification = forms.BooleanField(
        label=_("Without a notification"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    no_offline = forms.BooleanField(
        label=_("Only to those who are connected"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Whoever is away never gets it."),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.apps = {str(app.pk): app for app in apps_of(request)}
        cast("AppField", self.fields["app"]).offer(self.apps.values())
        self._offer("to", self._targets())
        limit = settings.IM_MESSAGE_BODY_MAX_BYTES
        self.fields["text"] = ByteLengthField(
            label=_("Text"),
            max_bytes=limit,
            required=False,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        )
        self.fields["custom"] = JsonObjectField(
            label=_("JSON object"),
            max_bytes=limit,
            required=False,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false"}),
            help_text=_("What your app's clients make of it is their affair."),
        )
        self.most_bytes: int = settings.IM_MEDIA_MAX_BYTES
        most = {"limit": filesizeformat(self.most_bytes)}
        self.fields["file"].help_text = (
            gettext("At most %(limit)s. An image is a JPEG, PNG, GIF or BMP.") % most
        )

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _targets(self) -> list[tuple[str, Any]]:
        """Many at once for those alone who may begin jobs; of a list, for who comes from one."""
        offered: list[tuple[str, Any]] = [
            (USER, _("a user")),
            (GROUP, _("a group")),
            (CHATROOM, _("a chatroom")),
        ]
        if not self.request.user.has_perm("core.add_job"):
            return offered
        offered.append((USERS, _("several users")))
        if self.listed_query and self.request.user.has_perm("accounts.view_user"):
            offered.append((LISTED, _("all users that the list shows")))
        return [*offered, (EVERYONE, _(EVERYONES))]

    @property
    def listed_query(self) -> str:
        """The query of the list of users from which the operator came."""
        return str(self["listed"].value() or "")

    @property
    def has_more(self) -> bool:
        """Whether anything is said of the notification or the delivery."""
        names = ("title", "alert", "no_notification", "no_offline")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def chosen(self) -> App:
        """The app."""
        return self.apps[self.cleaned_data["app"]]

    def clean(self) -> dict[str, Any]:
        """What the choices ask for has to be there."""
        given = self.cleaned_data
        if given.get("type") == MessageType.TEXT:
            self._require("text")
        elif given.get("type") == MessageType.CUSTOM:
            self._require("custom")
        elif given.get("type") in _OF_FILES and not given.get("media_id"):
            self._require("file")
        if given.get("to") != EVERYONE and "to" in given:
            self._require(given["to"])
        return given

    def _require(self, name: str) -> None:
        if name not in self.errors and self.cleaned_data.get(name) in (None, "", []):
            self.add_error(name, self.fields[name].error_messages["required"])

    def letter(self, key: str) -> Letter | None:
        """What the form is about, once it is valid; None where it is not, with the errors at the fields.

        A file is stored by this, and told from then on by its media_id. What the API would refuse of the
        message is refused here as well.
        """
        given = self.cleaned_data
        field = "sender"
        try:
            sender = self.chosen.users.by_username(given["sender"])
            field = given["to"] if given["to"] != EVERYONE else "to"
            target = given.get(given["to"])
            recipients = find_recipients(self.request, self.chosen, sender, given["to"], target)
            field = "file" if given["type"] in _OF_FILES else given["type"]
            draft = self._draft(sender, recipients, key)
            permitted_sender(self.chosen, draft)
            shown = filtered(self.chosen, draft)
        except (ImError, ValidationError) as refusal:
            self.refuse(refusal, field)
            return None
        return Letter(self.chosen, sender, recipients, draft, shown)

    def refuse(self, refusal: ImError | ValidationError, field: str | None = None) -> None:
        """Put a refusal at the field that it is about; `field`, unless it says."""
        if isinstance(refusal, ImError):
            named = str(refusal).partition(":")[0]
            field = _NAMED_IN_PROTOCOL.get(named, field)
            if refusal.code == FORBIDDEN_SENDER:
                field = "sender"
        self.add_error(field, said(refusal))

    def _draft(self, sender: User, recipients: Recipients, key: str) -> Draft:
        """As the API would read it."""
        given = self.cleaned_data
        notification = {
            name: given[name] for name in _NAMED_IN_PROTOCOL.values() if given.get(name)
        }
        message = {
            "version": 1,
            "target_type": recipients.target_type,
            "target_id": recipients.target_id or sender.username,
            "from_type": "console",
            "from_id": sender.username,
            "msg_type": given["type"],
            "msg_body": self._body(),
            "no_offline": given["no_offline"],
            "no_notification": given["no_notification"],
            "notification": notification or None,
        }
        return read_draft(self.chosen, _PROTOCOL, message, f"console {key}")

    def _body(self) -> Mapping[str, Any]:
        given = self.cleaned_data
        if given["type"] == MessageType.TEXT:
            return {"text": given["text"]}
        if given["type"] == MessageType.CUSTOM:
            custom: Mapping[str, Any] = given["custom"]
            return custom
        if given.get("file"):
            upload = as_upload(given["file"].file, given["file"].name)
            media = store_media(app=self.chosen, kind=given["type"], upload=upload)
            given["media_id"], given["file_name"] = media.media_id, upload.name
        else:
            stored = self.chosen.media.filter(kind=given["type"]).by_media_id(given["media_id"])
            if stored is None:  # uploaded to another app, or as another type
                raise ValidationError(_("Choose the file once more."))
            media = stored
        return body_of(media, given["file_name"])

    def as_written(self) -> list[tuple[str, str]]:
        """All that was posted, to be posted again with an answer; of a file, where it is stored."""
        written = {name: self.data[name] for name in self.fields if name in self.data}
        stored = {name: self.cleaned_data[name] for name in _STORED}
        return list({**written, **stored}.items())


def new_key() -> str:
    """That of a message that is going to be sent once."""
    return secrets.token_hex(16)
