"""The bell over PostgreSQL's NOTIFY, the default: nothing else to run."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

from apps.messaging.bells.threaded import RING, WHISPER, Hear, Say, Sound, ThreadedBell

_CHANNELS = {RING: "im_bell", WHISPER: "im_whisper"}
_KINDS = {channel: kind for kind, channel in _CHANNELS.items()}


class PostgresBell(ThreadedBell):
    """Everybody on the same database hears each other.

    A NOTIFY holds a lock of the whole database while it commits, so it is kept out of the sends' own
    transactions.
    """

    lost = psycopg.Error

    @contextmanager
    def _mouth(self) -> Iterator[Say]:
        with _connect() as own:

            def say(sounds: Sequence[Sound]) -> None:
                channels = [_CHANNELS[sound.kind] for sound in sounds]
                own.execute(_NOTIFY, (channels, [sound.text for sound in sounds]))

            yield say

    @contextmanager
    def _ear(self) -> Iterator[Hear]:
        with _connect() as own:
            for channel in _KINDS:
                own.execute(f"LISTEN {channel}")

            def hear(seconds: float) -> Iterable[Sound]:
                for notice in own.notifies(timeout=seconds):
                    yield Sound(_KINDS[notice.channel], notice.payload)

            yield hear


def _connect() -> "psycopg.Connection[Any]":
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in parameters if name in _LIBPQ_NAMES}
    return psycopg.connect(**known, autocommit=True)


_NOTIFY = "SELECT pg_notify(channel, said) FROM unnest(%s::text[], %s::text[]) AS s (channel, said)"
_LIBPQ_NAMES = frozenset(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults())
