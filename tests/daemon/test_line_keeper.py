"""What the feed hears makes the line; what is in doubt, or old, is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from asterisk_router.daemon import line_keeper
from asterisk_router.daemon.line_keeper import LineKeeper
from asterisk_router.queues.events import AgentConnected, CallerJoined, LineListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.served_calls import ServedCalls
from tests.queues.lines import NOW_S, agent, caller, queue

SALES = queue("sales", (agent("anna"),), (caller("c1"),))


class Feed:
    """Counts what it is asked for, and answers through the keeper with what a test gives it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def list_queue(self, queue: str) -> None:
        self.asked.append(queue)

    async def relist(self) -> None:
        self.asked.append("*")


def kept(keeper: LineKeeper, until: Callable[[Feed], bool]) -> Feed:
    """Keep the line until something is true, or for a while."""
    feed = Feed()

    async def body() -> None:
        running = asyncio.create_task(keeper.keep(feed))
        for _ in range(200):
            await asyncio.sleep(0.002)
            if until(feed):
                break
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(body())
    return feed


@pytest.fixture
def keeper() -> LineKeeper:
    """A keeper that has just heard a snapshot and a sign of life."""
    made = LineKeeper(LiveLine("berlin"), ServedCalls(), clock=lambda: NOW_S)
    made.happened(LineListed((SALES,)), NOW_S)
    made.heard(NOW_S)
    return made


def test_events_reach_the_line_and_whoever_asks_who_spoke_with_whom() -> None:
    served = ServedCalls()
    keeper = LineKeeper(LiveLine("berlin"), served)
    assert keeper.why == "not connected yet"
    keeper.happened(LineListed((SALES,)), NOW_S)
    keeper.heard(NOW_S)
    keeper.happened(AgentConnected("sales", "c1", "c1", "PJSIP/anna", "Anna", 7, 2), NOW_S)
    assert keeper.line.free("sales", NOW_S) == 0 and keeper.why == ""
    assert served.take("c1").name == "Anna"


def test_lost_is_unknown_at_once_and_said_once_for_each_reason(
    keeper: LineKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    for why in ("closed by the PBX", "closed by the PBX", "cannot connect: refused"):
        keeper.lost(why)
    assert not keeper.line.known(NOW_S) and keeper.why == "cannot connect: refused"
    assert caplog.text.count("are unknown") == 2


def test_a_snapshot_that_says_otherwise_is_taken_over_and_counted(
    keeper: LineKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    keeper.happened(LineListed((SALES,)), NOW_S)
    assert keeper.mended == 0
    keeper.happened(LineListed((queue("sales"),)), NOW_S)
    assert keeper.mended == 1 and "differs in sales" in caplog.text
    assert keeper.line.waiting("sales", NOW_S) == 0
    keeper.lost("closed")
    keeper.happened(LineListed((SALES,)), NOW_S)
    assert keeper.mended == 1, "after a gap everything differs, and that is no news"


def test_a_queue_in_doubt_is_asked_for_and_not_too_often(keeper: LineKeeper) -> None:
    keeper.happened(CallerJoined("sales", "c9", "c9", "PJSIP/c9", 1, 9), NOW_S)
    assert keeper.line.doubtful == {"sales"}
    feed = kept(keeper, lambda feed: len(feed.asked) == 2)
    assert feed.asked == ["sales", "sales"]


def test_all_is_asked_for_now_and_then_and_the_line_told_that_time_passes(
    keeper: LineKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_keeper, "TICK_S", 0.004)
    monkeypatch.setattr(line_keeper, "RECONCILE_S", 0.01)
    turn = keeper.line.turn
    feed = kept(keeper, lambda feed: len(feed.asked) >= 3)
    assert set(feed.asked) == {"*"} and keeper.line.turn > turn + 2


def test_a_pbx_that_is_not_heard_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_keeper, "TICK_S", 0.004)
    monkeypatch.setattr(line_keeper, "RECONCILE_S", 0.001)
    keeper = LineKeeper(LiveLine("berlin"), ServedCalls(), clock=lambda: NOW_S + 60)
    keeper.happened(LineListed((SALES,)), NOW_S)
    keeper.heard(NOW_S)
    assert kept(keeper, lambda feed: bool(feed.asked)).asked == []
