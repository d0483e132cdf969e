"""What becomes of calls opens and closes call-backs; bad records hold up nothing, a store away is told again."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.callers.call_back import CallBack, CallBackTerms
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.registered_call import EndedCall
from asterisk_router.daemon import call_back_keeper
from asterisk_router.daemon.call_back_keeper import CallBackKeeper
from asterisk_router.errors import CallBackRecordError, StoreError, StoreUnavailableError
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.redis_keys import RedisKeys
from tests.callers.test_call_back import ANNA, AT_S, TERMS, call


class Failing(CallBackBook):
    """Call-backs of which none can be read or reached."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(ProcessConnection(), RedisKeys())
        self._fault = fault

    async def missed(self, ended: EndedCall, caller: Caller, terms: CallBackTerms) -> CallBack:
        """Fail."""
        raise self._fault

    async def expire(self, terms: CallBackTerms) -> list[CallBack]:
        """Fail."""
        raise self._fault


async def left_by(*news: EndedCall) -> tuple[list[CallBack], CallBackKeeper]:
    """The call-backs after these ends of Anna's calls."""
    book = CallBackBook(ProcessConnection(), RedisKeys(), clock=lambda: AT_S + 600)
    keeper = CallBackKeeper(book, lambda: TERMS)
    for ended in news:
        await keeper.ended(ended, ANNA if ended.number else Caller.UNKNOWN)
    return await book.entries(), keeper


def test_a_missed_call_opens_an_entry_a_call_in_vain_counts_and_a_conversation_closes_it() -> None:
    async def body() -> None:
        missed = call("a", 0)
        in_vain = call("b", 100, direction="out")
        spoke = call("c", 200, direction="out", outcome="answered")
        entries, _ = await left_by(missed, in_vain)
        assert [(entry.missed, entry.attempts) for entry in entries] == [(1, 1)]
        entries, _ = await left_by(missed, in_vain, spoke)
        assert entries == []

    asyncio.run(body())


def test_what_is_owed_to_nobody_opens_nothing() -> None:
    async def body() -> None:
        entries, keeper = await left_by(
            call("a", 0, ""), call("b", 0, call_back=False), call("c", 0, outcome="unknown")
        )
        assert (entries, keeper.without_number) == ([], 1)

    asyncio.run(body())


def test_a_record_that_cannot_be_read_is_counted_and_a_store_that_is_away_is_told_again() -> None:
    async def body() -> None:
        keeper = CallBackKeeper(Failing(CallBackRecordError("damaged")), lambda: TERMS)
        await keeper.ended(call("a", 0), ANNA)
        assert keeper.refused == 1
        with pytest.raises(StoreUnavailableError):
            await CallBackKeeper(Failing(StoreUnavailableError("away")), lambda: TERMS).ended(call("a", 0), ANNA)

    asyncio.run(body())


def test_looking_through_them_goes_on_after_a_fault_and_no_number_is_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        failing = Failing(StoreError("others changed it", where=ANNA.numbers[0]))
        keeping = asyncio.ensure_future(CallBackKeeper(failing, lambda: TERMS).keep())
        while len(caplog.records) < 2:
            await asyncio.sleep(0)
        keeping.cancel()

    monkeypatch.setattr(call_back_keeper, "EXPIRE_S", 0.0)
    asyncio.run(body())
    assert "others changed it" in caplog.text and ANNA.numbers[0] not in caplog.text
