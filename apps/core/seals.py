"""Opaque tokens for clients to hand back: a few fields, signed, URL-safe."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from django.conf import settings

_SIGNATURE = 12  # bytes: forging one takes 2**96 tries, and gains a place to read from
_AT_MOST = 512  # characters of a token worth looking at

Fields = TypeVar("Fields")


def seal(purpose: str, fields: Sequence[object]) -> str:
    """Sign the fields (integers, strings, None) for one purpose. `[A-Za-z0-9_-]` only."""
    payload = msgspec.msgpack.encode(fields)
    signed = _signature(purpose, payload) + payload
    return _encode(signed)


def unseal(purpose: str, token: str, shape: type[Fields]) -> Fields | None:
    """The fields of a token sealed for this purpose, of that shape; None for anything else."""
    if len(token) > _AT_MOST:
        return None
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if _encode(signed) != token:  # base64 has several spellings of the same bytes: one is ours
        return None
    signature, payload = signed[:_SIGNATURE], signed[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(purpose, payload)):
        return None
    try:
        return msgspec.msgpack.decode(payload, type=shape)
    except msgspec.DecodeError:
        return None


def _encode(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def _signature(purpose: str, payload: bytes) -> bytes:
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, purpose.encode() + b"\0" + payload, hashlib.sha256)[:_SIGNATURE]
