"""Two daemons, each a process of its own, at the same call-backs at once: one entry a person, one owner an entry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from asterisk_router.callers.call_back import CallBack
from asterisk_router.callers.caller import Caller
from asterisk_router.errors import StoreError
from asterisk_router.store.call_back_writer import CallBackWriter
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.open_book import open_book
from asterisk_router.store.person_writer import TRIES
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.call_back_record import encode
from tests.callers.test_call_back import ANNA, AT_S, TERMS, call
from tests.live.redis_server import RedisServer

PERSONS = [Caller(tuple(f"+4212555{place}{person:03d}" for place in (0, 1, 2)), f"P{person}") for person in range(300)]
"""300 persons with three numbers each."""

MISSED = [(f"call-{n}", n % len(PERSONS), n // len(PERSONS) % 3) for n in range(1000)]
"""1,000 missed calls: unique ID, person, which of their numbers."""

AT_ONCE = 32
"""How many changes each daemon makes at a time."""


async def _each(acts: Iterable[Callable[[], Awaitable[CallBack]]]) -> list[CallBack]:
    room = asyncio.Semaphore(AT_ONCE)

    async def act(one: Callable[[], Awaitable[CallBack]]) -> CallBack:
        async with room:
            return await one()

    return list(await asyncio.gather(*map(act, acts)))


def daemon(url: str, name: str, seed: int) -> list[str]:
    """What one daemon does: two thirds of the calls in an order of its own, then an attempt at everybody it sees.

    Returns whom it could dial.
    """

    async def life() -> list[str]:
        async with await open_book(url, state_dir=Path("/nonexistent")) as store:
            book = CallBackBook(store.acts, store.keys, clock=lambda: AT_S + 600)
            heard = [missed for n, missed in enumerate(MISSED) if n // 7 % 3 != seed]
            random.Random(seed).shuffle(heard)
            await _each(
                lambda uniqueid=uniqueid, whose=PERSONS[person], number=number: book.missed(  # type: ignore[misc]
                    call(uniqueid, 0, whose.numbers[number]), whose, TERMS
                )
                for uniqueid, person, number in heard
            )
            got = await _each(
                lambda number=person.numbers[0]: book.dial(number, f"{name}/{number}", 900, TERMS)  # type: ignore[misc]
                for person in PERSONS
            )
            return [entry.person for entry in got if entry.is_open]

    return asyncio.run(life())


def test_a_thousand_racing_calls_of_300_persons_are_300_entries_and_none_has_two_owners(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        futures = [processes.submit(daemon, redis_server.unix_url, f"daemon-{n}", n) for n in (0, 1)]
        dialled = [person for future in futures for person in future.result(60)]

    async def afterwards() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as store:
            book = CallBackBook(store.acts, store.keys, clock=lambda: AT_S + 600)
            entries = await book.entries()
            assert {entry.person for entry in entries} == {person.numbers[0] for person in PERSONS}
            assert len(entries) == 300 and sum(entry.missed for entry in entries) == 1000
            assert all(entry.attempts == 1 for entry in entries)
            for person in PERSONS[::2]:
                spoke = call(f"spoke-{person.name}", 300, person.numbers[2], outcome="answered", direction="out")
                await book.contacted(spoke, person, TERMS)
            assert len(await book.entries()) == 150
            for uniqueid, person_at, number in MISSED[:50]:  # told once more, as after a daemon was killed
                whose = PERSONS[person_at]
                await book.missed(call(uniqueid, 0, whose.numbers[number]), whose, TERMS)
            assert len(await book.entries()) == 150

    assert sorted(dialled) == sorted(person.numbers[0] for person in PERSONS), "each by one daemon, once"
    asyncio.run(afterwards())


def test_a_change_that_others_forestall_again_and_again_is_refused(redis_server: RedisServer, tmp_path: Path) -> None:
    async def body() -> None:
        async with await open_book(redis_server.unix_url, state_dir=tmp_path) as store:
            book = CallBackBook(store.acts, store.keys, clock=lambda: AT_S + 600)
            await book.missed(call("a", 0), ANNA, TERMS)
            forestalled = 0

            def after_others(entry: CallBack) -> CallBack:
                nonlocal forestalled
                forestalled += 1
                other = encode(entry._replace(note=f"written by others, {forestalled}"))
                redis_server.command("HSET", RedisKeys().call_backs, entry.person, other)
                return CallBack(*entry._replace(note="lost"))

            with pytest.raises(StoreError, match="others changed"):
                await CallBackWriter(store.acts, store.keys).change(ANNA.numbers, after_others)
            (entry,) = await book.entries()
            assert entry.note == f"written by others, {TRIES}"

    asyncio.run(body())
