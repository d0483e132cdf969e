"""Opens the caller book wherever the callers are: by URL, in a server of our own, or in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .connection.call_connection import CallConnection
from .connection.redis_address import parse_url
from .connection.resp_connection import ACT_BUDGET_S, CALL_BUDGET_S, Address, RespConnection
from .redis_book import RedisBook
from .redis_keys import PREFIX, RedisKeys

if TYPE_CHECKING:
    from .connection.process_connection import ProcessConnection

EMBEDDED = "embedded"
"""In place of a URL: a server of our own if this machine has the program, else the store in the process."""

IN_PROCESS = "embedded-process"
"""In place of a URL: the store in the process, whatever this machine has; forgotten when the process ends."""

NOBODY = "nobody"
"""In place of a number, in the key by which a probe learns whether the store answers: nobody has it."""


async def open_book(
    url: str,
    *,
    state_dir: Path,
    wait_s: float = 2.0,
    call_budget_s: float = CALL_BUDGET_S,
    prefix: str = PREFIX,
    stays: bool = True,
) -> RedisBook:
    """The book at `url`, open: use it as an async context manager, or `close` it.

    `url` is redis://, rediss://, unix://, valkey://, valkeys://, redis+sentinel://, rediss+sentinel://, `embedded` or
    `embedded-process`; `state_dir` is where the embedded server keeps its data. A server that is away is waited for
    at most `wait_s` and then looked for in the background: calls meet an unknown caller, degraded, and acts of people
    a StoreUnavailableError.
    A call waits `call_budget_s` for its caller. Where there is no Redis program, only who `stays` keeps the store for
    others: a daemon that had joined a command's store would lose it when the command ends. Raises SettingsError for
    a URL that is none, StoreError when the embedded server cannot be had.
    """
    keys = RedisKeys(prefix)
    if url in (EMBEDDED, IN_PROCESS):
        book = await _embedded(url, state_dir, keys, wait_s, call_budget_s, stays)
    else:
        book = RedisBook(*_connections(_address(url), call_budget_s, keys), keys=keys)
    await book.open(wait_s)
    return book


async def _embedded(
    url: str, state_dir: Path, keys: RedisKeys, wait_s: float, call_budget_s: float, stays: bool
) -> RedisBook:
    """The store of whoever gave no URL; what it takes is loaded here, for a daemon with a URL starts sooner without."""
    from .connection.embedded_server import EmbeddedServer
    from .connection.process_connection import ProcessConnection

    if url == EMBEDDED and EmbeddedServer.program() is not None:
        server = EmbeddedServer(state_dir)
        await server.open(wait_s)
        return RedisBook(*_connections(server.address, call_budget_s, keys), keys=keys, on_close=server.close)
    inside = ProcessConnection()
    if url == IN_PROCESS:
        return RedisBook(inside, inside, keys=keys)
    return await _share(inside, state_dir, keys, call_budget_s, stays)


async def _share(
    inside: ProcessConnection, state_dir: Path, keys: RedisKeys, call_budget_s: float, stays: bool
) -> RedisBook:
    """The store that another process keeps already; else the one in this process, for others to join if it stays."""
    from .connection.process_server import ProcessServer

    server = ProcessServer(state_dir, inside)
    if await server.open() if stays else not await server.is_kept():
        return RedisBook(inside, inside, keys=keys, on_close=server.close)
    await inside.close()
    return RedisBook(*_connections(server.address, call_budget_s, keys), keys=keys)


def _address(url: str) -> Address:
    """Where a URL leads; what only Sentinels need is loaded only for them."""
    if url.partition("://")[0] not in ("redis+sentinel", "rediss+sentinel"):
        return parse_url(url)
    from .connection.sentinel_address import parse_sentinel

    return parse_sentinel(url)


def _connections(address: Address, call_budget_s: float, keys: RedisKeys) -> tuple[CallConnection, RespConnection]:
    return CallConnection(address, call_budget_s, keys.caller(NOBODY)), RespConnection(address, ACT_BUDGET_S)
