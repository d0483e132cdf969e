"""The record of acts in every kind of store."""

from __future__ import annotations

import asyncio

from asterisk_router.store.act_log import CALLER, ActLog
from asterisk_router.store.redis_book import RedisBook
from asterisk_router.wire.act_record import ActNote, decode, first_fault
from tests.store.conftest import RunTwo

ANNA, BOB = "+421255500100", "+421255500101"


def log_of(book: RedisBook) -> ActLog:
    return ActLog(book.acts, book.keys)


def note(act: str) -> ActNote:
    return ActNote(1.0, "eva", "admin", "uid 0", act)


def test_two_writers_at_once_make_one_chain(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        writers = [log_of(one), log_of(two)]
        await asyncio.gather(*(writers[n % 2].append(note(f"act {n}")) for n in range(40)))
        lines = await writers[0].lines()
        assert first_fault(lines) is None
        assert sorted(decode(line).note.act for line in lines) == sorted(f"act {n}" for n in range(40))
        assert await writers[1].head() == (40, lines[-1])
        assert await writers[1].lines(after=38) == lines[38:]

    run_two(body)


def test_a_caller_is_a_token_that_forgetting_makes_lead_nowhere(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        log, other = log_of(one), log_of(two)
        token = await log.subject(ANNA)
        assert token.startswith(CALLER) and "550100" not in token
        assert await other.subject(ANNA) == token != await other.subject(BOB)
        assert (await log.subjects())[token] == ANNA
        assert await log.forget([ANNA, "+421255500102"]) == 1
        assert ANNA not in (await log.subjects()).values()
        assert await log.subject(ANNA) != token
        assert await log.forget([]) == 0

    run_two(body)
