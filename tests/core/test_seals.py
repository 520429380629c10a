"""Sealed tokens: what went in comes out, for the same purpose, and from nothing else."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.seals import seal, unseal
from tests import properties as properties  # its settings

PURPOSE = "sync 1"
ALPHABET = string.ascii_letters + string.digits + "-_"
integers = st.integers(-(2**63), 2**63 - 1)


@given(st.tuples(integers, integers))
def test_fields_come_back_as_they_were(fields):
    token = seal(PURPOSE, fields)

    assert unseal(PURPOSE, token, tuple[int, int]) == fields
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token), "nothing that a query string would change"


@given(st.tuples(integers, integers), st.data())
def test_no_altered_character_is_taken(fields, data):
    token = seal(PURPOSE, fields)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([*ALPHABET, *"+/=%é\0 \n"]).filter(token[place].__ne__))

    assert unseal(PURPOSE, token[:place] + other + token[place + 1 :], tuple[int, int]) is None


@given(st.tuples(integers, integers), st.data())
def test_no_shorter_or_longer_token_is_taken(fields, data):
    token = seal(PURPOSE, fields)
    kept = data.draw(st.integers(0, len(token) - 1))
    tail = data.draw(st.text("A=\n -_", min_size=1, max_size=5))

    assert unseal(PURPOSE, token[:kept], tuple[int, int]) is None
    assert unseal(PURPOSE, token + tail, tuple[int, int]) is None


@given(st.text(max_size=600))
def test_no_text_of_any_kind_is_taken_or_raises(text):
    assert unseal(PURPOSE, text, tuple[int, int]) is None


def test_every_other_last_character_is_refused():
    """The last one holds bits that decoding drops: the token must still be the one that was given out."""
    for position in range(300):
        token = seal(PURPOSE, [1, position])
        for other in set(ALPHABET) - {token[-1]}:
            assert unseal(PURPOSE, token[:-1] + other, tuple[int, int]) is None


@pytest.mark.parametrize("purpose", ["sync 2", "sync", "sync 1\0", "", "report 1 app"])
def test_a_token_is_good_for_its_purpose_alone(purpose):
    token = seal(PURPOSE, [1, 2])

    assert unseal(purpose, token, tuple[int, int]) is None


def test_purpose_and_fields_do_not_run_into_each_other():
    """Between the two stands what no purpose holds."""
    first, second = seal("a", ["b"]), seal("ab", [""])

    assert unseal("ab", first, tuple[str]) is None
    assert unseal("a", second, tuple[str]) is None


def test_a_token_of_another_shape_is_refused():
    assert unseal(PURPOSE, seal(PURPOSE, [1]), tuple[int, int]) is None
    assert unseal(PURPOSE, seal(PURPOSE, [1, "2"]), tuple[int, int]) is None
    assert unseal(PURPOSE, seal(PURPOSE, [1, None]), tuple[int, int]) is None


def test_a_token_of_another_key_is_refused(settings):
    token = seal(PURPOSE, [1, 2])

    settings.SECRET_KEY = "another"

    assert unseal(PURPOSE, token, tuple[int, int]) is None


def test_an_endless_token_is_not_looked_at():
    token = seal(PURPOSE, ["x" * 500])

    assert len(token) > 512
    assert unseal(PURPOSE, token, tuple[str]) is None
