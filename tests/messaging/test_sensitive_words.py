"""Sensitive words: kept, and looked for in what is sent."""

import pytest
from django.db import transaction

from apps.core import app_cache
from apps.core.errors import PARAMETER_INVALID, SENSITIVE_WORD, ImError
from apps.core.models import App, WordPolicy
from apps.core.services.apps import mark_words_changed, set_word_filter, update_app
from apps.messaging import filters
from apps.messaging.drafts import Draft
from apps.messaging.services.messages import send_message
from apps.messaging.services.sensitive_words import (
    add_words,
    change_word,
    remove_word,
    remove_words,
    try_text,
)
from tests.conftest import session_of


def looks(app, *, policy=WordPolicy.REFUSE, words=("bad", "坏话")):
    add_words(app=app, words=list(words))
    app.refresh_from_db()
    app.filters_words = True
    app.word_policy = policy
    update_app(app=app)
    return app


def draft(msg_type="text", body=None, **more):
    return Draft(
        target_type="single",
        target_id="bobby",
        from_type="user",
        from_id="alice",
        msg_type=msg_type,
        body=body or {"text": "a b.a.d thing", "extras": {"bad": "bad"}},
        **more,
    )


PLACE = {"latitude": 1, "longitude": 1, "scale": 1, "label": "说坏话"}
FILE = {"media_id": "x", "media_crc32": 1, "fsize": 1, "fname": "bad.txt"}
SAYS = {"title": "bad", "alert": "not good, bad"}


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (draft(), "bad"),
        (draft("location", PLACE), "坏话"),
        (draft("file", FILE), "bad"),
        (draft(body={"text": "good"}, options={"notification": SAYS}), "bad"),
    ],
)
def test_a_message_with_a_word_is_refused_and_not_stored(sent, word, app, alice, bobby):
    looks(app)

    with pytest.raises(ImError) as refused:
        send_message(app=app, draft=sent)

    assert refused.value.code is SENSITIVE_WORD
    assert str(refused.value) == f"the message contains sensitive word: {word}"
    assert not app.messages.said().exists()


def test_or_the_word_is_masked_in_all_that_people_read(app, alice, bobby):
    looks(app, policy=WordPolicy.MASK)

    for sent in (
        draft(options={"no_offline": True, "notification": SAYS}),
        draft("location", PLACE),
        draft("file", FILE),
    ):
        send_message(app=app, draft=sent)

    rows = app.messages.said().order_by("pk")
    assert [row.body for row in rows] == [
        {"text": "a *.*.* thing", "extras": {"bad": "bad"}},
        {**PLACE, "label": "说**"},
        {**FILE, "fname": "***.txt"},
    ]
    assert rows[0].options == {
        "no_offline": True,
        "notification": {"title": "***", "alert": "not good, ***"},
    }


@pytest.mark.parametrize(
    "sent", [draft("custom", {"text": "bad"}), draft(body={"text": "all is well"})]
)
def test_what_is_the_apps_own_affair_or_has_no_word_is_sent(sent, app, alice, bobby):
    looks(app)

    assert send_message(app=app, draft=sent).msg_id


def test_nothing_is_looked_for_while_the_filter_is_off(
    app, alice, bobby, django_assert_num_queries
):
    looks(app)
    set_word_filter(app=app, on=False)
    app.refresh_from_db()

    with django_assert_num_queries(0):
        filters.apply(app, draft())
    assert send_message(app=app, draft=draft()).msg_id


def test_the_switch_keeps_what_is_done_about_a_word(app):
    looks(app, policy=WordPolicy.MASK)

    set_word_filter(app=app, on=False)
    set_word_filter(app=app, on=True)

    app.refresh_from_db()
    assert (app.filters_words, app.word_policy) == (True, WordPolicy.MASK)


def test_words_are_read_once_and_again_when_they_have_changed(app, django_assert_num_queries):
    looks(app)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert try_text(app=app, text="bad").masked == "***"

    add_words(app=app, words=["worse"])
    app.refresh_from_db()

    with django_assert_num_queries(1):
        assert try_text(app=app, text="worse than bad").masked == "***** than ***"


def test_words_of_a_change_that_was_undone_are_not_remembered(app):
    looks(app)
    with transaction.atomic():
        add_words(app=app, words=["undone"])
        app.refresh_from_db()
        assert try_text(app=app, text="undone").masked == "******"
        transaction.set_rollback(True)
    add_words(app=app, words=["another"])
    app.refresh_from_db()

    assert try_text(app=app, text="undone another").masked == "undone *******"


def test_other_requests_of_the_process_see_a_change_at_once(
    api, app, alice, bobby, django_capture_on_commit_callbacks
):
    def say(words):
        body = {
            "version": 1,
            "target_type": "single",
            "target_id": "bobby",
            "from_type": "user",
            "from_id": "alice",
            "msg_type": "text",
            "msg_body": {"content": words},
        }
        return api.call("POST", "/v1/messages", body).status_code

    assert say("bad") == 200
    assert api.call("POST", "/v1/sensitiveword", ["bad"]).status_code == 204
    assert api.call("PUT", "/v1/sensitiveword/status?status=True").status_code == 204
    assert say("bad") == 403
    assert api.call("DELETE", "/v1/sensitiveword", {"word": "BAD"}).status_code == 204
    assert say("bad") == 200


def test_what_users_send_themselves_is_looked_through_too(app, alice, bobby):
    looks(app)

    reply = session_of(alice).call(
        "POST",
        "/client/v1/messages",
        {
            "target_type": "single",
            "target_id": "bobby",
            "msg_type": "text",
            "msg_body": {"text": "坏 话"},
        },
    )

    assert reply.status_code == 403
    assert reply.json()["error"] == {
        "code": 803009,
        "message": "the message contains sensitive word: 坏话",
    }


def test_another_apps_words_are_its_own(app, other_app):
    looks(other_app)
    set_word_filter(app=app, on=True)
    app.refresh_from_db()

    assert filters.apply(app, draft()).body == draft().body
    with pytest.raises(ImError):
        filters.apply(other_app, draft())


def refusal(call, **arguments):
    with pytest.raises(ImError) as refused:
        call(**arguments)
    assert refused.value.code is PARAMETER_INVALID
    return str(refused.value)


def test_an_app_has_so_many_words_and_no_more(app):
    app.max_sensitive_words = 3
    add_words(app=app, words=["one", "two"])

    told = refusal(add_words, app=app, words=["three", "four"])

    assert told == "body: there is room for 1 more words"
    assert add_words(app=app, words=["three"]) == 1
    assert app.sensitive_words.count() == 3


def test_thousands_are_added_in_few_statements(app, django_assert_max_num_queries):
    app.max_sensitive_words = 10_000

    with django_assert_max_num_queries(16):
        assert add_words(app=app, words=[f"word{n}" for n in range(5000)]) == 5000


def test_words_that_are_there_can_be_passed_over(app):
    add_words(app=app, words=["one"])

    added = add_words(app=app, words=["ONE", "two", "t-w-o"], pass_over_known=True)

    assert added == 1
    assert [row.word for row in app.sensitive_words.in_list_order()] == ["one", "two"]


def test_a_word_changes_its_writing(app):
    add_words(app=app, words=["one"])

    change_word(app=app, old="ONE", new="One")

    assert app.sensitive_words.get().word == "One"


def test_words_are_removed_by_what_they_are_and_by_their_ids(app, other_app):
    add_words(app=app, words=["one", "two", "three"])
    add_words(app=other_app, words=["one"])
    others = other_app.sensitive_words.get().pk
    ids = [row.pk for row in app.sensitive_words.in_list_order()[:2]]

    remove_word(app=app, word="\uff54hree")
    assert remove_words(app=app, ids=[*ids, others]) == 2

    assert not app.sensitive_words.exists()
    assert other_app.sensitive_words.exists()
    assert refusal(remove_word, app=app, word="one") == "word: is not in the list"


def test_a_change_locks_the_apps_words(app):
    """The version is written first: it is what two changes at once wait for."""
    before = app.words_version
    mark_words_changed(app=app)

    assert App.objects.get(pk=app.pk).words_version != before
    cached = app_cache.get(app.app_key)
    assert cached is not None
    assert cached.words_version != before
