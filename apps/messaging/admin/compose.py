"""Sending from the console: the form, a preview of what will be sent to whom, and the sending itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.adminkit.audited import in_english, note
from apps.core.adminkit.operations import change_url, link, list_url
from apps.core.adminkit.pages import shown, site_page
from apps.core.adminkit.wholes import WayOn, way_on
from apps.core.errors import KEY_REUSED, ImError
from apps.core.models import Job
from apps.messaging.admin.bodies import TYPES
from apps.messaging.admin.broadcasts import begin_to_listed
from apps.messaging.admin.compose_form import ComposeForm, Letter, new_key
from apps.messaging.admin.reading import Line
from apps.messaging.admin.recipients import (
    CHATROOM,
    GROUP,
    LISTED,
    USER,
    name_of,
    url_of_list,
)
from apps.messaging.admin.said import said_by, with_links
from apps.messaging.jobs import begin_broadcast, briefly
from apps.messaging.models import Message
from apps.messaging.services.messages import send_message

TITLE = _("Send a message")
NOTICE = gettext_noop("Notification")
SEND, CHANGE = "send", "change"
_KEY = re.compile(r"[0-9a-f]{32}")
_TO: Mapping[str, str | Promise] = {
    USER: _("To the user"),
    GROUP: _("To the group"),
    CHATROOM: _("To the chatroom"),
    LISTED: _("To the users of the list"),
}


@site_page(route="compose/", name="compose", permission="messaging.add_message")
def compose(request: HttpRequest) -> HttpResponse:
    """The form; then what will be sent to how many, with ways to send it or to change it.

    The key of a preview is the message's or the job's: what is posted twice is sent once.
    """
    if request.method != "POST":
        return _ask(request, ComposeForm(request, initial=request.GET.dict()))
    step, key = request.POST.get("step", ""), request.POST.get("key", "")
    if step == CHANGE:
        return _ask(request, ComposeForm(request, initial=request.POST.dict()))
    is_previewed = _KEY.fullmatch(key) is not None
    if not is_previewed:
        key = new_key()
    form = ComposeForm(request, request.POST, request.FILES)
    letter = form.letter(key) if form.is_valid() else None
    if letter is None:
        return _ask(request, form)
    if step == SEND and is_previewed:
        try:
            return _send(request, letter, key)
        except (ImError, ValidationError) as refusal:
            form.refuse(refusal)
    return _preview(request, form, letter, key)


def _ask(request: HttpRequest, form: ComposeForm) -> HttpResponse:
    context = {"form": form, "back": _back(request, form.listed_query), "media": form.media}
    if form.listed_query:
        context["list_url"] = url_of_list(form.listed_query)
    return shown(request, "admin/compose.html", TITLE, context)


def _preview(request: HttpRequest, form: ComposeForm, letter: Letter, key: str) -> HttpResponse:
    context = {
        "letter": letter,
        "line": _line(letter),
        "rows": _rows(letter),
        "is_changed": (letter.shown.body, letter.shown.options)
        != (letter.draft.body, letter.draft.options),
        "notification": letter.shown.options.get("notification") if _is_notified(letter) else None,
        "errors": form.non_field_errors(),
        "hidden": [*form.as_written(), ("key", key)],
        "back": _back(request, form.listed_query),
    }
    return shown(request, "admin/compose_preview.html", TITLE, context)


def _back(request: HttpRequest, listed_query: str) -> str:
    """Where one came from, or may be."""
    if listed_query:
        return url_of_list(listed_query)
    may = request.user.has_perm("messaging.view_message")
    return list_url(Message) if may else reverse("admin:index")


def _line(letter: Letter) -> Line:
    """The message as its recipients see it."""
    message = Message(
        app=letter.app,
        from_id=letter.sender.username,
        from_name=letter.sender.nickname,
        msg_type=letter.shown.msg_type,
        body=letter.shown.body,
    )
    (told,) = with_links(letter.app, [(message, said_by(message))])
    kind = TYPES[message.msg_type]
    return Line(message=message, day=None, own=False, follows=False, said=told, kind=kind)


def _rows(letter: Letter) -> list[tuple[str | Promise, object]]:
    """From whom it is, to whom, to how many, and what those get who are away."""
    to = letter.recipients
    return [
        (_("App"), letter.app.name),
        (_("Sender"), link(change_url(letter.sender), name_of(letter.sender))),
        (_TO.get(to.to, _("Recipients")), link(to.url, to.name) if to.url else to.name),
        (_("How many"), to.number),
        (_("Whoever is away"), _for_the_absent(letter)),
        (_("Notification"), _notified(letter)),
    ]


def _for_the_absent(letter: Letter) -> str | Promise:
    if letter.draft.options.get("no_offline"):
        return _("never gets it: it goes to those who are connected right now.")
    if letter.recipients.to == CHATROOM:
        return _("sees it on entering the chatroom, as long as it is one of the last 50 messages.")
    return _("gets it on coming back.")


def _notified(letter: Letter) -> str | Promise:
    if not _is_notified(letter):
        return _("none")
    is_worded = letter.draft.options.get("notification")
    return _("as below") if is_worded else _("as your app words it")


def _is_notified(letter: Letter) -> bool:
    """Whether a push may follow: `apps.messaging.recipients` says for whom."""
    options = letter.draft.options
    silent = options.get("no_notification") or options.get("no_offline")
    return not silent and letter.recipients.to != CHATROOM


def _send(request: HttpRequest, letter: Letter, key: str) -> HttpResponse:
    if letter.recipients.are_many:
        return _broadcast(request, letter, key)
    with transaction.atomic():
        sent = send_message(app=letter.app, draft=letter.draft)
        if not sent.repeated:
            message = letter.app.messages.get(pk=sent.msg_id)
            note(request, TITLE, message, details=_noted(letter))
    if sent.repeated:
        messages.info(request, gettext("It was sent before, and not once more."))
    else:
        messages.success(request, _sent(request, letter, message))
    again = urlencode({"app": letter.app.pk, "sender": letter.sender.username})
    return redirect(f"{reverse('admin:compose')}?{again}")


def _sent(request: HttpRequest, letter: Letter, message: Message) -> str:
    text = gettext("Sent to %(name)s.") % {"name": letter.recipients.name}
    if not request.user.has_perm("messaging.view_message"):
        return text
    # Underlined: within a sentence, a colour alone tells of no link.
    shown = format_html(
        '<a href="{}" class="underline">{}</a>', change_url(message), gettext("The message")
    )
    return format_html("{} {}", text, shown)


def _broadcast(request: HttpRequest, letter: Letter, key: str) -> HttpResponse:
    try:
        with transaction.atomic():
            job = _begin(request, letter, key)
            note(request, TITLE, job, details=_noted(letter))
    except ImError as refusal:
        if refusal.code != KEY_REUSED:
            raise
        job = letter.app.jobs.get(key=key)
        messages.info(request, gettext("It was sent before, and not once more."))
    if request.user.has_perm("core.view_job"):
        return redirect(change_url(job))
    messages.success(request, gettext("It is being sent."))
    return redirect("admin:compose")


def _begin(request: HttpRequest, letter: Letter, key: str) -> Job:
    to = letter.recipients
    if to.asked is not None:
        return begin_to_listed(letter=letter, operator_id=request.user.pk, key=key)
    return begin_broadcast(
        app=letter.app,
        operator_id=request.user.pk,
        draft=letter.draft,
        to=to.users or None,
        total=to.number.value,
        key=key,
    )


def _noted(letter: Letter) -> Mapping[str, Any]:
    """For the audit: from, to, the type, what it says, and what was asked for besides."""
    draft = letter.draft
    noted: dict[str, Any] = {
        "Sender": letter.sender.username,
        "Recipients": letter.recipients.noted,
        "Type": in_english(TYPES[draft.msg_type]),
        "Text": briefly(draft.msg_type, draft.body),
    }
    for name, value in draft.options.items():
        label = in_english(ComposeForm.base_fields[name].label or name) if value is True else NOTICE
        noted[label] = value if value is True else ": ".join(value.values())
    return noted


def way_to_write(request: HttpRequest, to: str, row: Any) -> SafeString | str:
    """A link to the form, filled in with this user, group or chatroom, for those who may send."""
    if not request.user.has_perm("messaging.add_message"):
        return ""
    query = urlencode({"app": row.app_id, "to": to, to: row.username if to == USER else row.pk})
    return link(f"{reverse('admin:compose')}?{query}", TITLE)


def _may_write_to_all(request: HttpRequest) -> bool:
    return request.user.has_perms(("messaging.add_message", "core.add_job"))


def _url_for_list(query: str) -> str:
    return f"{reverse('admin:compose')}?{urlencode({'to': LISTED, 'listed': query})}"


way_on(User, WayOn(title=TITLE, url=_url_for_list, permission=_may_write_to_all))
