"""The filters that every draft passes before it is stored: `settings.IM_MESSAGE_FILTERS`."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.errors import SENSITIVE_WORD, ImError
from apps.core.models import App, WordPolicy
from apps.messaging import words
from apps.messaging.drafts import Draft
from apps.messaging.models import MessageType
from apps.messaging.words import Words


class MessageFilter(Protocol):
    """The shape of a filter: a function of an app and a draft."""

    def __call__(self, app: App, draft: Draft) -> Draft:
        """Return the draft, changed or not; raise ImError to refuse it."""


def apply(app: App, draft: Draft) -> Draft:
    """Run the draft through every filter, in the order of the setting."""
    for path in settings.IM_MESSAGE_FILTERS:
        draft = _load(path)(app, draft)
    return draft


@cache
def _load(path: str) -> MessageFilter:
    found: MessageFilter = import_string(path)
    return found


#: What is read by people in the body of a message of each type. A custom one is the app's own affair.
_READ: Mapping[str, str] = {
    MessageType.TEXT: "text",
    MessageType.LOCATION: "label",
    MessageType.FILE: "fname",
}
_NOTIFIED = ("title", "alert")


def sensitive_words(app: App, draft: Draft) -> Draft:
    """Refuse a message with one of the app's sensitive words, or mask it, as the app has it.

    Looked at are a text, the label of a location, the name of a file, and what a notification says. Raises
    SENSITIVE_WORD with the first word found. The words are read once, and again when they have changed.
    """
    if not app.filters_words:
        return draft
    found = words_of(app)
    body = _clean(app, found, draft.body, (_READ.get(draft.msg_type, ""),))
    options = draft.options
    notification = options.get("notification")
    if notification:
        options = {**options, "notification": _clean(app, found, notification, _NOTIFIED)}
    return replace(draft, body=body, options=options)


def words_of(app: App) -> Words:
    """The app's sensitive words, ready to be looked for."""
    listed = app.sensitive_words.values_list("word", flat=True)
    return words.of_app(app.pk, app.words_version, listed.iterator)


def _clean(
    app: App, found: Words, holder: Mapping[str, Any], names: tuple[str, ...]
) -> Mapping[str, Any]:
    for name in names:
        text = holder.get(name)
        hits = found.find(text) if isinstance(text, str) else []
        if not hits:
            continue
        if app.word_policy == WordPolicy.REFUSE:
            raise ImError(SENSITIVE_WORD, f"{SENSITIVE_WORD.message}: {hits[0].word}")
        holder = {**holder, name: words.masked(str(text), hits)}
    return holder
