"""Where webhooks may lead: nowhere that only the server can reach, whatever a name says."""

import asyncio
import ipaddress
import socket

import pytest

from apps.core.errors import ImError
from apps.webhooks import addresses
from apps.webhooks.addresses import UrlRefusedError, is_allowed, parse
from apps.webhooks.models import Endpoint
from apps.webhooks.postman import Outcome, Parcel, Postman
from apps.webhooks.services.endpoints import MOST, NewEndpoint, create_endpoint, update_endpoint


def posted(url: str) -> Outcome:
    with Postman() as postman:
        return postman.post(Parcel(url, {}, b"{}")).result(20)


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 nothing is bound to it
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_in_every_guise(address):
    literal = f"[{address}]" if ":" in address else address

    assert not is_allowed(ipaddress.ip_address(address))
    with pytest.raises(UrlRefusedError, match="private network"):
        parse(f"http://{literal}:80/hook")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address):
    assert is_allowed(ipaddress.ip_address(address))


def test_a_private_network_can_be_allowed(settings):
    settings.IM_WEBHOOK_ALLOWED_NETWORKS = ["10.1.0.0/16", "fd00::/8"]

    assert is_allowed(ipaddress.ip_address("10.1.2.3"))
    assert is_allowed(ipaddress.ip_address("fd00::1"))
    assert not is_allowed(ipaddress.ip_address("10.2.0.1"))
    assert not is_allowed(ipaddress.ip_address("::1"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "must begin with"),
        ("//example.com/", "must begin with"),
        ("javascript:alert(1)", "must begin with"),
        ("http:///hook", "names no host"),
        ("http://user:secret@example.com/", "must not hold a user"),
        ("http://user@example.com/", "must not hold a user"),
        ("http://example.com/#part", "must not have a fragment"),
        ("http://example.com:0/", "no URL"),
        ("http://example.com:99999/", "no URL"),
        ("http://exa mple.com/", "no URL"),
        ("http://example.com/\r\nX: y", "no URL"),
        ("http://例子.com/", "no URL"),
        ("http://[::1/", "no URL"),
        ("http://" + "a" * 500, "no URL"),
        ("", "no URL"),
    ],
)
def test_what_is_no_url_to_post_to_is_refused(url, reason):
    with pytest.raises(UrlRefusedError, match=reason):
        parse(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:1/", "http://127.1/", "http://0x7f000001/", "http://2130706433/"]
)
def test_a_name_for_a_private_address_is_not_posted_to(url):
    outcome = posted(url)

    assert (outcome.problem, outcome.detail) == (
        "forbidden",
        "leads to an address of a private network",
    )


def test_the_address_that_was_looked_at_is_the_one_posted_to(receiver, monkeypatch):
    answers = iter(["127.0.0.1", "10.0.0.1"])  # a name that leads elsewhere the second time

    def lookup(host, port, *args, **kwargs):
        assert host == "hooks.example.com"
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    outcome = posted(f"http://hooks.example.com:{receiver.port}/hook")

    assert outcome.taken
    (received,) = receiver.received
    assert received.headers["host"] == f"hooks.example.com:{receiver.port}"


def test_of_several_addresses_a_private_one_is_passed_over(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)

    assert asyncio.run(addresses.resolve("example.com", 80)) == "93.184.216.34"


def test_a_name_that_does_not_exist_is_an_outcome():
    outcome = posted("http://nowhere.invalid/")

    assert not outcome.taken
    assert outcome.problem == "unreachable"
    assert "gaierror" in outcome.detail


@pytest.mark.django_db
class TestServices:
    def test_refuse_a_url_that_can_not_be_posted_to(self, app):
        with pytest.raises(ImError, match="url: leads to an address of a private network"):
            create_endpoint(app=app, new=NewEndpoint(url="http://127.0.0.1/"))
        endpoint = create_endpoint(app=app, new=NewEndpoint(url="https://example.com/hook"))
        with pytest.raises(ImError, match="url: must begin with"):
            update_endpoint(endpoint=endpoint, changes={"url": "gopher://example.com"})

        endpoint.refresh_from_db()
        assert endpoint.url == "https://example.com/hook"

    def test_refuse_more_endpoints_than_an_app_may_have(self, app):
        for _ in range(MOST):
            create_endpoint(app=app, new=NewEndpoint(url="https://example.com/hook"))

        with pytest.raises(ImError, match=f"app: has {MOST} webhooks already"):
            create_endpoint(app=app, new=NewEndpoint(url="https://example.com/hook"))
        assert Endpoint.objects.filter(app=app).count() == MOST
