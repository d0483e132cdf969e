"""A past call is found in the registry, and decided again with what was known then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from asterisk_router.admin.past_calls import FoundCall, as_then, decide_again, find
from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap, Registered
from asterisk_router.errors import RouterError
from asterisk_router.policy.load import load
from asterisk_router.wire.incoming_call import IncomingCall

NUMBER, LINE = "+421255500100", "+42120550000"
AT_S = 1_772_442_000.25
SHOP = load("shop")
BEGAN = BeganCall(
    "berlin-1772442000.7", "1.1", AT_S, NUMBER, LINE, "prospect-new", "sales", "sales", 60, rule="never seen"
)
ANEW = BEGAN._replace(caller_class="complaint", choice="complaint")
ENDED = EndedCall(BEGAN.uniqueid, "1.1", AT_S, AT_S + 60, NUMBER, LINE, outcome="missed", caller_class="prospect-new")
OUT = EndedCall("berlin-1772442009.8", "1.8", AT_S + 9, AT_S + 60, NUMBER, LINE, direction="out")


class Stream:
    """Records as the stream of calls hands them out: some hundreds at once, from a position on."""

    def __init__(self, *records: Registered, bite: int = 2) -> None:
        self.records = records
        self.bite = bite
        self.asked: list[str] = []

    async def newest(self, count: int) -> tuple[Sequence[Registered], str]:
        return self.records[-count:], ""

    async def after(self, position: str) -> tuple[Sequence[Registered], str]:
        self.asked.append(position)
        first = int(position) if position.isdecimal() else 0
        some = self.records[first : first + self.bite]
        return some, str(first + len(some)) if some else position


def found(asked: str, *records: Registered) -> FoundCall:
    return asyncio.run(find(Stream(*records), asked))


def test_a_call_is_as_it_was_decided_last() -> None:
    assert found(BEGAN.uniqueid, Gap(1, 0.0, 1.0), OUT, BEGAN, ANEW, ENDED) == FoundCall(ANEW, ENDED)
    assert found(BEGAN.uniqueid, OUT, OUT, BEGAN) == FoundCall(BEGAN, None)


def test_the_end_is_enough() -> None:
    began = found(BEGAN.uniqueid, ENDED).began
    assert (began.number, began.line, began.at_s, began.caller_class, began.rule) == (
        NUMBER,
        LINE,
        AT_S,
        "prospect-new",
        "",
    )


def test_last_is_the_latest_that_came_in() -> None:
    assert found("last", BEGAN, OUT).began == BEGAN
    with pytest.raises(RouterError, match="no call has come in"):
        found("last", OUT)


def test_it_is_looked_for_about_its_own_time_first_then_everywhere() -> None:
    stream = Stream(BEGAN)
    asyncio.run(find(stream, BEGAN.uniqueid))
    assert stream.asked[0] == "1772438400000-0"
    other = BEGAN._replace(uniqueid="unnamed")
    assert found("unnamed", BEGAN, other).began == other


def test_one_nobody_registered_and_one_of_the_house_are_refused() -> None:
    with pytest.raises(RouterError, match="no call '1.5' in the registry"):
        found("1.5", BEGAN, ENDED)
    with pytest.raises(RouterError, match="a call of the house"):
        found(OUT.uniqueid, BEGAN, OUT)


def test_a_caller_is_put_back_to_what_is_known_of_then() -> None:
    at_s = int(AT_S)
    calls = (PastCall(at_s - 90, "missed"), PastCall(at_s, "answered"), PastCall(at_s + 50, "missed"))
    tags = (Tag("customer", created_at_s=at_s - 5), Tag("vip", created_at_s=at_s + 5))
    now = Caller((NUMBER,), "Ann", tags, 900, history=History(3, at_s - 90, at_s + 50, "anna", calls))
    then = as_then(now, AT_S)
    assert then.history == History(1, at_s - 90, at_s - 90, "", calls[:1]), "anna spoke with them then, not before"
    assert (then.tags, then.value, then.name) == (tags[:1], 900, "Ann")
    assert as_then(Caller((NUMBER,), history=History(1, at_s, at_s, "anna", calls[1:2])), AT_S) == Caller.UNKNOWN


def again(began: BeganCall, caller: Caller) -> str:
    book = MemoryBook([caller])
    asyncio.run(book.tag_prefix("+4212555", Tag("inspector", created_at_s=int(AT_S) + 60)))
    path = CallPath(SHOP, book, book.ranges)
    call = IncomingCall(began.number, began.line, choice=began.choice)
    _, routed = asyncio.run(decide_again(path, FoundCall(began, None), call))
    assert FoundCall(began, None).is_same(routed) is (routed.decision.branch == "sales")
    return routed.decision.caller_class


def test_it_is_decided_with_what_was_known_then() -> None:
    at_s = int(AT_S)
    noted = Caller((NUMBER,), history=History(1, at_s, at_s, "", (PastCall(at_s, "missed"),)))
    assert again(BEGAN, noted) == "prospect-new", (
        "the call itself is in the record by now, and a later tag of the range"
    )
    assert again(ANEW, noted) == "complaint"
    assert (
        again(BEGAN, Caller((NUMBER,), tags=(Tag("vip", created_at_s=at_s - 5),), own_agent="anna")) == "customer-vip"
    )


def test_a_call_the_store_failed_is_decided_without_it() -> None:
    assert again(BEGAN._replace(degraded=True), Caller((NUMBER,), tags=(Tag("vip"),))) == "unidentified"
