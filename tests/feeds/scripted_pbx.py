"""A PBX that speaks recorded bytes on a real socket, as well or as badly as a test wants, and a listener."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from asterisk_router.feeds.ami_feed import AmiFeed
from asterisk_router.queues.events import Event, LineListed
from asterisk_router.settings import AmiServer
from tests.live.ports import free_port

RAW = (Path(__file__).parents[1] / "recorded/ami-22.10.ami").read_bytes()
BLOCKS = [block + b"\r\n\r\n" for block in RAW.split(b"\r\n\r\n")[:-1]]
GREETING, _, FIRST = BLOCKS[0].partition(b"\r\n")


def recorded(kind: str, at: int = 0) -> bytes:
    """The event of that kind, counted from 0, as Asterisk wrote it."""
    return [block for block in BLOCKS if block.startswith(b"Event: " + kind.encode() + b"\r\n")][at]


def answer_of(action_id: str) -> bytes:
    """All that Asterisk answered to one recorded action."""
    mark = f"\r\nActionID: {action_id}\r\n".encode()
    return b"".join(block for block in BLOCKS if mark in block)


def listing(action_id: str = "list-1") -> bytes:
    """A recorded snapshot, its ActionID to be filled in by `%ID%`."""
    return answer_of(action_id).replace(b"ActionID: " + action_id.encode(), b"ActionID: %ID%")


class Recorder:
    """Listens to a feed and keeps what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.heard_at: list[float] = []
        self.lost_why: list[str] = []
        self.broken = False

    def happened(self, event: Event, at_s: float) -> None:
        if self.broken:
            self.broken = False
            raise ZeroDivisionError("a fault of whoever listens")
        self.events.append(event)

    def heard(self, at_s: float) -> None:
        self.heard_at.append(at_s)

    def lost(self, why: str) -> None:
        self.lost_why.append(why)

    @property
    def snapshots(self) -> list[LineListed]:
        return [event for event in self.events if isinstance(event, LineListed)]


class ScriptedPbx:
    """A manager interface: lets in, pongs, and answers each action as `answers` say (`%ID%` is its ActionID)."""

    def __init__(self) -> None:
        self.port = free_port()
        self.tls: ssl.SSLContext | None = None
        """Encrypts every connection."""
        self.greeting = GREETING + b"\r\n"
        self.secret = "s3cret"
        self.mute = False
        """Reads and says nothing, as a frozen one."""
        self.answers: dict[str, bytes | None] = {
            "QueueStatus": listing(),
            "QueueSummary": listing("sum-1"),
            "Ping": b"Response: Success\r\nActionID: %ID%\r\nPing: Pong\r\n\r\n",
        }
        self.asked: list[dict[str, str]] = []
        self.lines: list[bytes] = []
        self.connections = 0
        self._writer: asyncio.StreamWriter | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.drop()
            await self._server.wait_closed()
        for task in list(self._tasks):
            await asyncio.wait({task})

    def say(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    async def say_in_pieces(self, *pieces: bytes) -> None:
        """Each piece in a segment of its own, nothing else between them."""
        self.mute = True
        for piece in pieces:
            self.say(piece)
            await asyncio.sleep(0.001)
        self.mute = False

    def drop(self) -> None:
        """Close the connection without a word."""
        if self._writer is not None:
            self._writer.transport.abort()

    def count(self, action: str) -> int:
        return sum(asked["Action"] == action for asked in self.asked)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writer = writer
        self.connections += 1
        if not self.mute:
            writer.write(self.greeting)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                self.lines += raw.split(b"\r\n")[:-2]
                asked = dict(line.split(": ", 1) for line in raw.decode().split("\r\n")[:-2])
                self.asked.append(asked)
                if not self.mute:
                    writer.write(self._answer(asked))
        writer.close()
        if self._writer is writer:
            self._writer = None

    def _answer(self, asked: dict[str, str]) -> bytes:
        answer = self.answers.get(
            asked["Action"], b"Response: Error\r\nActionID: %ID%\r\nMessage: No such action\r\n\r\n"
        )
        if asked["Action"] == "Login":
            word = b"Success" if asked["Secret"] == self.secret else b"Error"
            answer = b"Response: " + word + b"\r\nActionID: %ID%\r\nMessage: Authentication done\r\n\r\n"
        return re.sub(b"%ID%", asked["ActionID"].encode(), answer or b"")


class Followed:
    """A scripted PBX, its feed and who listens."""

    def __init__(self, pbx: ScriptedPbx, feed: AmiFeed, hear: Recorder) -> None:
        self.pbx, self.feed, self.hear = pbx, feed, hear

    async def until(self, true: Callable[[], object], within_s: float = 30.0) -> None:
        """Wait until `true`; an error when it does not come true in time."""
        end_s = time.monotonic() + within_s
        while not true():
            assert time.monotonic() < end_s, "it did not happen in time"
            await asyncio.sleep(0.005)


def server_at(port: int, name: str = "pbx", secret: str = "s3cret") -> AmiServer:
    return AmiServer(name, "127.0.0.1", port, "router", secret)
