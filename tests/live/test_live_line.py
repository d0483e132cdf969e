"""The live line of a real Asterisk: equal to it after every step, unknown as soon as it could be old."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar

import pytest

from asterisk_router.daemon.line_keeper import LineKeeper
from asterisk_router.feeds.ami_feed import AmiFeed
from asterisk_router.queues.events import Event
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.served_calls import ServedCalls
from asterisk_router.settings import AmiServer
from tests.live import asterisk_testbed
from tests.live.call_floor import QUEUES, CallFloor, floor_pbx
from tests.live.pbx import Pbx
from tests.live.plain_ami import Shown
from tests.live.relay import Relay
from tests.live.site import SECRET
from tests.live.undisturbed import TRIES, undisturbed

pytestmark = [pytest.mark.live, pytest.mark.alone]

Outcome = TypeVar("Outcome")

EQUAL_WITHIN_S = 0.2
LATE_OF = 20
"""Of so many steps one may be equal later, when Asterisk had no core: a wait of ours would be in all of them."""
UNKNOWN_WITHIN_S = 5.0
PAUSE_S = 0.003
"""Between two looks of the witness."""
STOOD_S = 0.02
"""A look so much later than it should be: the process had no core."""
PATIENCE_S = 60.0
"""Of whoever waits for what is asked in no time."""

CALLER = re.compile(r"^ +\d+\. (\S+) \(wait", re.MULTILINE)
"""A caller's channel in `queue show`."""


@pytest.fixture(scope="module")
def pbx(testbed: Path) -> Iterator[Pbx]:
    """An Asterisk with two queues that share four agents, all its own."""
    pbx = floor_pbx(testbed)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


def believed(line: LiveLine, queue: str) -> Shown:
    """A queue as the live line has it."""
    live = line.queues[queue]
    members = (member.listed for member in live.members.values())
    return Shown(
        frozenset((one.interface, one.paused, one.status, one.penalty) for one in members),
        tuple(caller.uniqueid for caller in live.waiting),
    )


class Follower(LineKeeper):
    """The daemon's own keeper of the line, with a memory of what it believed when, and a witness of its age."""

    def __init__(self, relay: Relay) -> None:
        super().__init__(LiveLine("floor", stale_after_s=UNKNOWN_WITHIN_S), ServedCalls())
        self.relay = relay
        self.believed: dict[str, deque[tuple[float, Shown]]] = {queue: deque(maxlen=500) for queue in QUEUES}
        self.events = 0
        self.read = Counter[str]()
        self.changes: list[tuple[float, bool]] = []  # moments at which the line became known or unknown
        self.known_s = 0.0  # when a decision last would have known the line
        self.lags_ms: list[float] = []
        self.late = 0  # how often Asterisk was asked again, for the line was not equal in time
        self.stood_s = 0.0  # how long this process had no core, in all: nobody read what had come
        self._changed = asyncio.Event()

    def happened(self, event: Event, at_s: float) -> None:
        super().happened(event, at_s)
        self.events += 1
        for queue, states in self.believed.items():
            if queue in self.line.queues:
                states.append((time.time(), believed(self.line, queue)))
        self._changed.set()

    def lost(self, why: str) -> None:
        super().lost(why)
        self._changed.set()

    async def witness(self) -> None:
        """Read all the time: whatever is answered is of a moment at which the PBX could still be heard."""
        while True:
            at_s = time.time()
            waiting = self.line.waiting("sales", at_s)
            assert (waiting is not None) == self.line.known(at_s)
            known = waiting is not None
            self.read["known" if known else "unknown"] += 1
            if not self.changes or self.changes[-1][1] != known:
                self.changes.append((at_s, known))
            if known:
                self.known_s = at_s
                assert at_s - self.relay.passed_s <= UNKNOWN_WITHIN_S, "an answer older than its limit"
            await asyncio.sleep(PAUSE_S)
            late_s = time.time() - at_s - PAUSE_S
            self.stood_s += late_s if late_s > STOOD_S else 0.0

    async def equals(self, floor: CallFloor, what: str) -> None:
        """Ask Asterisk over another connection, and see the line equal that in time; in one of several tries."""
        unequal = await self._unequal(floor)
        for _ in range(TRIES - 1):
            if unequal:
                self.late += 1
                unequal = await self._unequal(floor)
        assert not unequal, f"after {what}: {unequal}"

    async def _unequal(self, floor: CallFloor) -> str:
        """What of the line is not as Asterisk says within 200 ms in which this process ran; empty when all of it is."""
        asked_s, stood_s = time.time(), self.stood_s
        shown = await floor.ami.queues()
        for queue in QUEUES:
            while (lag_s := self._lag_s(queue, shown[queue], asked_s)) is None:
                left_s = asked_s + EQUAL_WITHIN_S - time.time()
                if left_s <= 0:
                    await asyncio.sleep(2 * PAUSE_S)  # for the witness to say whether this process stood
                    left_s += self.stood_s - stood_s
                    if left_s <= 0:
                        return f"{queue} is\n{shown[queue]}, believed\n{self.believed[queue][-1][1]}"
                self._changed.clear()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), left_s)
            self.lags_ms.append(lag_s * 1000)
        return ""

    def _lag_s(self, queue: str, shown: Shown, asked_s: float) -> float | None:
        """How long after Asterisk was asked the line was equal to its word (0: before); None when it is not yet."""
        states = self.believed[queue]
        for index, (since_s, state) in enumerate(states):
            until_s = states[index + 1][0] if index + 1 < len(states) else float("inf")
            if until_s >= asked_s and state == shown:
                return max(since_s - asked_s, 0.0)
        return None


async def until(true: Callable[[], bool]) -> None:
    """Wait until it is true."""
    began_s = time.time()
    while not true():
        assert time.time() - began_s < PATIENCE_S, f"not within {PATIENCE_S} s"
        await asyncio.sleep(0.002)


@asynccontextmanager
async def followed(pbx: Pbx, seed: int) -> AsyncIterator[tuple[Follower, CallFloor, Relay]]:
    """The line of that PBX kept as the daemon keeps it, over a relay, while the call floor may be stirred."""
    relay, floor = Relay(), CallFloor(pbx, seed)
    await relay.start(pbx.ami_port)
    follower = Follower(relay)
    feed = AmiFeed(AmiServer("floor", "127.0.0.1", relay.port, "router", SECRET), follower)
    await floor.open()
    feed.open()
    tasks = [asyncio.create_task(follower.keep(feed)), asyncio.create_task(follower.witness())]
    try:
        await until(lambda: bool(follower.changes) and follower.changes[-1][1])
        yield follower, floor, relay
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await feed.close()
        await floor.close()
        await relay.stop()


def run(test: Awaitable[Outcome], within_s: float = 3 * PATIENCE_S) -> Outcome:
    return asyncio.run(asyncio.wait_for(test, within_s))  # type: ignore[arg-type]


async def on_the_console(pbx: Pbx, follower: Follower) -> None:
    """`queue show` has the same callers in the same order; asked again when somebody came or went meanwhile."""
    for _ in range(5):
        shown = await asyncio.to_thread(pbx.cli, "queue show")
        queues = follower.line.queues
        for block in shown.split("\n\n"):
            name = block.split(maxsplit=1)[0] if block.strip() else ""
            if name in QUEUES and CALLER.findall(block) != [caller.channel for caller in queues[name].waiting]:
                break
        else:
            return
    raise AssertionError(f"the console shows\n{shown}")


async def stirred(pbx: Pbx, seed: int, steps: int) -> None:
    """Random steps, the line compared after each; what was seen is printed for docs/decisions/live-line.md."""
    async with followed(pbx, seed) as (follower, floor, _):
        began_s = time.time()
        for _ in range(steps):
            await follower.equals(floor, await floor.step())
        await on_the_console(pbx, follower)
        lags = sorted(follower.lags_ms)
        print(
            f"{steps} steps in {time.time() - began_s:.0f} s {dict(floor.done)}, {follower.events} events heard; "
            f"equal before asked {sum(lag == 0 for lag in lags) / len(lags):.0%}, 99 of 100 within "
            f"{lags[len(lags) * 99 // 100]:.1f}, longest {lags[-1]:.1f} ms; snapshots ahead {follower.mended}; "
            f"late {follower.late}, read {dict(follower.read)}"
        )
        assert follower.late <= steps // LATE_OF
        assert [known for _, known in follower.changes] in ([True], [False, True]), "it was unknown in between"


def test_after_each_of_a_thousand_steps_the_line_equals_asterisk(pbx: Pbx) -> None:
    run(stirred(pbx, seed=3, steps=1000), 10 * PATIENCE_S)


def test_after_each_step_the_line_equals_the_oldest_asterisk_that_is_served() -> None:
    pbx = floor_pbx(asterisk_testbed.testbed(asterisk_testbed.OLDEST))
    try:
        pbx.start()
        run(stirred(pbx, seed=8, steps=200))
    finally:
        pbx.stop()


async def unknown_and_known_again(follower: Follower, since_s: float) -> tuple[float, float]:
    """Seconds after `since_s` at which the line became unknown, and known again."""
    await until(lambda: [known for at_s, known in follower.changes if at_s >= since_s][:2] == [False, True])
    (unknown_s, _), (known_s, _) = [change for change in follower.changes if change[0] >= since_s][:2]
    return unknown_s - since_s, known_s - since_s


def test_a_connection_that_is_killed_is_unknown_at_once_and_known_again_soon(pbx: Pbx) -> None:
    async def disturbed() -> None:
        async with followed(pbx, seed=4) as (follower, floor, relay):
            unknown_after_s = []
            for _ in range(5):
                cut_s = time.time()
                relay.cut()
                await floor.step()
                unknown_s, known_s = await unknown_and_known_again(follower, cut_s)
                await follower.equals(floor, "a cut")
                print(f"cut: unknown after {unknown_s * 1000:.0f} ms, known again after {known_s * 1000:.0f} ms")
                unknown_after_s.append(unknown_s)
                for _ in range(10):
                    await follower.equals(floor, await floor.step())
            assert min(unknown_after_s) < EQUAL_WITHIN_S, "a wait of ours would be in each"

    run(disturbed())


def test_a_link_that_freezes_is_unknown_within_its_limit_and_equal_when_it_thaws(pbx: Pbx) -> None:
    async def frozen() -> None:
        async with followed(pbx, seed=5) as (follower, floor, relay):
            relay.freeze()
            frozen_s = time.time()
            while follower.changes[-1][1]:
                await floor.step()
            assert follower.known_s - frozen_s <= UNKNOWN_WITHIN_S
            await asyncio.sleep(0.5)
            relay.thaw()
            thawed_s = time.time()
            unknown_s, known_s = await unknown_and_known_again(follower, frozen_s)
            await follower.equals(floor, "a frozen link")
            known_ms = (frozen_s + known_s - thawed_s) * 1000
            print(f"frozen: unknown after {unknown_s:.2f} s, known again {known_ms:.0f} ms after it thawed")
            for _ in range(20):
                await follower.equals(floor, await floor.step())

    run(frozen())


def test_a_link_that_stutters_is_followed_without_a_gap(pbx: Pbx) -> None:
    async def stuttering() -> list[bool]:
        async with followed(pbx, seed=6) as (follower, floor, relay):
            for pause_s in (0.5, 1.5, 2.5):
                relay.freeze()
                until_s = time.time() + pause_s
                while time.time() < until_s:
                    await floor.step()
                relay.thaw()
                await follower.equals(floor, f"{pause_s} s of silence")
            return [known for _, known in follower.changes]

    undisturbed(lambda: run(stuttering()), lambda changes: changes in ([True], [False, True]))


def test_a_restart_of_asterisk_is_followed(pbx: Pbx) -> None:
    async def restarted() -> None:
        async with followed(pbx, seed=7) as (follower, floor, _):
            for _ in range(20):
                await follower.equals(floor, await floor.step())
            await floor.ami.close()
            restart_s = time.time()
            await asyncio.to_thread(pbx.cli, "core restart now", False)
            unknown_s, known_s = await unknown_and_known_again(follower, restart_s)
            print(f"restart: unknown after {unknown_s * 1000:.0f} ms, known again after {known_s:.1f} s")
            await asyncio.to_thread(pbx.cli, "core waitfullybooted")
            await floor.open()
            await follower.equals(floor, "a restart")
            for _ in range(20):
                await follower.equals(floor, await floor.step())

    run(restarted())
