"""What follows a question at the admin socket, piece by piece: the callers of an import."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

from ...admin.asked.patience import in_time
from ...errors import RouterError
from ...wire.caller_pieces import HEAD, MOST_BYTES

NEXT_S = 300.0
"""How long the next piece is waited for: whoever asks may be reading a file that is still written."""

PART_S = 2.0
"""How long each part of a piece may take, and taking its answer."""

PART_BYTES = 1 << 16
"""Bytes taken at once."""


class ArrivingPieces:
    """The pieces on one connection. While the next one is waited for, it is the turn of that user's other acts."""

    def __init__(self, connection: socket.socket, turn: asyncio.Lock) -> None:
        self._connection = connection
        self._turn = turn

    async def next(self) -> bytes:
        """The next piece; empty at the end. Raises RouterError for one that is too long, or where nobody sends any."""
        self._turn.release()
        try:
            head = await self._read(1, NEXT_S)
            size = HEAD.unpack(head + await self._read(HEAD.size - 1, PART_S))[0]
            if size > MOST_BYTES:
                raise RouterError(f"a piece has at most {MOST_BYTES} bytes")
            return await self._read(size, PART_S)
        finally:
            await self._turn.acquire()

    async def tell(self, told: Any) -> None:
        """Answer it. Raises RouterError where nobody listens."""
        said = json.dumps(told).encode() + b"\n"
        await _in_time(asyncio.get_running_loop().sock_sendall(self._connection, said), PART_S)

    async def _read(self, size: int, patience_s: float) -> bytes:
        said = bytearray()
        while len(said) < size:
            most = min(PART_BYTES, size - len(said))
            part = await _in_time(asyncio.get_running_loop().sock_recv(self._connection, most), patience_s)
            if not part:
                raise RouterError("who asked has gone")
            said += part
        return bytes(said)


async def _in_time(work: Any, patience_s: float) -> Any:
    try:
        return await in_time(work, patience_s)
    except (OSError, asyncio.TimeoutError):
        raise RouterError("who asked has gone, or is too slow") from None
