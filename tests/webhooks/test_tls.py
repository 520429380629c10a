"""Over TLS: the certificate is that of the name in the URL, although the connection goes to an address."""

import socket
import ssl
import subprocess

import pytest

from apps.webhooks import postman
from apps.webhooks.postman import Outcome, Parcel, Postman

pytestmark = [pytest.mark.needs("openssl"), pytest.mark.slow]

NAME = "hooks.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for the name that nobody has signed but itself, and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, public = folder / "key.pem", folder / "public.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME} -addext subjectAltName=DNS:{NAME}"
    subprocess.run(
        ["openssl", *words.split(), "-keyout", str(key), "-out", str(public)],
        check=True,
        capture_output=True,
    )
    whole = folder / "whole.pem"
    whole.write_text(public.read_text() + key.read_text())
    return whole


@pytest.fixture
def secure(receiver, certificate, monkeypatch):
    """The receiver, speaking TLS; every name leads to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: here)
    return receiver


@pytest.fixture
def trusting(certificate, monkeypatch):
    """We take the certificate for one of an authority."""
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(postman, "_trusted", lambda: context)


def posted(receiver, name: str) -> Outcome:
    with Postman() as own:
        return own.post(Parcel(f"https://{name}:{receiver.port}/hook", {}, b"{}")).result(20)


@pytest.mark.usefixtures("trusting")
def test_a_certificate_for_the_name_is_taken(secure):
    assert posted(secure, NAME).taken
    assert secure.received[0].headers["host"] == f"{NAME}:{secure.port}"


@pytest.mark.usefixtures("trusting")
def test_a_certificate_for_another_name_is_refused_and_nothing_is_posted(secure):
    outcome = posted(secure, "other.example.com")

    assert outcome.problem == "unreachable"
    assert "certificate" in outcome.detail
    assert secure.received == []


def test_a_certificate_of_nobody_is_refused_and_nothing_is_posted(secure):
    outcome = posted(secure, NAME)

    assert "certificate" in outcome.detail
    assert secure.received == []
