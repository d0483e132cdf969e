"""The store inside this process, for a machine without any Redis: what is written is gone when the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from .resp_wire import Command, RedisRefusedError, Reply, Told


class ProcessConnection:
    """fakeredis behind the same port as a real connection; imported only here, for it is slow to import."""

    persistent = False
    """Whether what is written outlives this process: it does not."""

    def __init__(self) -> None:
        import fakeredis

        self._client: Any = fakeredis.FakeStrictRedis(protocol=2)
        self._line: Any = self._client.connection_pool.get_connection()

    @property
    def why(self) -> str:
        """Nothing is in the way."""
        return ""

    def get(self, key: bytes, told: Told) -> None:
        """Read the string under `key` and tell `told` at once."""
        told(self._reply_to(("GET", key)))

    def send(self, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
        """Carry the commands out at once; the future is done already."""
        answered: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        answered.set_result([self._reply_to(command) for command in commands])
        return answered

    def set_new(self, keys: Sequence[bytes], records: Sequence[bytes]) -> asyncio.Future[list[Reply]]:
        """Store each record under its key where there is nothing yet; replies as of `SET NX`, None: there was."""
        return self.send([("SET", key, record, "NX") for key, record in zip(keys, records, strict=True)])

    async def open(self, wait_s: float) -> None:
        """Nothing to wait for."""

    async def close(self) -> None:
        """Forget everything."""
        self._client.flushall()
        self._client.close()

    def _reply_to(self, command: Command) -> Reply:
        try:
            self._line.send_command(*command)
            return self._line.read_response()
        except Exception as fault:  # a refusal of the server it imitates, or what it cannot do, in any form
            return RedisRefusedError(str(fault))
