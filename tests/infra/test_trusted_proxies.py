"""Who guesses passwords cannot hide behind addresses that are made up, whichever server takes the call."""

import http.client
import json
import re
from contextlib import closing

import pytest

from tests.infra.conftest import Start
from tests.infra.test_serve import READY, SERVERS, read_until

pytestmark = pytest.mark.slow


def guess(url: str, app_key: str, username: str, forwarded_for: str) -> int:
    """Try to log in with a wrong password; the status."""
    body = {"appkey": app_key, "username": username, "password": "wrong", "platform": "j"}
    headers = {"Content-Type": "application/json", "X-Forwarded-For": forwarded_for}
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
    with closing(connection):
        connection.request("POST", "/client/v1/sessions", json.dumps(body), headers)
        return connection.getresponse().status


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
def test_a_guesser_from_many_made_up_addresses_is_one_address_unless_a_trusted_proxy_says_so(
    server: str, trusted: str, start: Start
) -> None:
    process = start(
        *("manage.py", "quickstart", "--serve", "--port=0", "--workers=1", f"--server={server}"),
        IM_LOGIN_FAILURES_PER_ADDRESS="1",
        IM_LOGIN_FAILURES_PER_USER="1000",
        IM_TRUSTED_PROXIES=trusted,
    )
    printed = read_until(process, re.compile(r"app key +(\S+)[\s\S]*?" + READY.pattern))
    app_key, url = printed.groups()

    statuses = [guess(url, app_key, f"user{n}", f"198.51.100.{n}") for n in range(6)]

    if trusted:
        assert statuses == [401] * 6
        assert 429 in [guess(url, app_key, "user", "198.51.100.1") for _ in range(6)]
    else:
        assert statuses[0] == 401
        assert 429 in statuses[1:]
