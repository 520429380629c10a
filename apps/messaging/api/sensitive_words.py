"""Sensitive words over HTTP."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import wire_time
from apps.core.api.pagination import boolean, page
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, ImError
from apps.core.services.apps import set_word_filter
from apps.messaging.api.word_schemas import (
    MOST_WORDS,
    WordChangeIn,
    WordIn,
    WordReply,
    sensitive_words_schema,
    word_filter_schema,
)
from apps.messaging.models import SensitiveWord
from apps.messaging.services.sensitive_words import add_words, change_word, remove_word


@sensitive_words_schema
class SensitiveWordViewSet(ImViewSet):
    """`/v1/sensitiveword`."""

    operation_group = "sensitive_words"

    def list(self, request: Request) -> Response:
        """The words, the oldest first."""
        words = self.app.sensitive_words.in_list_order()
        return self.reply(page(self.query, words, "words", self._word, most=MOST_WORDS))

    def create(self, request: Request) -> Response:
        """Add some."""
        words = self.parse_list(of="words", at_most=MOST_WORDS)
        for place, word in enumerate(words):
            if not isinstance(word, str):
                raise ImError(PARAMETER_INVALID, f"body[{place}]: must be a string")
        add_words(app=self.app, words=words)
        return self.reply(status=204)

    def update(self, request: Request) -> Response:
        """Put one in the place of another."""
        data = self.parse(WordChangeIn)
        change_word(app=self.app, old=data["old_word"], new=data["new_word"])
        return self.reply(status=204)

    def destroy(self, request: Request) -> Response:
        """Remove one."""
        remove_word(app=self.app, word=self.parse(WordIn)["word"])
        return self.reply(status=204)

    def _word(self, word: SensitiveWord) -> WordReply:
        return {"name": word.word, "itime": wire_time.in_zone(self.app, word.created_at)}


@word_filter_schema
class WordFilterViewSet(ImViewSet):
    """`/v1/sensitiveword/status`."""

    operation_group = "word_filter"

    def retrieve(self, request: Request) -> Response:
        """Whether it is on."""
        return self.reply({"status": int(self.app.as_stored().filters_words)})

    def update(self, request: Request) -> Response:
        """Turn it on or off."""
        set_word_filter(app=self.app, on=boolean(self.query, "status"))
        return self.reply(status=204)
