"""One connection to Redis while it lives: commands out in one write a turn, replies matched in order.

Raw on purpose: a client library costs more per look-up than the whole rest of a call. Nothing is retried;
whoever waits is told exactly once, at the latest when their time is up, and a reply that comes after that is
taken off the wire in its place and dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis

from ...errors import StoreError, StoreUnavailableError

Reply = Any
"""What Redis replied: bytes, int, None or a list of these; or a StoreError in place of a reply."""

Told = Callable[[Reply], None]
"""Told exactly once what the reply was."""

Command = tuple[Any, ...]
"""The words of one command."""

AWAITED_MAX = 8192
"""How many look-ups may wait on one connection; more are told at once that the store is overloaded."""

SILENCE_S = 1.0
"""How long the server may say nothing after somebody's time was up before the connection is given up."""

STORED = b"+OK\r\n"
"""What Redis says to a SET that was carried out."""

NEVER_S = float("inf")
"""When the next sweep is due while nobody waits."""

_NOTHING_YET = object()


class RedisRefusedError(StoreError):
    """Redis understood a command and refused it."""


class LateReplyError(StoreUnavailableError):
    """The time of whoever asked was up before Redis had answered."""


class _Awaited:
    """Replies that somebody waits for; `told` is None once they were told."""

    __slots__ = ("told", "deadline_s", "missing", "replies")

    def __init__(self, told: Told | None, deadline_s: float, missing: int = 0) -> None:
        self.told = told
        self.deadline_s = deadline_s
        self.missing = missing  # 0: one reply is the answer; else this many more make up a list
        self.replies: list[Reply] = []


class RespWire(asyncio.Protocol):
    """Speaks RESP2 over one transport (TCP, TLS or unix socket) with one waiting time for all commands."""

    def __init__(self, budget_s: float) -> None:
        self.budget_s = budget_s
        """How long anybody waits for their reply."""
        self.gone = asyncio.Event()
        """Set when the connection is lost; `fault` says why."""
        self.fault: StoreError = StoreUnavailableError("not connected to Redis")
        """Why there is no connection, said to whoever asks without one."""
        self.greeted_s = 0.0
        """How long the server took to greet us."""
        self.told = 0
        """How many were told anything."""
        self.late = 0
        """How many of them were told that their time is up."""
        self.on_late: Callable[[RespWire], None] | None = None
        """Told of each of those."""
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=RedisRefusedError, notEnoughData=_NOTHING_YET)
        self._transport: asyncio.Transport | None = None
        self._outbox: list[bytes] = []
        self._awaited: deque[_Awaited] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._sweep_at_s = NEVER_S

    def get(self, key: bytes, told: Told) -> None:
        """Read the string under `key` and tell `told` within the budget."""
        if self._transport is None or len(self._awaited) >= AWAITED_MAX:
            told(self.fault if self._transport is None else LateReplyError("too many look-ups wait for Redis"))
            return
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.append(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key))
        deadline_s = self._loop.time() + self.budget_s
        self._awaited.append(_Awaited(told, deadline_s))
        if deadline_s < self._sweep_at_s:
            self._sweep_at(deadline_s)

    def send(self, packed: bytes, count: int, told: Told) -> None:
        """Send `count` packed commands together and tell `told` the list of their replies, or one StoreError."""
        if self._transport is None:
            told(self.fault)
            return
        if not self._outbox:
            self._loop.call_soon(self._flush)
        self._outbox.append(packed)
        deadline_s = self._loop.time() + self.budget_s
        self._awaited.append(_Awaited(told, deadline_s, count))
        if deadline_s < self._sweep_at_s:
            self._sweep_at(deadline_s)

    def abort(self, fault: StoreError) -> None:
        """Drop the connection at once because of `fault`."""
        self.fault = fault
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is there (called by the event loop)."""
        self._transport = cast(asyncio.Transport, transport)
        self.fault = StoreUnavailableError("the connection to Redis was lost")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everybody who still waits (called by the event loop)."""
        self._transport = None
        self._outbox.clear()
        if self._timer is not None:
            self._timer.cancel()
        waiting, self._awaited = self._awaited, deque()
        for awaited in waiting:
            self._tell(awaited, self.fault)
        self.gone.set()

    def data_received(self, data: bytes) -> None:
        """Match replies with those who wait, in order (called by the event loop)."""
        reader, awaited = self._reader, self._awaited
        if data.startswith(STORED) and not reader.has_data() and self._all_stored(data):
            return
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not _NOTHING_YET:
                first = awaited[0]
                if first.missing:
                    first.replies.append(reply)
                    first.missing -= 1
                    if first.missing:
                        continue
                    reply = first.replies
                awaited.popleft()
                self._tell(first, reply)
        except (hiredis.ProtocolError, IndexError) as fault:  # no RESP, or more replies than commands
            self.abort(StoreUnavailableError(f"what answers is no Redis ({type(fault).__name__})"))

    def _all_stored(self, data: bytes) -> bool:
        """Take `data` if it is OKs to one list and nothing else: an import is told hundreds of them at once."""
        count, odd = divmod(len(data), len(STORED))
        first = self._awaited[0] if self._awaited else None
        if odd or first is None or first.missing < count or data != STORED * count:
            return False
        first.replies += [b"OK"] * count
        first.missing -= count
        if not first.missing:
            self._awaited.popleft()
            self._tell(first, first.replies)
        return True

    def _flush(self) -> None:
        if self._transport is not None and self._outbox:
            outbox, self._outbox = self._outbox, []
            self._transport.write(outbox[0] if len(outbox) == 1 else b"".join(outbox))

    def _tell(self, awaited: _Awaited, reply: Reply) -> None:
        told = awaited.told
        if told is None:
            return  # their time was up before: the late reply is dropped in its place
        awaited.told = None
        self.told += 1
        try:
            told(reply)
        except Exception as fault:  # a fault of the one told must not cost the others their replies
            self._loop.call_exception_handler({"message": "whoever waited for Redis failed", "exception": fault})

    def _sweep(self) -> None:
        """Tell all whose time is up; one timer serves everybody, for their deadlines are in the order of asking."""
        self._sweep_at_s = NEVER_S
        now_s = self._loop.time()
        late = LateReplyError(f"Redis did not answer within {self.budget_s * 1000:.0f} ms")
        for awaited in tuple(self._awaited):
            if awaited.deadline_s > now_s:
                break
            if awaited.told is not None:
                self.late += 1
                self._tell(awaited, late)
                if self.on_late is not None:
                    self.on_late(self)
        if not self._awaited:
            return
        first = self._awaited[0]
        if now_s - first.deadline_s >= SILENCE_S:
            self.abort(late)
            return
        due_s = next((a.deadline_s for a in self._awaited if a.told is not None), first.deadline_s + SILENCE_S)
        self._sweep_at(min(due_s, first.deadline_s + SILENCE_S))

    def _sweep_at(self, at_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # two turns later, for a loop that was busy may have the replies at hand and only not have read them yet
        self._timer = self._loop.call_at(at_s, self._loop.call_soon, self._loop.call_soon, self._sweep)
        self._sweep_at_s = at_s


def settle(answered: asyncio.Future[list[Reply]]) -> Told:
    """What is told sets the result of `answered`; whoever waited for it may be gone."""

    def told(reply: Reply) -> None:
        if answered.done():
            return  # whoever waited was cancelled
        if isinstance(reply, StoreError):
            answered.set_exception(reply)
        else:
            answered.set_result(reply)

    return told


def answers(wire: RespWire, commands: Sequence[Command]) -> asyncio.Future[list[Reply]]:
    """Send commands together over `wire`; the future of their replies, or of a StoreUnavailableError."""
    answered: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
    wire.send(pack(commands), len(commands), settle(answered))
    return answered


def pack(commands: Sequence[Command]) -> bytes:
    """The bytes of several commands."""
    return b"".join(map(hiredis.pack_command, commands))


def pack_set_new(keys: Sequence[bytes], records: Sequence[bytes]) -> bytes:
    """The bytes of `SET key record NX` for each, as `pack` would make them in four times the time."""
    size = {length: b"$%d" % length for length in {*map(len, keys), *map(len, records)}}
    lines: list[bytes] = []
    for key, record in zip(keys, records, strict=True):
        lines += (b"*4\r\n$3\r\nSET", size[len(key)], key, size[len(record)], record, b"$2\r\nNX")
    return b"\r\n".join((*lines, b""))
