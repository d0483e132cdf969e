"""Who helps out in which queue, in Redis: a daemon that takes over the lead, or starts anew, knows whom to release."""

from __future__ import annotations

import json

from ..errors import StoreError
from ..queues.reserves import Place, Pulled
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys


class PulledAgents:
    """The reserve agents who help out on one PBX."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, pbx: str) -> None:
        self._connection = connection
        self._key = keys.pulled(pbx)

    async def read(self) -> list[Pulled]:
        """All of them; an entry nobody can read is left out. Raises StoreError."""
        (stored,) = await self._send(("HGETALL", self._key))
        return [pulled for pair in zip(stored[::2], stored[1::2], strict=True) if (pulled := _read(*pair))]

    async def add(self, pulled: Pulled) -> None:
        """Note that an agent helps out; raises StoreError."""
        value = json.dumps({"why": pulled.why, "at_s": pulled.at_s}, ensure_ascii=False)
        await self._send(("HSET", self._key, _field(pulled.place), value.encode(errors="replace")))

    async def remove(self, place: Place) -> None:
        """Note that they do no more; raises StoreError."""
        await self._send(("HDEL", self._key, _field(place)))

    async def _send(self, command: Command) -> list[Reply]:
        replies = await self._connection.send([command])
        if isinstance(replies[0], StoreError):
            raise replies[0]
        return replies


def _field(place: Place) -> bytes:
    return json.dumps(place, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _read(field: bytes, value: bytes) -> Pulled | None:
    try:
        queue, interface = json.loads(field)
        noted = json.loads(value)
        return Pulled(Place(str(queue), str(interface)), str(noted["why"]), float(noted["at_s"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
