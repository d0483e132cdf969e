"""What people ask a daemon to do, through Redis: a list of wishes for each PBX, and an answer for each wish.

Neither side blocks the connection: everything else goes over it as well, so both look again and again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from time import monotonic
from typing import Any
from uuid import uuid4

from ..errors import StoreError
from ..queues.acts import Done
from ..queues.requests import Request, Wish, as_plain, read_wish
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

PATIENCE_S = 8.0
"""How long a person waits for the answer: an act on the PBX may take 5 s (`queues.acts.LineActs`)."""

GLANCE_S = 0.05
"""How often the answer is looked for."""

AT_ONCE = 8
"""How many wishes a daemon takes in one round trip."""

ANSWER_KEPT_S = 60
"""How long an answer waits for whoever asked."""


class Requests:
    """Both sides of a wish: people ask, the daemon that leads the PBX takes and tells.

    A wish carries its deadline by the store's own clock, so one that nobody took in time is never carried out late,
    whatever the hosts' clocks say.
    """

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self._connection = connection
        self._keys = keys

    async def ask(self, pbx: str, wish: Wish, author: str, timeout_s: float = PATIENCE_S) -> Done:
        """Ask the daemon that leads `pbx`; its answer, or a `Done` that says why there is none.

        Raises StoreUnavailableError when it cannot even be asked, or the store goes away meanwhile.
        """
        request_id = uuid4().hex
        text = await self._put(pbx, {"id": request_id, **as_plain(wish, author)}, timeout_s)
        until_s = monotonic() + timeout_s
        told, look = None, ("LPOP", self._keys.told(request_id))
        while told is None and monotonic() < until_s:
            await asyncio.sleep(GLANCE_S)
            told = (await self._send([look]))[0]
        if told is None:
            withdrawn, told = await self._send([("LREM", self._keys.asked(pbx), 1, text), look])
            if withdrawn:
                return Done(False, f"no daemon leads {pbx}: nothing was done")
        if told is None:
            return Done(False, "a daemon took the request and did not answer: look whether it was carried out")
        ok, said = json.loads(told)
        return Done(bool(ok), str(said))

    async def _put(self, pbx: str, plain: dict[str, Any], timeout_s: float) -> bytes:
        """Write the wish down with its deadline; returns what was written."""
        seconds, micros = (await self._send([("TIME",)]))[0]
        plain["until_s"] = int(seconds) + int(micros) / 1_000_000 + timeout_s
        text = json.dumps(plain, ensure_ascii=False).encode(errors="replace")
        key = self._keys.asked(pbx)
        # a PBX that nobody leads for good must not gather wishes; each has its own deadline besides
        await self._send([("RPUSH", key, text), ("EXPIRE", key, ANSWER_KEPT_S)])
        return text

    async def take(self, pbx: str) -> list[Request]:
        """What people ask to be done on `pbx` and nobody took yet, oldest first; only the leading daemon takes.

        Returns at once, empty as a rule. A wish that is past its deadline is dropped, one that cannot be read is
        answered here. Raises StoreUnavailableError.
        """
        *taken, now = await self._send([("LPOP", self._keys.asked(pbx))] * AT_ONCE + [("TIME",)])
        now_s = int(now[0]) + int(now[1]) / 1_000_000
        requests = []
        for text in filter(None, taken):
            plain = _read(text)
            if not 0 <= plain.get("until_s", 0) - now_s <= ANSWER_KEPT_S:  # nor one that would never be late
                LOG.warning("a request for %s came too late and is not carried out", pbx)
                continue
            try:
                requests.append(Request(str(plain["id"]), read_wish(plain), str(plain.get("author", ""))))
            except ValueError as fault:
                await self.tell(str(plain["id"]), Done(False, str(fault)))
        return requests

    async def tell(self, request_id: str, done: Done) -> None:
        """Answer a request; raises StoreUnavailableError."""
        key = self._keys.told(request_id)
        await self._send([("RPUSH", key, json.dumps(done)), ("EXPIRE", key, ANSWER_KEPT_S)])

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies


def _read(text: bytes) -> dict[str, Any]:
    """A wish as `ask` wrote it; empty, and so past its deadline, for anything else: also for half a character."""
    try:
        plain = json.loads(text)
        json.dumps(plain, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) and "id" in plain and isinstance(plain.get("until_s"), float) else {}
