"""Whose address a request comes from, when proxies stand in between."""

import logging
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


def client_address(environ: Mapping[str, Any]) -> str:
    """The address of who sent the request, from its WSGI environment (`request.META`).

    That is who connected to us. Where this is one of `settings.IM_TRUSTED_PROXIES`, it is who they say
    connected to them, in X-Forwarded-For, and so on while that is a trusted proxy too. What stands further
    left in that header, or comes from anybody else, may be made up.
    """
    trusted = networks(tuple(settings.IM_TRUSTED_PROXIES))
    address = _address(environ.get("REMOTE_ADDR", ""))
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
    if address is None:  # a Unix socket has none
        return ""
    if forwarded and address.is_private and not _within(address, trusted):
        _warn(str(address))
    for said in reversed(forwarded.split(",")):
        if not _within(address, trusted):
            break
        before = _address(said.strip())
        if before is None:
            break
        address = before
    return str(address)


@lru_cache
def networks(words: tuple[str, ...]) -> Networks:
    """The addresses and networks (192.0.2.0/24) named. Raises ImproperlyConfigured."""
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError as error:
        raise ImproperlyConfigured(f"IM_TRUSTED_PROXIES: {error}") from None


def _within(address: Address, trusted: Networks) -> bool:
    return any(address in network for network in trusted)


def _address(text: str) -> Address | None:
    """The address, that of IPv4 where it stands in one of IPv6: so a socket for both shows it."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache
def _warn(address: str) -> None:
    """Once for each address of one's own networks: it looks like a proxy that somebody forgot to name."""
    logger.warning(
        "X-Forwarded-For from %s is passed over: IM_TRUSTED_PROXIES does not name it", address
    )
