"""The official Python SDK 2.0.0: sensitive words, and the switch of their filter."""

from collections.abc import Iterator

import jmessage.message
import pytest

from tests.sdk.test_python_users import codes

pytestmark = pytest.mark.slow


@pytest.fixture
def filtering(sdk) -> Iterator[None]:
    """The filter is the app's, whose other tests send too."""
    assert sdk.im.open_filter().status_code == 204
    yield
    assert sdk.im.close_filter().status_code == 204


def words(sdk):
    return [word["name"] for word in sdk.im.all_words(2000).json()["words"]]


def test_words_are_added_and_listed(sdk):
    assert sdk.im.add_words(["芒果", "mango"]).status_code == 204

    page = sdk.im.all_words(1, start=1).json()
    assert (page["start"], page["count"]) == (1, 1)
    assert page["words"][0].keys() == {"name", "itime"}
    assert {"芒果", "mango"} <= set(words(sdk))
    assert codes(sdk.im.add_words("芒果")) == (400, 899003)


def test_the_filter_is_switched(sdk, filtering):
    assert sdk.im.word_status().json() == {"status": 1}
    sdk.im.close_filter()
    assert sdk.im.word_status().json() == {"status": 0}


def test_what_has_a_word_is_not_sent(sdk, people, filtering):
    assert sdk.im.add_words("durian").status_code == 204
    model = jmessage.message.Model().set_target(people[0], "single").set_from(people[-1], "admin")

    reply = sdk.messages.send(model.text("eat d-u-r-i-a-n"))

    assert codes(reply) == (403, 803009)
    assert reply.json()["error"]["message"].endswith("durian")
    assert sdk.messages.send(model.text("eat plums")).status_code == 201


def test_words_are_changed_and_removed_by_what_it_means_to_send(mended):
    assert mended.im.add_words("papaya").status_code == 204

    assert mended.im.change_word(old="papaya", new="guava").status_code == 204
    assert "guava" in words(mended)
    assert "papaya" not in words(mended)
    assert mended.im.remove_word("guava").status_code == 204
    assert "guava" not in words(mended)
