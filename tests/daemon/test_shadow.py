"""The shadow policy beside the live one: it sees every call, and no call sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from asterisk_router.call_path import CallPath
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.daemon.shadow import WAITING_MAX, Shadow
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_lines import LiveLines
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1_763_892_000.0
CALL = IncomingCall(caller_number="+42125550100", called_number="+42120550000", uniqueid="1.1")


def policy(folder: Path, name: str, country: str = "SK") -> Policy:
    file = folder / f"{name}.toml"
    file.write_text(
        f'[policy]\nname = "{name}"\n[numbering]\ncountry = "{country}"\n'
        f'[branches.{name}]\n[classes.{name}]\nbranch = "{name}"\n[[classify]]\nname = "all"\nclass = "{name}"\n'
    )
    return load(str(file))


class Both:
    """A live policy and its shadow, `one` and `two`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = MemoryBook()
        self.line = LiveLine("pbx")
        self.lines = LiveLines([self.line])
        self.in_force = SimpleNamespace(path=None)
        self.shadow_in_force = SimpleNamespace(path=self.path(policy(folder, "one")))
        self.shadow = Shadow(self.shadow_in_force, lambda: self.in_force)
        self.in_force.path = self.path(policy(folder, "one"), self.shadow.saw)
        self.shadow_in_force.path = self.path(policy(folder, "two"))

    def path(self, policy: Policy, *seen) -> CallPath:
        return CallPath(policy, self.book, self.book.ranges, self.lines, *seen)

    def route(self, call: IncomingCall = CALL) -> Decision:
        decided: list[Decision] = []
        self.in_force.path.route(call, AT_S, decided.append, pytest.fail)
        return decided[0]

    @property
    def missed(self) -> dict[str, int]:
        return {why: count for why, count in self.shadow.as_plain()["not_compared"].items() if count}


@pytest.fixture
def both(tmp_path: Path) -> Both:
    return Both(tmp_path)


async def turns(both: Both, calls: int) -> None:
    """Until so many calls are compared or counted as missed."""
    for _ in range(2000):
        await asyncio.sleep(0)
        if both.shadow.as_plain()["compared"] + sum(both.missed.values()) >= calls:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"{both.shadow.as_plain()}")


def test_the_shadow_decides_after_the_answer_and_the_difference_is_told(both: Both) -> None:
    async def calls() -> None:
        order: list[str] = []
        decide = both.shadow_in_force.path.decide
        both.shadow_in_force.path.decide = lambda *call: order.append("shadow") or decide(*call)
        both.in_force.path.route(CALL, AT_S, lambda decision: order.append(decision.branch), pytest.fail)
        assert order == ["one"]
        await turns(both, 1)
        assert order == ["one", "shadow"]

    asyncio.run(calls())
    tally = both.shadow.differences
    assert (tally.compared, tally.different) == (1, 1)
    assert [(kind.branch, kind.shadow_branch) for kind in tally.kinds] == [("one", "two")]
    assert tally.latest[0].where.startswith("one.toml:") and tally.latest[0].shadow_where.startswith("two.toml:")


def test_calls_without_a_number_are_compared_too(both: Both) -> None:
    async def calls() -> None:
        both.route(CALL._replace(caller_number="anonymous"))
        both.route(CALL._replace(caller_number="", tainted="forged"))
        await turns(both, 2)

    asyncio.run(calls())
    assert (both.shadow.differences.compared, both.missed) == (2, {})


def test_a_shadow_that_fails_is_counted_and_said_once(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    async def calls() -> None:
        both.shadow_in_force.path.decide = lambda *_: 1 / 0
        for _ in range(3):
            assert both.route().branch == "one"
        await turns(both, 3)

    asyncio.run(calls())
    assert both.missed == {"faults": 3}
    assert len(caplog.records) == 1


def test_a_slow_shadow_loses_calls_and_every_call_is_counted(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    many = WAITING_MAX + 10
    now_s = [0.0]

    async def calls() -> None:
        decide = both.shadow_in_force.path.decide

        def slow(*call):
            now_s[0] += 0.02
            return decide(*call)

        monkeypatch.setattr("asterisk_router.daemon.shadow.perf_counter", lambda: now_s[0])
        both.shadow_in_force.path.decide = slow
        for _ in range(many):
            both.route()
        await turns(both, 11)

    asyncio.run(calls())
    assert both.missed == {"dropped": 10}
    assert both.shadow.differences.compared == 1, "one decision of 20 ms, then a rest"


def test_a_call_after_which_the_queues_changed_is_not_compared(both: Both) -> None:
    async def calls() -> None:
        both.route()
        both.line.tick(AT_S + 1)
        await turns(both, 1)

    asyncio.run(calls())
    assert (both.shadow.differences.compared, both.missed) == (0, {"moved": 1})


def test_a_call_whose_number_the_shadow_reads_otherwise_is_not_compared(both: Both) -> None:
    async def calls() -> None:
        both.shadow_in_force.path = both.path(policy(both.folder, "three", "DE"))
        both.route(CALL._replace(caller_number="02/5550 1234"))
        await turns(both, 1)

    asyncio.run(calls())
    assert (both.shadow.differences.compared, both.missed) == (0, {"renumbered": 1})


def test_another_version_of_either_begins_another_tally(both: Both) -> None:
    async def calls() -> None:
        both.route()
        await turns(both, 1)
        both.shadow_in_force.path = both.path(policy(both.folder, "four"))
        assert both.shadow.as_plain()["compared"] == 0
        both.route()
        await turns(both, 1)
        both.route()
        both.in_force.path = both.path(policy(both.folder, "five"), both.shadow.saw)
        await turns(both, 1)

    asyncio.run(calls())
    assert both.shadow.differences.shadow_version.startswith("four-")
    assert (both.shadow.differences.compared, both.missed) == (1, {"moved": 1})


def test_nothing_is_compared_before_the_shadow_was_read(tmp_path: Path) -> None:
    both = Both(tmp_path)
    both.shadow = Shadow(both.shadow_in_force, lambda: both.in_force)
    both.in_force.path = both.path(policy(tmp_path, "one"), both.shadow.saw)

    async def calls() -> None:
        both.route()
        await asyncio.sleep(0.01)

    asyncio.run(calls())
    assert not both.shadow.ready
    assert (both.shadow.as_plain()["compared"], both.shadow.as_plain()["shadow_version"]) == (0, "")
