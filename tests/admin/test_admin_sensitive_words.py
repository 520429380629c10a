"""Sensitive words in the console: added, tried, removed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.core.models import WordPolicy
from apps.core.services.apps import update_app
from apps.messaging.models import SensitiveWord
from apps.messaging.services.sensitive_words import add_words
from tests.admin.conftest import list_of, page_of

LIST = list_of(SensitiveWord)
ADD = reverse("admin:messaging_sensitiveword_add_some")
TRY = reverse("admin:messaging_sensitiveword_try_out")


def words(app):
    return [row.word for row in app.sensitive_words.in_list_order()]


def errors_of(response):
    assert response.status_code == 200
    form = response.context["form"]
    return [message for messages in form.errors.values() for message in messages]


def test_words_are_pasted_in_any_way(browser, app):
    pasted = "one, two，three\r\n\r\n  bad word  \n四、五;six\tone"  # noqa: RUF001 typed in Chinese

    response = browser.answer(ADD, app=app.pk, words=pasted)

    assert browser.said(response) == "7 words added."
    assert words(app) == ["one", "two", "three", "bad word", "四", "五", "six"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_words_are_imported_from_a_file(encoding, browser, app):
    add_words(app=app, words=["one"])
    file = SimpleUploadedFile("words.txt", "ONE\n坏话\n\ntwo\n".encode(encoding))

    response = browser.answer(ADD, app=app.pk, file=file, words="three")

    assert browser.said(response) == "3 words added."
    assert words(app) == ["one", "three", "坏话", "two"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"words": ""}, "No words: type some, or choose a file."),
        (
            {"words": "fine\n" + "x" * 11 + "\n...\n"},
            "Not words of 1 to 10 characters with a letter or digit: xxxxxxxxxxx ...",
        ),
        (
            {"words": "\n".join(["?" * n for n in range(1, 9)])},
            "Not words of 1 to 10 characters with a letter or digit: ? ?? ??? ???? ????? …",
        ),
        (
            {"file": SimpleUploadedFile("a.png", b"\xff\xd8\xff\xff")},
            "This is no text in UTF-8 or GB 18030.",
        ),
        ({"file": SimpleUploadedFile("a.txt", b"x\n" * 600_000)}, "At most 1 MB."),
    ],
)
def test_what_are_no_words_is_told(data, told, browser, app):
    assert told in errors_of(browser.answer(ADD, app=app.pk, **data))
    assert words(app) == []


def test_more_than_there_is_room_for_is_refused_and_nothing_added(browser, app):
    add_words(app=app, words=[f"word{n}" for n in range(98)])

    response = browser.answer(ADD, app=app.pk, words="word1\none\ntwo\nthree")

    assert errors_of(response) == ["The app has room for 2 more words; these are 3."]
    assert len(words(app)) == 98


def test_another_operators_app_is_no_choice(browser, other_app):
    assert errors_of(browser.answer(ADD, app=other_app.pk, words="one"))
    assert words(other_app) == []
    assert errors_of(browser.post(TRY, {"app": other_app.pk, "text": "one"}))


def test_words_are_removed_one_or_several_and_it_is_noted(browser, app, other_app):
    add_words(app=app, words=["one", "two", "three"])
    add_words(app=other_app, words=["one"])
    one, two, three = app.sensitive_words.in_list_order()

    assert browser.said(browser.answer(page_of(one, "remove"))) == "1 word removed."
    data = {"confirmed": "yes"}
    response = browser.run(LIST, "remove_selected", [two, three], **data)

    assert browser.said(response) == "2 words removed."
    assert words(app) == []
    assert words(other_app) == ["one"]
    assert app.audit_entries.filter(action="Remove sensitive words").count() == 3


def test_what_was_added_is_noted(browser, app, olga):
    browser.answer(ADD, app=app.pk, words="one")

    entry = app.audit_entries.get()
    assert (entry.action, entry.operator_name) == ("Add sensitive words", "olga")


def test_a_word_is_found_by_how_it_begins_however_written(browser, app):
    add_words(app=app, words=["Badge", "bad", "good"])

    page = browser.page(LIST, q="BA")

    assert "Badge" in page
    assert ">bad<" in page
    assert ">good<" not in page
    assert ">good<" not in browser.page(LIST, q="..")


def test_the_list_tells_how_the_app_stands_to_its_words(browser, app):
    assert "The filter is off; messages are sent as they are." in browser.page(LIST)
    for policy, told in (
        (WordPolicy.REFUSE, "messages with such a word are refused."),
        (WordPolicy.MASK, "words are sent as asterisks."),
    ):
        app.filters_words, app.word_policy = True, policy
        update_app(app=app)
        assert f"The filter is on; {told}" in browser.page(LIST)
    assert "0 of at most 100 words." in browser.page(LIST)


@pytest.mark.parametrize("policy", WordPolicy)
def test_a_text_is_tried(policy, browser, app):
    add_words(app=app, words=["bad", "坏话"])
    app.refresh_from_db()
    app.filters_words, app.word_policy = True, policy
    update_app(app=app)

    response = browser.post(TRY, {"app": app.pk, "text": "<b>B.A.D</b> 坏 话"})

    context = response.context
    page = response.content.decode()
    assert context["words"] == ["bad", "坏话"]
    assert [piece for piece, found in context["pieces"] if found] == ["B", "A", "D", "坏", "话"]
    assert "".join(piece for piece, _ in context["pieces"]) == "<b>B.A.D</b> 坏 话"
    assert "<b>B" not in page
    if policy == WordPolicy.MASK:
        assert "&lt;b&gt;*.*.*&lt;/b&gt; * *" in page
    else:
        assert "The message is refused with code 803009 and the word “bad”." in page
    assert "is off now" not in page
    assert not app.messages.exists()


def test_a_text_without_a_word_and_a_filter_that_is_off(browser, app):
    page = browser.post(TRY, {"app": app.pk, "text": "all is well"}).content.decode()

    assert "Nothing was found: the text is sent as it is." in page
    assert "is off now: until it is turned on" in page


def test_the_pages_cost_few_queries(browser, app, django_assert_max_num_queries):
    app.max_sensitive_words = 500
    add_words(app=app, words=[f"word{n}" for n in range(300)])

    with django_assert_max_num_queries(15):
        browser.page(LIST)
    with django_assert_max_num_queries(15):
        browser.page(page_of(app.sensitive_words.in_list_order()[0]))
    with django_assert_max_num_queries(15):
        browser.post(TRY, {"app": app.pk, "text": "word1"})
