"""The job every Python peer does for a call, so that only the way of serving it differs."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

import hiredis

RULES = tuple((32 << step, f"class-{step}") for step in range(8))
"""A small rule list: the least length of the caller's record, and the class it wins."""


class Arguments(NamedTuple):
    """The command line of a peer."""

    port: int
    """Where it listens, on loopback."""
    redis: str = ""
    """Redis' unix socket; empty for the job without a look-up."""
    prefix: str = ""
    """What comes before the number in a caller's key."""
    suffix: str = ""
    """What comes after it."""


def arguments() -> Arguments:
    """The command line as the bench gives it."""
    return Arguments(int(sys.argv[1]), *sys.argv[2:])


def number_in(script: str) -> str:
    """The caller's number in the URL's path and query."""
    start = script.index("num=") + 4
    return unquote(script[start : script.index("&", start)])


def answer_for(record: bytes | None) -> bytes:
    """Walk the rule list; five variables and the sentinel, in one piece."""
    length = len(record) if record else 0
    caller_class = next((name for least, name in reversed(RULES) if length >= least), "new")
    return (
        f'SET VARIABLE ROUTER_CLASS "{caller_class}"\nSET VARIABLE ROUTER_BRANCH "sales"\n'
        'SET VARIABLE ROUTER_QUEUE "sales"\nSET VARIABLE ROUTER_HEAD_START "120"\n'
        'SET VARIABLE ROUTER_GREETING "greet-customer"\nSET VARIABLE ROUTER_OK "1"\n'
    ).encode()


class RedisPipe(asyncio.Protocol):
    """One raw connection to Redis, replies told in order: as lean as can be, so no peer pays for a library."""

    def __init__(self) -> None:
        self.asked: deque[Callable[[bytes | None], None]] = deque()
        self.replies = hiredis.Reader()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.replies.feed(data)
        while (reply := self.replies.gets()) is not False:
            self.asked.popleft()(reply)

    def get(self, key: str, told: Callable[[bytes | None], None]) -> None:
        """Ask for a record; `told` gets it, or None for nobody."""
        self.asked.append(told)
        self.transport.write(b"*2\r\n$3\r\nGET\r\n$%d\r\n%s\r\n" % (len(key), key.encode()))

    def wait_for(self, key: str) -> asyncio.Future[bytes | None]:
        """The same for coroutines."""
        waiting: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self.get(key, waiting.set_result)
        return waiting


class Records:
    """Where a peer finds the caller behind a number: Redis, or nowhere."""

    def __init__(self, given: Arguments) -> None:
        self.given = given
        self.pipe = RedisPipe()

    async def connect(self) -> None:
        """Connect to Redis where one was given."""
        if self.given.redis:
            await asyncio.get_running_loop().create_unix_connection(lambda: self.pipe, self.given.redis)

    async def find(self, script: str) -> bytes | None:
        """The record of the caller in the URL, for coroutines."""
        return await self.pipe.wait_for(self.key(script)) if self.given.redis else b""

    def key(self, script: str) -> str:
        """The Redis key of the caller in the URL."""
        return f"{self.given.prefix}{number_in(script)}{self.given.suffix}"
