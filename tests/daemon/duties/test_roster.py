"""Duties are done by the daemon that leads, while it hears the PBX, each at its own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from asterisk_router.daemon.duties import roster
from asterisk_router.daemon.duties.roster import LeadersActs, Roster
from asterisk_router.queues.acts import RemoveMember
from tests.daemon.duties.driven_pbx import NOW_S, DrivenPbx


class Lease:
    """The lead, given and taken away by the test."""

    def __init__(self) -> None:
        self.free = True
        self.is_leader = False
        self.released = 0

    async def hold(self) -> bool:
        self.is_leader = self.free
        return self.is_leader

    async def release(self) -> None:
        self.is_leader = False
        self.released += 1


class Counting:
    """A duty that counts its turns, and can fail or hang."""

    def __init__(self, does: Callable[[], object] = bool) -> None:
        self.turns = 0
        self.does = does

    async def turn(self, at_s: float) -> None:
        self.turns += 1
        found = self.does()
        if isinstance(found, asyncio.Event):
            await found.wait()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns follow each other at once."""
    monkeypatch.setattr(roster, "TURN_S", 0.001)
    monkeypatch.setattr(roster, "HOLD_S", 0.001)


def turned(lease: Lease, *duties: Counting, at_s: float = NOW_S, until: Callable[[], bool] = lambda: False) -> Roster:
    """Run a roster until something is true, or for a while."""
    pbx = DrivenPbx("sales")
    made = Roster(pbx.line, lease, duties, clock=lambda: at_s)

    async def body() -> None:
        running = asyncio.create_task(made.run())
        for _ in range(100):
            await asyncio.sleep(0.001)
            if until():
                break
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(body())
    return made


def test_who_leads_does_its_duties_and_gives_up_the_lead_at_the_end() -> None:
    lease, duty = Lease(), Counting()
    turned(lease, duty, until=lambda: duty.turns > 3)
    assert duty.turns > 3
    assert lease.released and not lease.is_leader


def test_who_does_not_lead_does_nothing() -> None:
    lease, duty = Lease(), Counting()
    lease.free = False
    turned(lease, duty)
    assert duty.turns == 0


def test_who_does_not_hear_the_pbx_does_not_lead() -> None:
    lease, duty = Lease(), Counting()
    lease.is_leader = True
    turned(lease, duty, at_s=NOW_S + 60)
    assert duty.turns == 0 and lease.released > 0


def test_no_duty_is_done_by_a_state_that_is_unknown_though_the_lead_is_not_given_up_yet() -> None:
    class Slow(Lease):
        async def release(self) -> None:
            self.released += 1  # and is still the leader: the store takes its time

    lease, duty = Slow(), Counting()
    lease.is_leader = True
    turned(lease, duty, at_s=NOW_S + 60)
    assert lease.is_leader and duty.turns == 0


def test_a_duty_that_hangs_or_fails_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    never = asyncio.Event()
    hangs, fails, works = Counting(lambda: never), Counting(lambda: 1 // 0), Counting()
    turned(Lease(), hangs, fails, works, until=lambda: min(fails.turns, works.turns) > 3)
    assert hangs.turns == 1 and fails.turns > 3 and works.turns > 3
    assert "a fault of ours in Counting" in caplog.text


def test_an_act_after_the_lead_is_gone_is_not_sent() -> None:
    pbx, lease = DrivenPbx("sales"), Lease()
    acts = LeadersActs(pbx, lease)
    assert not asyncio.run(acts.act(RemoveMember("sales", "PJSIP/anna"))).ok
    assert pbx.acted == []
    pbx.refuses = "Asterisk's own words"
    lease.is_leader = True
    assert asyncio.run(acts.act(RemoveMember("sales", "PJSIP/anna"))).said == "Asterisk's own words"
