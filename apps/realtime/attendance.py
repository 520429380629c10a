"""Attendance: which sessions are connected here, noted in the database for all to see."""

import asyncio
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from apps.accounts.services import presence
from apps.core.errors import TOKEN_INVALID, ImError
from apps.realtime.follower import Follower

logger = logging.getLogger(__name__)


class Attendance:
    """Of one gateway. What could not be noted is noted with its next beat, and so is all that got lost."""

    def __init__(self, run: Callable[..., Awaitable[Any]]) -> None:
        self._run = run
        self._name = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._gateway_id: int | None = None  # of this gateway's row, once it beats
        self._here: dict[Follower, int | None] = {}  # and the id that each connection was noted by

    async def appear(self, follower: Follower) -> None:
        """Note that the follower's session is connected. Raises TOKEN_INVALID if it has ended.

        That the database cannot be told now is no reason to refuse it.
        """
        self._here[follower] = None
        try:
            if self._gateway_id is None:
                self._gateway_id = await self._run(presence.beat, gateway=self._name)
            # Whoever goes while this is under way is forgotten all the same.
            stands = await asyncio.shield(asyncio.ensure_future(self._note([follower])))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("a connection could not be noted: %s", error)
        else:
            if not stands:
                raise ImError(TOKEN_INVALID)

    async def vanish(self, follower: Follower) -> None:
        """It is connected no more."""
        connection_id = self._here.pop(follower, None)
        if connection_id is not None:
            await self._forget([connection_id])

    async def beat_on(self) -> None:
        """Say that this gateway lives, often enough for one lost beat not to count."""
        while True:
            await asyncio.sleep(settings.IM_PRESENCE_SECONDS / 3)
            try:
                await self._beat()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("the gateway could not say that it lives: %s", error)

    async def leave(self) -> None:
        """The gateway ends, and nobody is connected to it any more."""
        self._here.clear()
        try:
            await self._run(presence.leave, gateway=self._name)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the gateway could not say that it ends: %s", error)

    async def _beat(self) -> None:
        gateway_id = await self._run(presence.beat, gateway=self._name)
        if gateway_id != self._gateway_id:  # it was taken for dead, and its connections with it
            self._gateway_id = gateway_id
            self._here = dict.fromkeys(self._here)
        if lost := [follower for follower, noted in self._here.items() if noted is None]:
            await self._note(lost)

    async def _note(self, followers: Sequence[Follower]) -> bool:
        """Note their connections; whether all of their sessions stand."""
        session_ids = [follower.session_id for follower in followers]
        noted: list[tuple[int, int]] = await self._run(
            presence.connect, session_ids=session_ids, gateway_id=self._gateway_id
        )
        of_session: dict[int, list[int]] = {}
        for session_id, connection_id in noted:
            of_session.setdefault(session_id, []).append(connection_id)
        for follower in followers:
            mine = of_session.get(follower.session_id or 0)
            if mine and follower in self._here and self._here[follower] is None:
                self._here[follower] = mine.pop()
        if unclaimed := [pk for pks in of_session.values() for pk in pks]:
            await self._forget(unclaimed)
        return len(noted) == len(session_ids)

    async def _forget(self, connection_ids: Sequence[int]) -> None:
        try:
            await self._run(presence.disconnect, connection_ids=connection_ids)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the end of a connection could not be noted: %s", error)
