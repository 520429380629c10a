"""Changing an app's sensitive words, and trying a text."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.models import App
from apps.core.services.apps import mark_words_changed
from apps.messaging import filters
from apps.messaging.models import SensitiveWord
from apps.messaging.words import Hit, fold, masked

LONGEST = 10  # characters
_AT_ONCE = 1000  # rows of an insert


@transaction.atomic
def add_words(*, app: App, words: Sequence[str], pass_over_known: bool = False) -> int:
    """Add the words: all of them or none. How many are new.

    A word has 1 to 10 characters, a letter or digit among them. Two words that differ in width, case, accents
    or punctuation are one. Raises PARAMETER_INVALID, with the place, for one that is not such a word, and for
    more than `app.max_sensitive_words` in all; for one that the app has, or that is given twice, unless those
    are to be passed over.
    """
    folded = [_checked(word, f"body[{place}]") for place, word in enumerate(words)]
    mark_words_changed(app=app)
    known = dict(app.sensitive_words.filter(folded__in=folded).values_list("folded", "word"))
    rows: dict[str, SensitiveWord] = {}
    for place, (word, key) in enumerate(zip(words, folded, strict=True)):
        earlier = known.get(key) or (rows[key].word if key in rows else None)
        if earlier is None:
            rows[key] = SensitiveWord(app=app, word=word, folded=key)
        elif not pass_over_known:
            raise ImError(PARAMETER_INVALID, f"body[{place}]: {_is_listed(earlier)}")
    room = app.max_sensitive_words - app.sensitive_words.count()
    if len(rows) > room:
        raise ImError(PARAMETER_INVALID, f"body: there is room for {max(0, room)} more words")
    app.sensitive_words.bulk_create(rows.values(), batch_size=_AT_ONCE)
    return len(rows)


@transaction.atomic
def change_word(*, app: App, old: str, new: str) -> None:
    """Have another word in the place of one. Raises PARAMETER_INVALID as `add_words` and `remove_word` do."""
    folded = _checked(new, "new_word")
    mark_words_changed(app=app)
    row = _listed(app, old, "old_word")
    other = app.sensitive_words.by_word(new)
    if other is not None and other.pk != row.pk:
        raise ImError(PARAMETER_INVALID, f"new_word: {_is_listed(other.word)}")
    app.sensitive_words.filter(pk=row.pk).update(word=new, folded=folded)


@transaction.atomic
def remove_word(*, app: App, word: str) -> None:
    """Remove a word, however it is written. Raises PARAMETER_INVALID for one that the app has not."""
    mark_words_changed(app=app)
    _listed(app, word, "word").delete()


@transaction.atomic
def remove_words(*, app: App, ids: Sequence[int]) -> int:
    """Remove the app's words of those ids; how many there were."""
    mark_words_changed(app=app)
    removed, _ = app.sensitive_words.filter(pk__in=ids).delete()
    return removed


@dataclass(frozen=True)
class Trial:
    """What would become of a text."""

    hits: list[Hit]
    masked: str


def try_text(*, app: App, text: str) -> Trial:
    """What is found in a text, and how it is sent where words are masked; whether the filter is on or not."""
    hits = filters.words_of(app).find(text)
    return Trial(hits, masked(text, hits))


def _checked(word: str, name: str) -> str:
    """The word, folded."""
    if not 1 <= len(word) <= LONGEST:
        raise ImError(PARAMETER_INVALID, f"{name}: must have 1 to {LONGEST} characters")
    folded = fold(word)
    if not folded:
        raise ImError(PARAMETER_INVALID, f"{name}: has no letter and no digit")
    return folded


def _listed(app: App, word: str, name: str) -> SensitiveWord:
    row = app.sensitive_words.by_word(word)
    if row is None:
        raise ImError(PARAMETER_INVALID, f"{name}: is not in the list")
    return row


def _is_listed(word: str) -> str:
    return f"is in the list already, as {word!r}"
