"""OpenAPI of sensitive words, what is taken and what is answered."""

from typing import Annotated, TypedDict

from drf_spectacular.utils import OpenApiParameter
from msgspec import Meta
from rest_framework import serializers

from apps.core.api.operations import Like, Operation, Said, documented
from apps.core.api.pagination import Count, Start, Total, page_parameters
from apps.core.api.wire_time import WireTime
from apps.messaging.services.sensitive_words import LONGEST

MOST_WORDS = 2000

Word = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Switch = Annotated[int, Meta(ge=0, le=1, description="1 looks for the words, 0 does not.")]


class WordReply(TypedDict):
    """A word, and when it was added."""

    name: Word
    itime: WireTime


class WordsReply(TypedDict):
    """A page of words."""

    total: Total
    start: Start
    count: Count
    words: list[WordReply]


class WordFilterReply(TypedDict):
    """Whether they are looked for."""

    status: Switch


class WordChangeIn(serializers.Serializer[None]):
    """A word in the place of another."""

    old_word = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    new_word = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


class WordIn(serializers.Serializer[None]):
    """A word."""

    word = serializers.CharField(max_length=LONGEST, trim_whitespace=False)


_ABOUT = (
    "A word has 1 to 10 characters, a letter or digit among them. Width, case, accents, punctuation and "
    "spaces make no difference, to words and to texts."
)
sensitive_words_schema = documented(
    "What an app does not want said.",
    list=Operation(
        summary="List sensitive words",
        description="In the order in which they were added.",
        reply=WordsReply,
        parameters=page_parameters(MOST_WORDS),
        reply_example={
            "total": 1,
            "start": 0,
            "count": 1,
            "words": [{"name": "word", "itime": "2018-01-02 03:04:05"}],
        },
    ),
    create=Operation(
        summary="Add sensitive words",
        description=f"All of them, or none. An app may have 100 unless it is set otherwise. {_ABOUT}",
        status=204,
        body=Like(Word, at_most=MOST_WORDS),
        examples=(Said("two words", ["word", "敏感词"]),),
    ),
    update=Operation(
        summary="Change a sensitive word",
        description=_ABOUT,
        status=204,
        body=WordChangeIn,
        examples=(Said("a word", {"old_word": "word", "new_word": "sword"}),),
    ),
    destroy=Operation(
        summary="Remove a sensitive word",
        status=204,
        body=WordIn,
        examples=(Said("a word", {"word": "word"}),),
    ),
)
word_filter_schema = documented(
    "Whether messages are looked through for sensitive words.",
    retrieve=Operation(
        summary="Show whether the filter is on",
        reply=WordFilterReply,
        reply_example={"status": 1},
    ),
    update=Operation(
        summary="Turn the filter on or off",
        description=(
            "While it is on, a message with a sensitive word is refused (803009), or sent with asterisks in "
            "its place: whichever the app is set to."
        ),
        status=204,
        parameters=(
            OpenApiParameter(
                "status",
                {"type": "string", "enum": ["0", "1", "true", "false"]},
                required=True,
                description="1 or true: on; 0 or false: off.",
            ),
        ),
    ),
)
