"""Posting over HTTP: a thread with an event loop, so that many endpoints are waited for at once.

It asks nothing of the database.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

import httpx
from django.conf import settings

from apps.webhooks import addresses
from apps.webhooks.addresses import UrlRefusedError
from apps.webhooks.models import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future
    from types import TracebackType

_EXCERPT = 200  # bytes of a refusal that are kept
_DETAIL = 300  # characters


@dataclass(frozen=True)
class Parcel:
    """What is posted, and where to."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What became of it. `problem` is empty if it was taken."""

    milliseconds: int
    status: int | None = None
    problem: str = ""
    detail: str = ""  # the beginning of what was answered, or the error's own words

    @property
    def taken(self) -> bool:
        """Whether the receiver answered with a 2xx."""
        return not self.problem


class Postman:
    """Posts inside a `with` block. What is under way at its end is dropped."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="postman", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(_cancel_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def post(self, parcel: Parcel) -> Future[Outcome]:
        """Begin to post. Its outcome is there within IM_WEBHOOK_TIMEOUT_SECONDS, whoever the receiver is."""
        return asyncio.run_coroutine_threadsafe(_post(parcel), self._loop)


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _post(parcel: Parcel) -> Outcome:
    began = time.monotonic()

    def outcome(problem: str = "", detail: str = "", status: int | None = None) -> Outcome:
        spent = int((time.monotonic() - began) * 1000)
        return Outcome(spent, status, problem, detail[:_DETAIL].replace("\0", ""))

    try:
        async with asyncio.timeout(settings.IM_WEBHOOK_TIMEOUT_SECONDS):
            status, said = await _exchange(parcel)
    except TimeoutError:
        return outcome(Problem.LATE)
    except UrlRefusedError as refusal:
        return outcome(Problem.FORBIDDEN, str(refusal))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return outcome(Problem.UNREACHABLE, f"{type(error).__name__}: {error}")
    if 200 <= status < 300:
        return outcome(status=status)
    return outcome(Problem.REFUSED, said, status)


async def _exchange(parcel: Parcel) -> tuple[int, str]:
    """The status, and the beginning of what was answered along with it."""
    parts = addresses.parse(parcel.url)
    host = parts.hostname or ""
    address = await addresses.resolve(host, addresses.port_of(parts))
    pinned = httpx.URL(parcel.url).copy_with(host=address)
    async with (
        # No proxy of the environment, no redirects, no connection that was kept for another host.
        httpx.AsyncClient(verify=_trusted(), trust_env=False, follow_redirects=False) as client,
        client.stream(
            "POST",
            pinned,
            headers={**parcel.headers, "Host": parts.netloc},
            content=parcel.body,
            timeout=settings.IM_WEBHOOK_TIMEOUT_SECONDS,
            extensions={"sni_hostname": host},
        ) as response,
    ):
        return response.status_code, await _beginning(response)


async def _beginning(response: httpx.Response) -> str:
    if response.is_success:
        return ""
    async for chunk in response.aiter_raw(_EXCERPT):
        return " ".join(chunk[:_EXCERPT].decode(errors="replace").split())
    return ""


@cache
def _trusted() -> ssl.SSLContext:
    """The certificate authorities; reading them takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
