"""Who helps out is known to the next daemon, on every kind of store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asterisk_router.errors import StoreError
from asterisk_router.queues.reserves import RULE, Place, Pulled
from asterisk_router.store.open_book import open_book
from asterisk_router.store.pulled_agents import PulledAgents
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo

ANNA = Pulled(Place("sales", "PJSIP/anna"), "Éva", 1_800_000_000.5)
BORIS = Pulled(Place("401", "Local/boris@agents/n"), RULE, 1_800_000_060.0)


def test_what_one_daemon_notes_another_reads_and_takes_away(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = (PulledAgents(book.acts, book.keys, "berlin") for book in (one, two))
        assert await second.read() == []
        for pulled in (ANNA, BORIS, ANNA):
            await first.add(pulled)
        assert sorted(await second.read()) == sorted([ANNA, BORIS])
        assert await PulledAgents(two.acts, two.keys, "wien").read() == []
        await second.remove(ANNA.place)
        await second.remove(ANNA.place)
        assert await first.read() == [BORIS]

    run_two(body)


@pytest.mark.parametrize(("field", "value"), [("no json", "{}"), ('["q"]', "{}"), ('["q","i"]', "[]"), ("[1,2]", "{}")])
def test_an_entry_nobody_can_read_is_left_out(run_two: RunTwo, field: str, value: str) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        kept = PulledAgents(one.acts, one.keys, "berlin")
        await kept.add(ANNA)
        await one.acts.send([("HSET", one.keys.pulled("berlin"), field, value)])
        assert await kept.read() == [ANNA]

    run_two(body)


def test_a_store_that_is_away_says_so(tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(f"unix://{tmp_path}/none", state_dir=tmp_path, wait_s=0) as book:
            with pytest.raises(StoreError):
                await PulledAgents(book.acts, book.keys, "berlin").read()

    asyncio.run(body())
