"""What is shared through a store, on each kind of store: a Redis server, the embedded one, the one in a process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from asterisk_router.store.open_book import EMBEDDED, open_book
from asterisk_router.store.redis_book import RedisBook
from tests.live.redis_server import RedisServer

Body = Callable[[RedisBook, RedisBook], Awaitable[None]]
RunTwo = Callable[[Body], None]


@pytest.fixture(params=["redis", "embedded", "process"])
def run_two(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> RunTwo:
    """Runs a body with the books of two processes of one installation: who keeps the store, and who joined it."""
    state_dir, url = tmp_path_factory.mktemp("s"), EMBEDDED
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.unix_url
    elif request.param == "process":
        monkeypatch.setenv("PATH", "/nonexistent")

    def ran(body: Body) -> None:
        asyncio.run(_run(body, url, state_dir))

    return ran


async def _run(body: Body, url: str, state_dir: Path) -> None:
    """A call waits long for its caller, for the machine may be busy."""
    async with (
        await open_book(url, state_dir=state_dir, call_budget_s=5.0) as one,
        await open_book(url, state_dir=state_dir, call_budget_s=5.0) as two,
    ):
        await body(one, two)
