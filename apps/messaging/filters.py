"""The filters that every draft passes before it is stored: `settings.IM_MESSAGE_FILTERS`."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.core.models import App
from apps.messaging.drafts import Draft


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
