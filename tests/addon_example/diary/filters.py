"""A filter: every draft passes it before it is stored."""

import re
from dataclasses import replace

from apps.core.errors import ImError
from apps.core.models import App
from apps.messaging.drafts import Draft
from tests.addon_example.diary.errors import SHOUTING

_LOUD = re.compile(r"!{2,}")


def calm(app: App, draft: Draft) -> Draft:
    """Refuse a text all in capitals (SHOUTING); leave one exclamation mark of many."""
    if draft.msg_type != "text":
        return draft
    text = draft.body["text"]
    if len(text) > 3 and text.isupper():
        raise ImError(SHOUTING)
    return replace(draft, body={**draft.body, "text": _LOUD.sub("!", text)})
