"""What docs/webhooks.md shows works as it stands there."""

import json
import re
import time
from typing import Any

import pytest

from apps.webhooks.signing import secret_of, signature
from imserver.env import CHECKOUT
from tests.console.conftest import say
from tests.webhooks.conftest import work

PAGE = (CHECKOUT / "docs" / "webhooks.md").read_text()


@pytest.fixture
def is_genuine() -> Any:
    """The function that the page gives to receivers."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 our own documentation
    return names["is_genuine"]


@pytest.mark.django_db
def test_the_function_of_the_page_tells_our_posts_from_others(
    app, alice, make, receiver, is_genuine
):
    endpoint = make()
    say(app, "alice", "alice")
    work()
    (received,) = receiver.received
    secret = secret_of(endpoint)
    timestamp = received.headers["x-im-timestamp"]
    signed = received.headers["x-im-signature"]

    assert is_genuine(secret, timestamp, signed, received.raw)
    assert not is_genuine(secret, timestamp, signed, received.raw + b" ")
    assert not is_genuine("another", timestamp, signed, received.raw)
    assert not is_genuine(secret, str(int(timestamp) + 1), signed, received.raw)
    old = int(time.time()) - 301
    assert not is_genuine(secret, str(old), signature(secret, old, received.raw), received.raw)


def test_the_examples_of_the_page_are_json():
    blocks = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert len(blocks) == 2
    assert all(json.loads(block)["total"] > 0 for block in blocks)
