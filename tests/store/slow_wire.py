"""A wire to a real Redis that takes its time, freezes, or is cut."""

from __future__ import annotations

import asyncio

from tests.live.relay import Relay


class SlowWire(Relay):
    """The relay of the manager interface, which also takes `delay_s` over every piece from the server."""

    def __init__(self) -> None:
        super().__init__()
        self.delay_s = 0.0
        """How long each piece from the server is held back."""
        self.passed = 0
        """Pieces that went through, either way."""

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, to_daemon: bool) -> None:
        while piece := await source.read(65536):
            self.passed += 1
            if to_daemon and self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._open.wait()
            target.write(piece)
            await target.drain()
        target.transport.abort()
