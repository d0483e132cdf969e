"""The feed of a real Asterisk: what it tells is what the console shows, whatever befalls the connection."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psutil
import pytest

from asterisk_router.feeds.ami_feed import AmiFeed
from asterisk_router.queues.acts import (
    Act,
    AddMember,
    ChangePriority,
    Done,
    OriginateCall,
    PauseMember,
    RedirectCaller,
    RemoveMember,
    WithdrawCaller,
)
from asterisk_router.queues.events import (
    CallerJoined,
    CallerLeft,
    Event,
    LineListed,
    MemberChanged,
    QueueListed,
)
from asterisk_router.settings import AmiServer
from tests.live import asterisk_testbed
from tests.live.asterisk_testbed import OLDEST, REFERENCE
from tests.live.pbx import Pbx
from tests.live.ports import free_port
from tests.live.site import SECRET, configuration
from tests.live.undisturbed import within

pytestmark = pytest.mark.live

Outcome = TypeVar("Outcome")

DIALPLAN = """
[test-line]
exten => _[a-z][a-z]!,1,Set(QUEUE_PRIO=${PRIORITY_OF})
 same => n,Queue(${EXTEN},,,,600)
 same => n,Set(GLOBAL(TEST_LEFT)=${QUEUESTATUS} ${QUEUE_WITHDRAW_INFO})

[test-variables]
exten => s,1,Set(GLOBAL(TEST_ONE)=${ONE})
 same => n,Set(GLOBAL(TEST_TWO)=${TWO})
 same => n,Set(GLOBAL(TEST_NAME)=${CALLERID(name)})
 same => n,Wait(60)
"""

ANNA = "Local/ring@test-agent/n"
TEXT = 'Иван, "Bo" (x) [y] \\ ${EXTEN} & co; A=B'
NAME = "Иван Петров"


@pytest.fixture(scope="module", params=[REFERENCE, OLDEST])
def pbx(request: pytest.FixtureRequest) -> Iterator[Pbx]:
    """An Asterisk with our queues, all its own; 22.10, then 16.28."""
    testbed = asterisk_testbed.testbed(request.param)
    files = configuration("plain", free_port())
    files["extensions.conf"] += DIALPLAN
    pbx = Pbx(testbed, "router-in", files)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


class Listener:
    """Keeps what the feed tells, with the time of each."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.heard_at: list[float] = []
        self.lost_at: list[tuple[str, float]] = []

    def happened(self, event: Event, at_s: float) -> None:
        self.events.append(event)

    def heard(self, at_s: float) -> None:
        self.heard_at.append(at_s)

    def lost(self, why: str) -> None:
        self.lost_at.append((why, time.monotonic()))

    def count(self, kind: type) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    def last(self, kind: type) -> Any:
        return next(event for event in reversed(self.events) if isinstance(event, kind))


@asynccontextmanager
async def followed(pbx: Pbx, secret: str = SECRET) -> AsyncIterator[tuple[AmiFeed, Listener]]:
    listener = Listener()
    feed = AmiFeed(AmiServer("plain", "127.0.0.1", pbx.ami_port, "router", secret), listener)
    feed.open()
    try:
        yield feed, listener
    finally:
        await feed.close()


async def until(true: Callable[[], object], within_s: float = 30.0) -> None:
    end_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end_s, "it did not happen in time"
        await asyncio.sleep(0.01)


async def did(feed: AmiFeed, act: Act) -> None:
    done = await feed.act(act)
    assert done.ok, done.said


def cut_connection(port: int) -> None:
    """End this process's connection to that port, as a network would that goes away."""
    (connection,) = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == port]
    with socket.fromfd(connection.fd, socket.AF_INET, socket.SOCK_STREAM) as copy:
        copy.shutdown(socket.SHUT_RDWR)


def run(test: Awaitable[Outcome]) -> Outcome:
    return asyncio.run(asyncio.wait_for(test, 120))  # type: ignore[arg-type]


async def call(feed: AmiFeed, queue: str, priority: int, name: str = NAME, number: str = "+421255501234") -> None:
    """A caller of that name who enters the queue with that priority."""
    variables = {"PRIORITY_OF": str(priority)}
    await did(feed, OriginateCall(f"Local/{queue}@test-line/n", "test-caller", "s", variables, f"{name} <{number}>"))


async def nobody_waits(pbx: Pbx, feed: AmiFeed, listener: Listener) -> None:
    """End every call."""
    pbx.cli("channel request hangup all")
    await until(lambda: not pbx.channels)


CALLER_LINE = re.compile(r"^ +(\d+)\. (\S+) \(wait: .*, prio: (-?\d+)\)", re.MULTILINE)
MEMBER_LINE = re.compile(r"^ +(.*?) \((Local/\S+)\)(.*)$", re.MULTILINE)


def shown(pbx: Pbx, queue: str) -> tuple[list[tuple[int, str, int]], dict[str, tuple[str, bool]]]:
    """Callers (place, channel, priority) and members (name, paused) of a queue as the console shows them."""
    text = pbx.cli(f"queue show {queue}")
    callers = [(int(place), channel, int(priority)) for place, channel, priority in CALLER_LINE.findall(text)]
    members = {interface: (name, "paused" in rest) for name, interface, rest in MEMBER_LINE.findall(text)}
    return callers, members


def told(queue: QueueListed) -> tuple[list[tuple[int, str, int]], dict[str, tuple[str, bool]]]:
    """The same as a snapshot tells them."""
    callers = [(caller.position, caller.channel, caller.priority) for caller in queue.waiting]
    return callers, {member.interface: (member.name, member.paused) for member in queue.members}


def test_a_snapshot_says_what_the_console_shows(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx) as (feed, listener):
            await until(lambda: listener.count(LineListed))
            queues = set(re.findall(r"^(\S+) has \d+ calls", pbx.cli("queue show"), re.MULTILINE))
            assert {queue.queue for queue in listener.last(LineListed).queues} == queues >= {"sales", "support"}
            await did(feed, AddMember("sales", ANNA, "Анна Nováková", 3))
            await did(feed, PauseMember("sales", ANNA, True, "обед"))
            for priority in (0, 20, -5, 7):
                await call(feed, "sales", priority)
            await until(lambda: listener.count(CallerJoined) == 4)
            assert [event.name for event in listener.events if isinstance(event, CallerJoined)] == [NAME] * 4
            assert {event.priority for event in listener.events if isinstance(event, CallerJoined)} == {0, 20, -5, 7}
            assert listener.last(MemberChanged).member.paused_reason == "обед"
            await feed.list_queue("sales")
            await until(lambda: listener.count(QueueListed))
            assert told(listener.last(QueueListed)) == shown(pbx, "sales")
            assert [caller[2] for caller in told(listener.last(QueueListed))[0]] == [20, 7, 0, -5]
            assert {caller.name for caller in listener.last(QueueListed).waiting} == {NAME}
            assert "обед" in pbx.cli("queue show sales") and "Анна Nováková" in pbx.cli("queue show sales")
            await nobody_waits(pbx, feed, listener)
            await until(lambda: listener.count(CallerLeft) == 4)
            assert listener.last(CallerLeft).callers == 0
            await did(feed, RemoveMember("sales", ANNA))
            assert listener.count(LineListed) == 1, "nothing a real Asterisk said was doubted"

    run(test())


def test_callers_are_moved_withdrawn_and_redirected(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx) as (feed, listener):
            await until(lambda: listener.count(LineListed))
            await did(feed, AddMember("sales", ANNA))
            await did(feed, PauseMember("sales", ANNA, True))
            for _ in range(3):
                await call(feed, "sales", 0)
            await until(lambda: listener.count(CallerJoined) == 3)
            first, second, third = (event for event in listener.events if isinstance(event, CallerJoined))
            await did(feed, ChangePriority("sales", third.channel, 600))
            order = [(channel, priority) for _, channel, priority in shown(pbx, "sales")[0]]
            moved = (third.channel, 600)
            if "Asterisk 16." in pbx.cli("core show version"):  # Immediate came with 18.20: a new number, the old place
                assert order == [(first.channel, 0), (second.channel, 0), moved]
            else:
                assert order == [moved, (first.channel, 0), (second.channel, 0)]
            await did(feed, WithdrawCaller("sales", second.channel, "call-back"))
            await until(lambda: listener.count(CallerLeft) == 1)
            await until(lambda: "TEST_LEFT=WITHDRAW call-back" in pbx.cli("dialplan show globals"))
            await did(feed, RedirectCaller(first.channel, "test-variables"))
            await until(lambda: listener.count(CallerLeft) == 2)
            refused = await feed.act(ChangePriority("sales", "Local/nobody", 1))
            assert refused == Done(False, "Unable to change priority caller on queue: No such caller")
            await nobody_waits(pbx, feed, listener)
            await did(feed, RemoveMember("sales", ANNA))

    run(test())


def test_variables_and_names_arrive_whole_whatever_is_in_them(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx) as (feed, listener):
            await until(lambda: listener.count(LineListed))
            variables = {"ONE": TEXT, "TWO": "2"}
            caller_id = f"{NAME} <+421255501234>"
            await did(feed, OriginateCall("Local/s@test-caller/n", "test-variables", "s", variables, caller_id))
            await until(lambda: "TEST_NAME=" in pbx.cli("dialplan show globals"))
            globals_ = pbx.cli("dialplan show globals")
            assert f"TEST_ONE={TEXT}\n" in globals_ and "TEST_TWO=2\n" in globals_
            assert f"TEST_NAME={NAME}\n" in globals_
            await nobody_waits(pbx, feed, listener)

    run(test())


def test_a_wrong_secret_is_refused_with_a_remedy(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx, "another") as (feed, listener):
            await until(lambda: listener.lost_at)
            ((why, _),) = listener.lost_at
            assert "login refused: Authentication failed" in why and "manager.conf" in why
            assert "another" not in why and not feed.connected and not listener.events

    run(test())


def test_a_killed_connection_is_made_again(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx) as (feed, listener):
            await until(lambda: listener.count(LineListed))
            cut_connection(pbx.ami_port)
            await until(lambda: listener.count(LineListed) == 2)
            assert len(listener.lost_at) == 1
            await call(feed, "sales", 5)
            await nobody_waits(pbx, feed, listener)

    run(test())


def test_a_frozen_asterisk_is_lost_within_four_seconds_and_found_again(pbx: Pbx) -> None:
    async def test() -> float:
        async with followed(pbx) as (_, listener):
            await until(lambda: listener.count(LineListed) and listener.heard_at)
            frozen_s, frozen_at_s = time.monotonic(), time.time()
            os.kill(pbx.pid, signal.SIGSTOP)
            try:
                await until(lambda: listener.lost_at)
                why, lost_s = listener.lost_at[0]
                assert why == "silent for 3 s"
                assert max(listener.heard_at) <= frozen_at_s, "no answer made the state younger"
                await asyncio.sleep(1.0)
            finally:
                os.kill(pbx.pid, signal.SIGCONT)
            await until(lambda: listener.count(LineListed) == 2)
            return lost_s - frozen_s

    within(4, lambda: run(test()))


def test_a_restarted_asterisk_is_found_again_with_its_queues(pbx: Pbx) -> None:
    async def test() -> None:
        async with followed(pbx) as (feed, listener):
            await until(lambda: listener.count(LineListed))
            await did(feed, AddMember("sales", ANNA))
            await did(feed, PauseMember("sales", ANNA, True))
            await call(feed, "sales", 5)
            await until(lambda: listener.count(CallerJoined))
            pbx.cli("core restart now", check=False)
            await until(lambda: listener.lost_at)
            await until(lambda: listener.count(LineListed) >= 2, 30)
            await until(lambda: "fully booted" in pbx.cli("core waitfullybooted", check=False), 30)
            await feed.relist()
            listed = listener.count(LineListed)
            await until(lambda: listener.count(LineListed) > listed)
            (sales,) = [queue for queue in listener.last(LineListed).queues if queue.queue == "sales"]
            assert told(sales) == shown(pbx, "sales")
            assert not sales.waiting, "callers do not outlive Asterisk"

    run(test())
