"""Telling that one is at work, and noticing who is not any more."""

import asyncio
import os
import socket

import structlog

from gateway.errors import LedgerUnavailable
from gateway.ledger import heartbeats as stored
from gateway.ledger.database import Database
from gateway.ledger.heartbeats import Beating

log = structlog.get_logger()

EVERY_S = 5.0


class Heartbeat:
    def __init__(self, database: Database, kind: Beating) -> None:
        self._database = database
        self._kind = kind
        self._holder = f"{kind}:{socket.gethostname()}/{os.getpid()}"

    async def beat(self) -> None:
        """Raises LedgerUnavailable."""
        async with self._database.connection() as connection:
            await stored.beat(connection, self._holder, self._kind)

    async def follow(self) -> None:
        """Every few seconds, until cancelled."""
        while True:
            try:
                await self.beat()
            except LedgerUnavailable:
                log.warning("heartbeat_not_written")
            await asyncio.sleep(EVERY_S)

    async def stop(self) -> None:
        """This process ends, and is not missed."""
        try:
            async with self._database.connection() as connection:
                await stored.leave(connection, self._holder)
        except LedgerUnavailable:
            log.warning("heartbeat_not_ended")
