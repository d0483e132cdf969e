"""Each PBX's live line in Redis, for tools and other daemons; nothing on the path of a call reads or awaits it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import cast

from ..errors import StoreError
from ..once_a_minute import OnceAMinute
from ..queues.shared_board import STALE_AFTER_S, SeenBoard, SharedBoard
from .connection.resp_connection import StoreConnection
from .connection.resp_wire import Reply
from .redis_keys import RedisKeys

LOG = logging.getLogger(__name__)

STALE_MS = round(STALE_AFTER_S * 1000)

FORGOTTEN_AFTER_S = 86_400.0
"""A board nobody renewed for a day is of a PBX that is no more."""

PUBLISH = b"""local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old and ARGV[2] == '0' then
  local at, known, who = string.match(old, '^(%d+) (%d) (%S*) ')
  if at and known == '1' and who ~= ARGV[3] and now - tonumber(at) <= tonumber(ARGV[5]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s %s ', now, ARGV[2], ARGV[3]) .. ARGV[4])
return 1"""
"""Puts a board in its place with the store's own time in milliseconds. One that knows nothing does not hide what
another daemon, which hears the PBX, told within the limit. Arguments: PBX, whether known, daemon, JSON, limit."""


class LineBoards:
    """Publishes and reads the boards of all PBXs."""

    def __init__(self, connection: StoreConnection, keys: RedisKeys) -> None:
        self.lost = 0
        """Boards that did not reach the store, or were left out because the one before was still on its way."""
        self._connection = connection
        self._keys = keys
        self._seldom = OnceAMinute(LOG)
        self._under_way: dict[str, asyncio.Future[list[Reply]]] = {}

    def publish(self, pbx: str, board: SharedBoard) -> None:
        """Send the board of a PBX off and return at once; a store that is slow or away is counted in `lost`.

        Must be called in a running event loop, every second, so that readers know the line is still heard.
        """
        before = self._under_way.get(pbx)
        if before is not None and not before.done():  # a frozen store must not gather boards
            self.lost += 1
            return
        known, who = b"1" if board.get("known") else b"0", board.get("daemon", "").replace(" ", "_")
        text = json.dumps(board, ensure_ascii=False, separators=(",", ":"))
        sent = self._connection.send(
            [("EVAL", PUBLISH, 1, self._keys.boards, pbx, known, who, text.encode(errors="replace"), STALE_MS)]
        )
        self._under_way[pbx] = sent
        sent.add_done_callback(self._published)

    def _published(self, sent: asyncio.Future[list[Reply]]) -> None:
        if sent.cancelled() or sent.exception() is not None or isinstance(sent.result()[0], StoreError):
            self.lost += 1

    async def read_all(self) -> list[SeenBoard]:
        """The board of every PBX with its age, by name; raises StoreUnavailableError.

        What cannot be read (another release, another program) is left out with a word in the log.
        """
        stored, now = await self._connection.send([("HGETALL", self._keys.boards), ("TIME",)])
        for reply in (stored, now):
            if isinstance(reply, StoreError):
                raise reply
        now_s = int(now[0]) + int(now[1]) / 1_000_000
        boards = []
        for pbx, written in zip(stored[::2], stored[1::2], strict=True):
            try:
                boards.append(_read(written, now_s))
            except ValueError:
                self._seldom.warning("the board of %s cannot be read", pbx.decode(errors="replace"))
        return sorted((seen for seen in boards if seen.age_s < FORGOTTEN_AFTER_S), key=lambda seen: seen.board["pbx"])


def _read(written: bytes, now_s: float) -> SeenBoard:
    """One board as `PUBLISH` wrote it; raises ValueError."""
    at_ms, _, _, text = written.split(b" ", 3)
    try:
        board, at_s = json.loads(text), int(at_ms) / 1000
    except (RecursionError, OverflowError) as beyond:
        raise ValueError("no board") from beyond
    if not isinstance(board, dict) or not isinstance(board.get("pbx"), str):
        raise ValueError("no board")
    return SeenBoard(cast(SharedBoard, board), max(0.0, now_s - at_s))
