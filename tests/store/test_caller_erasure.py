"""What forgetting works with, on a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from asterisk_router.store.caller_erasure import CallerErasure
from asterisk_router.store.open_book import IN_PROCESS, open_book
from tests.live.redis_server import RedisServer


def run(url: str, state_dir: Path, body: Callable[[CallerErasure], Awaitable[object]]) -> object:
    async def ran() -> object:
        async with await open_book(url, state_dir=state_dir) as book:
            return await body(CallerErasure(book.acts, book.keys, state_dir))

    return asyncio.run(ran())


def test_files_are_written_anew_whichever_redis_keeps(tmp_path: Path) -> None:
    for options in ((), ("--appendonly", "no", "--save", "3600 1")):
        server = RedisServer(options=options).start()
        try:
            server.command("SET", "number", "+12025550100")
            if options:
                server.command("SAVE")
            server.command("DEL", "number")
            before = [path for path in server.directory.rglob("*") if has_number(path)]
            assert before and run(server.unix_url, tmp_path, lambda erasure: erasure.rewrite_files()) == ""
            assert [path for path in server.directory.rglob("*") if has_number(path)] == []
        finally:
            server.stop()


def has_number(path: Path) -> bool:
    return path.is_file() and b"2025550100" in path.read_bytes()


def test_a_redis_that_may_not_be_asked_says_so(tmp_path: Path) -> None:
    server = RedisServer(options=("--rename-command", "BGREWRITEAOF", "")).start()
    try:
        said = run(server.unix_url, tmp_path, lambda erasure: erasure.rewrite_files())
    finally:
        server.stop()
    assert "unknown command" in str(said).lower()


def test_where_no_files_are_kept_there_is_nothing_to_do(tmp_path: Path) -> None:
    server = RedisServer(options=("--appendonly", "no")).start()
    try:
        assert run(server.unix_url, tmp_path, lambda erasure: erasure.rewrite_files()) == ""
    finally:
        server.stop()
    assert run(IN_PROCESS, tmp_path, lambda erasure: erasure.rewrite_files()) == ""
