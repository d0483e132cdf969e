"""What goes on beside the calls about personal data, while Redis is away from the start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asterisk_router.callers.retention import Keep
from asterisk_router.daemon.compose.forgetting import retention
from asterisk_router.settings import Settings
from asterisk_router.store.forgotten import Forgotten
from asterisk_router.store.open_book import open_book
from asterisk_router.store.pseudonyms import Pseudonyms


def test_a_redis_that_is_away_at_the_start_is_no_fault_of_retention(tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(f"unix://{tmp_path}/no.sock", state_dir=tmp_path) as book:
            forgotten = Forgotten(book.acts, book.keys, Pseudonyms(b"k" * 32))
            ((_, work),) = retention(Settings(state_dir=tmp_path, keep=Keep(numbers=90)), book, forgotten)
            working = asyncio.ensure_future(work())
            await asyncio.wait({working}, timeout=0.2)
            assert not working.done(), working.exception()
            working.cancel()

    asyncio.run(body())
