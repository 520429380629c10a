"""Limits: of texts in bytes of UTF-8, and of numbers and words in a query."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from apps.accounts.api.serializers import ExtrasField, UsernameField
from apps.core.api.fields import ByteLengthField, DayField, StrictIntegerField
from apps.core.api.pagination import boolean, integer
from apps.core.errors import MESSAGE_TOO_LONG, PARAMETER_INVALID, ImError
from apps.messaging.drafts import Draft, body_bytes
from apps.messaging.services.messages import send_message
from tests.conftest import person
from tests.properties import texts

#: One of each length in UTF-8, and those at the edges of the lengths.
CHARACTERS = "a\x01\x7fé\x80\u07ff字\u0800\uffff\U0001f600\U0010ffff"


#: Those among them that JSON writes as they are.
PLAIN = CHARACTERS.replace("\x01", "").replace("\x7f", "")


@st.composite
def texts_of(draw: st.DrawFn, size: int, characters: str = CHARACTERS) -> str:
    """A text of exactly so many bytes in UTF-8."""
    text = ""
    while (left := size - len(text.encode())) > 0:
        fitting = [one for one in characters if len(one.encode()) <= left]
        text += draw(st.sampled_from(fitting)) * draw(st.integers(1, 40))
        while len(text.encode()) > size:
            text = text[:-1]
    return text


def taken(field: Any, value: object) -> bool:
    try:
        field.run_validation(value)
    except serializers.ValidationError:
        return False
    return True


@pytest.mark.parametrize(("least", "most"), [(0, 64), (1, 64), (4, 128), (0, 250), (0, 255)])
@given(data=st.data())
def test_a_text_is_measured_in_bytes(least, most, data):
    sizes = [0, 1, least - 1, least, least + 1, most - 1, most, most + 1, most + 4, 4 * most]
    size = max(0, data.draw(st.sampled_from(sizes)))
    text = data.draw(texts_of(size))

    field = ByteLengthField(min_bytes=least, max_bytes=most)

    assert taken(field, text) == (least <= size <= most)
    if least <= size <= most:
        assert field.run_validation(text) == text


@given(texts)
def test_a_text_is_taken_as_it_is_or_refused(text):
    field = ByteLengthField(max_bytes=64)

    assert taken(field, text) == (len(text.encode()) <= 64)


@given(texts)
def test_a_single_line_is_one(text):
    field = ByteLengthField(max_bytes=10_000, single_line=True)

    assert taken(field, text) == (not set("\r\n") & set(text))


@given(st.text("abcXYZ019_.@-", max_size=140) | texts)
def test_a_username_is_what_the_protocol_allows(name):
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-")
    good = 4 <= len(name) <= 128 and set(name) <= allowed and name[0] not in "_.@-"

    assert taken(UsernameField(), name) == good


@given(st.dictionaries(texts, texts | st.integers() | st.none(), max_size=20), st.integers(0, 600))
def test_extras_are_measured_in_bytes_of_compact_json(extras, padding):
    extras = {**extras, "p": "x" * padding}
    size = len(json.dumps(extras, ensure_ascii=False, separators=(",", ":")).encode())

    assert taken(ExtrasField(), extras) == (size <= 512)


@given(st.one_of(st.integers(), st.floats(), st.booleans(), texts, st.none(), st.lists(st.none())))
def test_an_integer_is_one_and_nothing_that_looks_like_one(value):
    good = type(value) is int and -5 <= value <= 5

    assert taken(StrictIntegerField(min_value=-5, max_value=5), value) == good


@given(st.dates())
def test_any_day_is_taken_and_comes_back(day):
    field = DayField()

    for text in (day.isoformat(), f"{day.isoformat()} 23:59:59"):
        assert field.run_validation(text) == day
    assert field.to_representation(day) == f"{day.isoformat()} 00:00:00"


@given(texts | st.from_regex(r"\A\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?\Z"))
def test_any_text_is_a_day_or_is_refused(text):
    if taken(DayField(), text):
        assert DayField().run_validation(text).isoformat() == text[:10]


@pytest.mark.django_db
@given(data=st.data())
def test_a_message_is_measured_in_bytes_of_compact_json(data, app, settings):
    settings.IM_MESSAGE_BODY_MAX_BYTES = limit = 200
    if not app.users.exists():
        person(app, "alice")
    extra = data.draw(st.integers(-3, 3))
    said = data.draw(texts_of(limit - len('{"text":""}') + extra, PLAIN))
    body = {"text": said}
    assert body_bytes(body) == limit + extra
    draft = Draft(
        target_type="single",
        target_id="alice",
        from_type="user",
        from_id="alice",
        msg_type="text",
        body=body,
    )

    if extra <= 0:
        sent = send_message(app=app, draft=draft)
        assert app.messages.get(pk=sent.msg_id).body == body
    else:
        with pytest.raises(ImError) as caught:
            send_message(app=app, draft=draft)
        assert caught.value.code is MESSAGE_TOO_LONG


# --- Queries ----------------------------------------------------------------------------------------


def query(value: str) -> QueryDict:
    asked = QueryDict(mutable=True)
    asked["n"] = value
    return asked


@given(st.integers())
def test_a_number_in_its_range_is_taken_and_no_other(number):
    if -(10**6) <= number <= 10**6:
        assert integer(query(str(number)), "n", 0, minimum=-(10**6), maximum=10**6) == number
    else:
        with pytest.raises(ImError):
            integer(query(str(number)), "n", 0, minimum=-(10**6), maximum=10**6)


@given(st.text() | st.from_regex(r"\A[-+]?[\d_]{1,25}([.eE]\d+)?\Z"))
def test_any_text_is_a_number_or_is_refused_by_name(text):
    try:
        number = integer(query(text), "n", 7, minimum=0, maximum=500)
    except ImError as refused:
        error = refused
    else:
        plain = text.removeprefix("-")
        assert (text == "" and number == 7) or (plain.isascii() and plain.isdecimal())
        assert 0 <= number <= 500
        return
    assert error.code is PARAMETER_INVALID
    assert str(error) == "n: must be a whole number from 0 to 500"


def test_a_number_that_is_needed_is_asked_for():
    with pytest.raises(ImError) as caught:
        integer(QueryDict(), "n", None, minimum=0, maximum=1)

    assert str(caught.value) == "n: is required"


@given(st.text() | st.sampled_from(["true", "True", "TRUE", "1", "false", "False", "0", "tRuE"]))
def test_any_text_is_a_flag_or_is_refused_by_name(text):
    words = {"true": True, "1": True, "false": False, "0": False}
    try:
        flag = boolean(query(text), "n")
    except ImError as refused:
        error = refused
    else:
        assert flag is words[text.lower()]
        return
    assert text.lower() not in words
    assert error.code is PARAMETER_INVALID
    assert str(error) == "n: must be true or false"
