"""Reading JSON bodies: a value that can be stored and given back, or a refusal that names the place."""

import json
import math

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.core.api import json_body
from apps.core.api.renderers import JsonRenderer
from apps.core.errors import PARAMETER_INVALID, ImError
from tests.properties import texts

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(
    -(2.0**63), 2.0**63, exclude_min=True, exclude_max=True
)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=30
)
#: Pieces that JSON is made of, and some that it is not.
pieces = st.sampled_from(
    [
        *"{}[],:/#' \n\t",
        *('"a"', '"b"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\"', '"\0"'),
        *("0", "-0", "01", "1.5", "1e999", "1e300", f"{2**63}", f"{2**63 - 1}", "NaN", "-Infinity"),
        *("null", "true", "nul", "\ufeff", "\u2028"),
    ]
)


def refusal(raw: bytes) -> str:
    with pytest.raises(ImError) as caught:
        json_body.decode(raw)
    assert caught.value.code is PARAMETER_INVALID
    return str(caught.value)


def decoded(raw: bytes) -> object:
    """The value, or the refusal, which must be one that can be sent."""
    try:
        return json_body.decode(raw)
    except ImError as refused:
        error = refused
    assert error.code is PARAMETER_INVALID
    assert JsonRenderer().render({"message": str(error)})
    return error


@given(st.binary())
def test_any_bytes_are_read_or_refused(raw):
    decoded(raw)


@given(st.lists(pieces, max_size=12).map("".join))
def test_anything_like_json_is_read_or_refused(text):
    decoded(text.encode())


@given(values, st.booleans(), st.sampled_from([None, 0, 1, "\t"]))
def test_valid_json_comes_back(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    assert json_body.decode(text.encode()) == value


@given(values, st.data())
def test_valid_json_with_a_byte_altered_is_read_or_refused(value, data):
    raw = bytearray(json.dumps(value, ensure_ascii=False).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))

    decoded(bytes(raw))


@pytest.mark.django_db
@given(st.lists(pieces, max_size=12).map("".join) | values.map(json.dumps))
def test_what_is_read_can_be_stored_and_shown(text):
    """A number that a reply can't hold would make the message that holds it unreadable for good."""
    value = decoded(text.encode())
    if isinstance(value, ImError):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::jsonb)::text", [json.dumps([value])])
        (stored,) = cursor.fetchone()

    shown = JsonRenderer().render(json.loads(stored))
    # A large number with a fraction of nothing comes back without it: 1e16 as 10000000000000000.
    assert json.loads(shown, parse_int=float) == json.loads(json.dumps([value]), parse_int=float)


TOO_LARGE = "is a number that is too large"
REFUSED = [
    (b"", "body: is not JSON"),
    (b"   ", "body: is not JSON"),
    (b"{", "body: is not JSON"),
    (b'{"a": 1} 2', "body: is not JSON"),
    (b"\xef\xbb\xbf{}", "body: is not JSON"),
    (b'{"a": "\xff"}', "body: is not UTF-8 at byte 7"),
    ('{"a": 1}'.encode("utf-16"), "body: is not UTF-8 at byte 0"),
    (b'"\xed\xa0\x80"', "body: is not UTF-8 at byte 1"),
    (b'{"a": "\0"}', "body: is not JSON"),
    (b'{"a": "\\u0000"}', "a: must not contain NUL"),
    (b'{"\\u0000": 1}', "body: must not contain NUL"),
    (b'{"a": {"\\u0000": 1}}', "a: must not contain NUL"),
    (b'{"a": [1, {"b": "x\\u0000"}]}', "a[1].b: must not contain NUL"),
    (b'["\\ud800"]', "[0]: has half a surrogate pair"),
    (b'["\\udc00\\ud800"]', "[0]: has half a surrogate pair"),
    (b'{"\\uDFFF": 1}', "body: has half a surrogate pair"),
    (b"NaN", "body: NaN is not JSON"),
    (b'{"a": -Infinity}', "body: -Infinity is not JSON"),
    (b'{"a": 1e999}', "body: has a number that is too large"),
    (b'{"a": -1e999}', "body: has a number that is too large"),
    (b'{"a": 1e300}', f"a: {TOO_LARGE}"),
    (b'{"a": -9223372036854775808.0}', f"a: {TOO_LARGE}"),
    (b'{"a": 1e19}', f"a: {TOO_LARGE}"),
    (b'{"a": [9223372036854775808]}', f"a[0]: {TOO_LARGE}"),
    (b'{"a": -9223372036854775809}', f"a: {TOO_LARGE}"),
    (b"1" * 5000, "body: has a number that is too large"),
    (b"1" * 4000, f"body: {TOO_LARGE}"),
    (b'{"a": 1, "b": 2, "a": 3}', "a: is given twice"),
    (b'[{"b": {"a": 1, "a": 1}}]', "a: is given twice"),
    (b'{"a": 1, "\\u0061": 1}', "a: is given twice"),
    (b'{"\\ud800": 1, "\\ud800": 1}', "?: is given twice"),
    (b"[" * 1_000_000, "body: is nested deeper than 32"),
    (b'{"a":' * 1_000_000, "body: is nested deeper than 32"),
    (b"[" * 33 + b"]" * 33, "[0]" * 32 + ": is nested deeper than 32"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, ".".join("a" * 32) + ": is nested deeper than 32"),
]


@pytest.mark.parametrize(("raw", "message"), REFUSED, ids=lambda part: repr(part[:24]))
def test_what_is_refused_is_told_with_its_place(raw, message):
    assert refusal(raw).startswith(message)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1e18", 1e18),
        (b"5e-324", 5e-324),
        (b"-0.0", 0.0),
        (b"[" * 32 + b"]" * 32, None),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'" \\u0001\\u007f"', " \x01\x7f"),
        (b" \t\r\n[] ", []),
    ],
    ids=repr,
)
def test_what_is_just_fine_is_taken(raw, value):
    read = json_body.decode(raw)

    assert value is None or read == value


def test_a_number_keeps_its_kind():
    assert isinstance(json_body.decode(b"1"), int)
    assert isinstance(json_body.decode(b"1.0"), float)
    assert math.copysign(1, json_body.decode(b"-0.0")) == -1


def test_a_refusal_does_not_repeat_a_long_name():
    name = b"k" * 10_000

    assert len(refusal(b'{"' + name + b'": 1e300}')) < 200
    assert len(refusal(b'{"' + name + b'": 1, "' + name + b'": 1}')) < 200
