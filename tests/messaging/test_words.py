"""Finding words in texts, however they are written."""

# ruff: noqa: RUF001 letters that look alike are what this is about

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.messaging.words import Words, fold, masked


def found(words, text):
    return [hit.word for hit in Words(words).find(text)]


def sent(words, text):
    return masked(text, Words(words).find(text))


@pytest.mark.parametrize(
    ("word", "text", "as_sent"),
    [
        ("bad", "a bad thing", "a *** thing"),
        ("bad", "BAD Bad bAd", "*** *** ***"),
        ("BaD", "a bad thing", "a *** thing"),
        ("bad", "ｂａｄ ＢＡＤ", "*** ***"),
        ("bad", "b.a-d", "*.*-*"),
        ("bad", "b a d", "* * *"),
        ("bad", "b\u200ba\u200dd", "*\u200b*\u200d*"),
        ("bad", "b\n\na\td", "*\n\n*\t*"),
        ("bad", "b*a*d!", "*****!"),
        ("bad", "ba_d", "**_*"),
        ("cafe", "café and cafe\u0301", "**** and ****\u0301"),
        ("straße", "STRASSE", "*******"),
        ("ﬁne", "fine", "****"),
        ("fine", "ﬁne", "***"),
        ("坏话", "说坏话的人", "说**的人"),
        ("坏话", "坏，话 坏 话 坏\u200b话 坏。。。话", "*，* * * *\u200b* *。。。*"),
        ("坏话", "坏\ufe0f话", "*\ufe0f*"),
        ("加QQ", "加 ｑ.ｑ", "* *.*"),
        ("カタ", "ｶﾀ", "**"),
        ("bad word", "a bad word, a badword, a bad-word", "a *** ****, a *******, a ***-****"),
        ("x1", "①② x① x1", "①② ** **"),
        ("bad", "𝐛𝐚𝐝", "***"),
    ],
)
def test_a_word_is_found_and_masked_however_it_is_written(word, text, as_sent):
    assert sent([word], text) == as_sent


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ass", "as soon as possible"),
        ("ass", "a ssh key"),
        ("bad", "ba d"),
        ("ab", "a b"),
        ("bad", "bd"),
        ("坏话", "坏的话"),
        ("12", "1 2"),
        ("bad", ""),
        ("bad", "...!?"),
    ],
)
def test_what_is_no_such_word_is_not_found(word, text):
    assert found([word], text) == []


def test_all_are_found_the_leftmost_first_and_of_those_the_longest():
    words = ["bad", "bad word", "word", "ordinary"]

    assert found(words, "ordinary bad wordsmith") == ["ordinary", "bad word", "bad", "word"]


def test_words_that_overlap_are_masked_together():
    assert sent(["abc", "bcd"], "xabcdx") == "x****x"


def test_nothing_is_found_where_there_are_no_words():
    assert found([], "anything") == []
    assert found(["..."], "... anything") == []


@given(st.text())
def test_what_is_folded_is_folded_for_good(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.lists(st.text(min_size=1, max_size=10), max_size=5))
def test_a_mask_changes_no_length_and_only_what_was_found(text, words):
    hits = Words(words).find(text)
    after = masked(text, hits)
    places = {place for hit in hits for place in hit.places}

    assert len(after) == len(text)
    assert all(after[at] == ("*" if at in places else text[at]) for at in range(len(text)))


@given(st.text(), st.text(min_size=1, max_size=10), st.text())
def test_a_word_as_it_is_given_is_always_found(before, word, after):
    if fold(word):
        assert word in found([word], before + word + after)


@given(
    st.text("abc坏话 .-\u200bＡ", max_size=30), st.lists(st.text("abc坏话", min_size=1, max_size=3))
)
def test_what_is_found_is_what_looking_at_every_place_finds(text, words):
    """Without spaces in a text, which have a rule of their own."""
    text = text.replace(" ", "")
    folded = fold(text)
    expected = {
        (word, at)
        for word in words
        for at in range(len(folded))
        if folded.startswith(fold(word), at)
    }

    hits = Words(words).find(text)

    assert len({(hit.word, hit.places) for hit in hits}) == len(expected)
    assert {hit.word for hit in hits} == {word for word, _ in expected}


def test_no_letter_and_no_digit_is_left_out():
    for code in range(0x10000):
        if unicodedata.category(chr(code)) in {"Lu", "Ll", "Lo", "Nd"}:
            assert fold(chr(code)), hex(code)
