"""Whose address counts: who connected, unless a proxy that we trust says who connected to it."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.core import checks, client_address
from apps.core.client_address import networks

CLIENT, FORGED, PROXY, OUTER = "203.0.113.9", "198.51.100.1", "10.0.0.2", "192.0.2.7"


def address(remote: str, forwarded: str | None = None) -> str:
    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    return client_address.client_address(environ)


def test_nobody_is_believed_unless_told(settings):
    assert settings.IM_TRUSTED_PROXIES == []

    assert address(CLIENT, FORGED) == CLIENT
    assert address("127.0.0.1", FORGED) == "127.0.0.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"{FORGED}, {CLIENT}", CLIENT),  # what the client itself had sent stands left
        (PROXY, f"{FORGED},{CLIENT},{OUTER}", CLIENT),  # two proxies of ours
        (PROXY, f"{OUTER}, {PROXY}", OUTER),  # a proxy of ours asks itself
        (CLIENT, FORGED, CLIENT),  # not through a proxy of ours
        (PROXY, None, PROXY),
        (PROXY, "", PROXY),
        (PROXY, "nonsense", PROXY),
        (PROXY, f"{FORGED}, nonsense", PROXY),
        (PROXY, f"{FORGED}, nonsense, {OUTER}", OUTER),
        (PROXY, "2001:db8::1", "2001:db8::1"),
        (f"::ffff:{PROXY}", f"::ffff:{CLIENT}", CLIENT),
        ("", CLIENT, ""),
    ],
)
def test_the_trusted_are_believed_and_nobody_else(remote, forwarded, found, settings):
    settings.IM_TRUSTED_PROXIES = ["10.0.0.0/8", OUTER]

    assert address(remote, forwarded) == found


def test_a_proxy_that_may_have_been_forgotten_is_reported_once(caplog):
    client_address._warn.cache_clear()

    address("127.0.0.1", CLIENT)
    address("127.0.0.1", FORGED)
    address("1.1.1.1", FORGED)

    (warning,) = [row for row in caplog.records if row.levelno == logging.WARNING]
    assert "127.0.0.1" in warning.getMessage()
    assert "IM_TRUSTED_PROXIES" in warning.getMessage()


def test_what_is_no_network_is_found_before_the_start(settings):
    settings.IM_TRUSTED_PROXIES = ["10.0.0.0/8", "nginx"]

    (found,) = checks.the_trusted_proxies_are_addresses()

    assert "IM_TRUSTED_PROXIES: 'nginx'" in found.msg
    with pytest.raises(ImproperlyConfigured):
        networks(("10.0.0.1/8",))


def test_networks_are_in_order_by_default():
    assert checks.the_trusted_proxies_are_addresses() == []
