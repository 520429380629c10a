"""Which addresses a URL of a tenant's may lead to: nothing inside the server's own network.

A name is resolved once, and the connection goes to the address that was looked at: a name that leads
elsewhere a moment later gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"[!-~]{1,500}")


class UrlRefusedError(Exception):
    """A URL that is not posted to. The text says why, in English."""


def parse(url: str) -> SplitResult:
    """The parts of an http(s) URL with a host, without a user or a fragment. Raises UrlRefusedError."""
    try:
        parts = urlsplit(url)
        unusable = parts.port == 0 or not _PLAIN.fullmatch(url)
    except ValueError:
        unusable = True
    if unusable:
        raise UrlRefusedError("is no URL that can be posted to")
    for refused, reason in (
        (parts.scheme not in _PORTS, "must begin with http:// or https://"),
        (not parts.hostname, "names no host"),
        ("@" in parts.netloc, "must not hold a user or a password"),
        (bool(parts.fragment), "must not have a fragment"),
        (_is_private_literal(parts.hostname), "leads to an address of a private network"),
    ):
        if refused:
            raise UrlRefusedError(reason)
    return parts


def _is_private_literal(host: str | None) -> bool:
    try:
        literal = ipaddress.ip_address(host or "")
    except ValueError:
        return False  # a name
    return not is_allowed(literal)


def port_of(parts: SplitResult) -> int:
    """The port it leads to."""
    return parts.port or _PORTS[parts.scheme]


def is_allowed(address: Address) -> bool:
    """Whether it is on the public internet, or in one of IM_WEBHOOK_ALLOWED_NETWORKS."""
    reached = _behind(address)
    allowed = [ipaddress.ip_network(name) for name in settings.IM_WEBHOOK_ALLOWED_NETWORKS]
    if any(reached.version == network.version and reached in network for network in allowed):
        return True
    return reached.is_global and not reached.is_multicast


async def resolve(host: str, port: int) -> str:
    """An address of the host that is allowed. Raises UrlRefusedError for want of one, or OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    allowed = [address for address in addresses if is_allowed(address)]
    if not allowed:
        raise UrlRefusedError("leads to an address of a private network")
    return str(allowed[0])


def _behind(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(address.packed[-4:])
        return address.ipv4_mapped or address.sixtofour or address
    return address
