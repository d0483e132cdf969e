"""Tags of ranges and prefixes: kept in one hash, mirrored in memory, so that no call asks for them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from secrets import randbelow

from ..callers.number_ranges import NumberRanges, TaggedRange, check_range
from ..ending import ended
from ..errors import RouterError, StoreError
from ..once_a_minute import OnceAMinute
from ..wire.caller_record import decode_tag, encode_tag
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Command, Reply
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

REFRESH_S = 3.0
"""How often the daemon asks whether somebody changed a range."""

VERSION_STEP = 1 << 32
"""Most by which a change moves the version: two thousand million of them fit into Redis's integer."""


class RangeMirror:
    """The hash of range tags and its image in memory."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self.ranges = NumberRanges()
        """The image; the same object for ever."""
        self._connection = connection
        self._keys = keys
        self._version: Reply = None
        self._seldom = OnceAMinute(LOG)
        self._following: asyncio.Task[None] | None = None

    async def open(self, wait_s: float) -> None:
        """Read the ranges, if the store is there and answers within `wait_s`, and follow their changes from now on."""
        try:
            await asyncio.wait_for(self.refresh(), wait_s)
        except (StoreError, asyncio.TimeoutError, TimeoutError) as fault:
            LOG.info("the tags of number ranges are read later: %s", str(fault) or "Redis does not answer")
        self._following = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """Stop following."""
        if self._following is not None:
            await ended(self._following)

    async def refresh(self) -> None:
        """Read the ranges again if their version changed; raises StoreError, and the image stays as it was."""
        version = (await self._send([("GET", self._keys.ranges_version)]))[0]
        if version == self._version:
            return
        flat = (await self._send([("HGETALL", self._keys.ranges)]))[0]
        ranges, faults = [], []
        for place, record in zip(flat[::2], flat[1::2], strict=True):
            try:
                ranges.append(_read(place, record))
            except RouterError as fault:  # one bad entry must not take the others away
                faults.append(str(fault))
        if faults:
            self._seldom.warning("a tag of a number range is left out: %s", faults[0], times=len(faults))
        self.ranges.replace(ranges)
        self._version = version

    @property
    def version(self) -> Reply:
        """The version of the ranges when the image was read; None before the first change there ever was."""
        return self._version

    async def put(self, tagged: TaggedRange) -> None:
        """Store one tag of a range for everybody; raises TagError, StoreError."""
        place, record = _place(check_range(tagged)), encode_tag(tagged.tag)
        await self._send([("HSET", self._keys.ranges, place, record), self._changed()])
        await self.refresh()

    async def remove(self, first: str, last: str, name: str) -> bool:
        """Remove one tag of a range for everybody; whether it was there."""
        field = f"{first}-{last}:{name}" if last else f"{first}*:{name}"
        removed, _ = await self._send([("HDEL", self._keys.ranges, field), self._changed()])
        await self.refresh()
        return bool(removed)

    def _changed(self) -> Command:
        """The command that tells everybody of a change.

        By a random step: counted by ones, a store that was emptied and tagged anew could come to the very version that
        others had read, and they would keep what is no more.
        """
        return ("INCRBY", self._keys.ranges_version, 1 + randbelow(VERSION_STEP))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            with suppress(StoreError):  # the connection says by itself that the store is away
                await self.refresh()

    async def _send(self, commands: list[Command]) -> list[Reply]:
        replies = await self._connection.send(commands)
        for reply in replies:
            if isinstance(reply, StoreError):
                raise reply
        return replies


def _place(tagged: TaggedRange) -> str:
    """Field of a range in the hash: `FIRST-LAST:TAG`, or `PREFIX*:TAG`."""
    numbers = f"{tagged.first}-{tagged.last}" if tagged.last else f"{tagged.first}*"
    return f"{numbers}:{tagged.tag.name}"


def _read(place: bytes, record: bytes) -> TaggedRange:
    text = place.decode(errors="replace")
    numbers = text.rpartition(":")[0]
    first, _, last = numbers.partition("-")
    tag = decode_tag(record, text)
    return check_range(TaggedRange(first.removesuffix("*"), last, tag))
