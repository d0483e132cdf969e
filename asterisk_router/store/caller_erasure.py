"""Everything that has to go when a caller is forgotten and that is not the caller book or the call-backs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

from ..errors import StoreError
from .call_eraser import CallEraser, names_of
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .forgotten import Forgotten, Heard
from .journal.folder import JOURNALS
from .journal.scrub import scrub
from .pseudonyms import pseudonyms_of
from .redis_keys import RedisKeys

HEARD_S = 5.0
"""How long daemons are waited for: each looks once a second."""

REWRITTEN_S = 45.0
"""How long Redis is waited for while it writes its files anew; it goes on by itself.

With HEARD_S it leaves 10 s of the 60 an act may take at the admin socket: all else is erased by then, and who asked
must hear so, not that it took too long.
"""

GLANCE_S = 0.1
"""How often it is looked whether they are done."""


class CallerErasure:
    """What an act of forgetting works with, on one Redis and one state directory."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys, state_dir: Path) -> None:
        self._connection = connection
        self._keys = keys
        self._state_dir = state_dir
        self._forgotten: Forgotten | None = None

    async def mark(self, numbers: Collection[str], now_s: float) -> float:
        """From now on no daemon registers a call of theirs that began by now; the moment in the marks.

        Raises StoreError, also where the key of pseudonyms is not at hand.
        """
        return await (await self._marks()).mark(numbers, now_s)

    async def pseudonyms(self, numbers: Collection[str]) -> list[str]:
        """What stands for these numbers in old records; raises as `mark` does."""
        hide = (await self._marks()).pseudonyms
        return [hide.of(number) for number in numbers]

    async def erase_calls(self, names: Collection[str]) -> int:
        """Take every record of these numbers and pseudonyms out of the registry; how many. Raises StoreError."""
        return await CallEraser(self._connection, self._keys).erase(names)

    async def erase_journals(self, numbers: Collection[str]) -> int:
        """Erase them from the journals of this state directory; how many records. Raises OSError."""
        names = frozenset(numbers)
        root = self._state_dir / JOURNALS
        return await asyncio.to_thread(scrub, root, lambda record: not names.isdisjoint(names_of(record)))

    async def heard(self, until_s: float) -> Heard:
        """Wait until all daemons that live have forgotten them too, some seconds at most."""
        marks = await self._marks()
        give_up_s = time.monotonic() + HEARD_S
        while (heard := await marks.heard(until_s)).silent and time.monotonic() < give_up_s:
            await asyncio.sleep(GLANCE_S)
        return heard

    async def rewrite_files(self) -> str:
        """Let Redis write its files anew, for they hold what was written before; why it did not, empty when it did.

        Also where it keeps none.
        """
        try:
            said = _facts(await self._ask(("INFO", "persistence")))
            if said.get("aof_enabled") == "1":
                await self._ask(("BGREWRITEAOF",))
                return await self._until("aof_rewrite_scheduled", "aof_rewrite_in_progress")
            saves = await self._ask(("CONFIG", "GET", "save"))
            if len(saves) > 1 and saves[1]:
                await self._ask(("BGSAVE",))
                return await self._until("rdb_bgsave_in_progress")
        except StoreError as fault:
            return fault.problem if self._connection.persistent else ""
        return ""

    async def _until(self, *underway: str) -> str:
        give_up_s = time.monotonic() + REWRITTEN_S
        while time.monotonic() < give_up_s:
            await asyncio.sleep(GLANCE_S)
            said = _facts(await self._ask(("INFO", "persistence")))
            if all(said.get(name, "0") == "0" for name in underway):
                return ""
        return "it goes on writing its files"

    async def _marks(self) -> Forgotten:
        if self._forgotten is None:
            pseudonyms = await asyncio.to_thread(pseudonyms_of, self._state_dir)
            forgotten = Forgotten(self._connection, self._keys, pseudonyms)
            await forgotten.check_key()
            self._forgotten = forgotten
        return self._forgotten

    async def _ask(self, command: Command) -> Reply:
        reply = (await self._connection.send([command]))[0]
        if isinstance(reply, StoreError):
            raise reply
        return reply


def _facts(info: Reply) -> dict[str, str]:
    lines = bytes(info).decode(errors="replace").splitlines()
    return {name: value for name, _, value in (line.partition(":") for line in lines)}
