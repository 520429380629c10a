"""The bell over Redis' publish and subscribe: for many machines, or a database that has enough to do."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

from apps.core import seals
from apps.messaging.bells.threaded import RING, WHISPER, Hear, Say, Sound, ThreadedBell

_TIMEOUT: Final = 5.0  # seconds for connecting and for each answer
_SILENCE: Final = 15.0  # seconds without a word after which Redis is asked whether it is there


class RedisBell(ThreadedBell):
    """Everybody on the Redis of `settings.IM_REDIS_URL` with the same SECRET_KEY hears each other.

    The key is in the channels' names, since those are common to all databases of a Redis: what is whispered
    there names users, who are no business of another installation. Nothing is stored in Redis.
    """

    lost = redis.RedisError

    def __init__(self) -> None:
        """Raises ImproperlyConfigured when the URL is none."""
        super().__init__()
        try:
            _connect().close()  # nothing is sent yet
        except ValueError:  # its text may hold the password
            example = "redis://:password@redis.example.com:6379"
            raise ImproperlyConfigured(f"IM_REDIS_URL: must be like {example}") from None

    @contextmanager
    def _mouth(self) -> Iterator[Say]:
        channels = _channels()
        with closing(_connect()) as own:
            own.ping()

            def say(sounds: Sequence[Sound]) -> None:
                with own.pipeline(transaction=False) as pipeline:
                    for kind, text in sounds:
                        pipeline.publish(channels[kind], text)
                    pipeline.execute()

            yield say

    @contextmanager
    def _ear(self) -> Iterator[Hear]:
        kinds = {channel: kind for kind, channel in _channels().items()}
        with closing(_connect()) as own, PubSub(own.connection_pool) as subscription:
            subscription.subscribe(*kinds)
            for _ in kinds:
                if subscription.get_message(timeout=_TIMEOUT) is None:
                    raise redis.TimeoutError("no answer to SUBSCRIBE")
            line = _Line(subscription)

            def hear(seconds: float) -> Iterable[Sound]:
                message = line.listen(seconds)
                if message is not None:
                    yield Sound(kinds[message["channel"]], message["data"])

            yield hear


class _Line:
    """A subscription that notices when the other end has silently gone."""

    def __init__(self, subscription: PubSub) -> None:
        self._subscription = subscription
        self._heard_at = time.monotonic()
        self._asked = False

    def listen(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None when there is none in that time. Raises `redis.TimeoutError`."""
        message: dict[str, Any] | None = self._subscription.get_message(timeout=seconds)
        now = time.monotonic()
        if message is not None:
            self._heard_at, self._asked = now, False
            return message if message["type"] == "message" else None
        if now - self._heard_at > _SILENCE and not self._asked:
            self._subscription.ping()
            self._asked = True
        elif now - self._heard_at > _SILENCE + _TIMEOUT:
            raise redis.TimeoutError("no answer to PING")
        return None


def _channels() -> dict[str, str]:
    installation = seals.seal("bell", [])
    return {kind: f"im:{installation}:{kind}" for kind in (RING, WHISPER)}


def _connect() -> redis.Redis:
    return redis.Redis.from_url(
        settings.IM_REDIS_URL,
        # Not tried again below us: whoever comes back late has to look at what it missed.
        retry=Retry(NoBackoff(), 0),
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        decode_responses=True,
        protocol=2,  # an older Redis, or one of its relatives, will do
    )
