"""Whatever becomes of the PBX or the way to it: no decision uses state older than its limit, every call gets one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.daemons_wire import Wire
from tests.live.followed import POLICY, branch, calls, hang_up, pause, until
from tests.live.redis_server import RedisServer
from tests.live.site import SECRET, Site, running_site
from tests.live.undisturbed import within

pytestmark = [pytest.mark.live, pytest.mark.alone]

STALE_S = 5.0
"""The limit: silent for so long, and facts about the queues are unknown."""

AT_ONCE_S = 0.2
"""How soon what Asterisk tells is known."""

UNKNOWN = "the queues of plain are unknown"
"""What the daemon says when it has lost Asterisk."""

KNOWN_BUSY, FREE_OR_UNKNOWN = "sales-info", "sales"
"""Where the policy sends a call when it knows that nobody is free, and when not."""


@pytest.fixture(scope="module")
def wired(
    request: pytest.FixtureRequest, testbed: Path, live_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Wire]]:
    """A plain site of these tests alone, and the connection over which its daemon follows its queues."""
    policy = tmp_path_factory.mktemp("policy") / "faults.toml"
    policy.write_text(POLICY)
    with running_site("plain", testbed, live_redis.unix_url) as site, Wire(site.pbx.ami_port) as wire:
        site.router.start(str(policy), "--ami", f"ami://router:{SECRET}@127.0.0.1:{wire.port}/plain")
        yield site, wire
        site.keep_log = bool(request.session.testsfailed)


@pytest.fixture
def site(wired: tuple[Site, Wire]) -> Iterator[Site]:
    """The site, with nobody free and the daemon knowing it."""
    followed, wire = wired
    wire.thaw()
    hang_up(followed)
    pause(followed)
    until(lambda: branch(followed.router) == KNOWN_BUSY)
    yield followed


@pytest.fixture
def wire(wired: tuple[Site, Wire]) -> Wire:
    """The connection."""
    return wired[1]


def took(what: str, true: Callable[[], bool]) -> float:
    """How long it takes to come true, by the beginning of the last look at which it was not; 0 when it is at once.

    Printed for docs/decisions/acting.md. A look that is kept waiting says nothing of the time it waited.
    """
    began_s = last_s = looked_s = time.monotonic()

    def seen() -> bool:
        nonlocal last_s, looked_s
        last_s, looked_s = looked_s, time.monotonic()
        return true()

    until(seen)
    print(f"{what} after {(last_s - began_s) * 1000:.0f} ms")
    return last_s - began_s


def test_what_happens_in_the_queues_decides_the_next_call(site: Site) -> None:
    def unpaused_s() -> float:
        pause(site)
        until(lambda: branch(site.router) == KNOWN_BUSY)
        pause(site, paused=False)
        return took("an agent unpaused is known", lambda: branch(site.router) == FREE_OR_UNKNOWN)

    def rings_s() -> float:
        hang_up(site)
        until(lambda: branch(site.router) == FREE_OR_UNKNOWN)
        calls(site)  # the one agent rings
        return took("an agent who rings is known", lambda: branch(site.router) == KNOWN_BUSY)

    within(AT_ONCE_S, unpaused_s)
    within(AT_ONCE_S, rings_s)


def test_a_killed_connection_makes_the_facts_unknown_at_once_and_they_come_back(site: Site, wire: Wire) -> None:
    def unknown_s() -> float:
        wire.freeze()  # what is connected anew
        wire.cut()
        unknown_s = took("a killed connection: unknown", lambda: branch(site.router) == FREE_OR_UNKNOWN)
        wire.thaw()
        took("a killed connection: known again", lambda: branch(site.router) == KNOWN_BUSY)
        return unknown_s

    within(AT_ONCE_S, unknown_s)


def test_a_connection_gone_silent_makes_them_unknown_within_the_limit(site: Site, wire: Wire) -> None:
    wire.freeze()
    assert took("a silent connection: unknown", lambda: branch(site.router) == FREE_OR_UNKNOWN) <= STALE_S
    for _ in range(50):
        assert branch(site.router) == FREE_OR_UNKNOWN, "answered all the same, and by nothing old"
    wire.thaw()
    took("a silent connection: known again", lambda: branch(site.router) == KNOWN_BUSY)


def test_a_frozen_asterisk_makes_them_unknown_within_the_limit(site: Site) -> None:
    os.kill(site.pbx.pid, signal.SIGSTOP)
    try:
        assert took("a frozen Asterisk: unknown", lambda: branch(site.router) == FREE_OR_UNKNOWN) <= STALE_S
    finally:
        os.kill(site.pbx.pid, signal.SIGCONT)
    took("a frozen Asterisk: known again", lambda: branch(site.router) == KNOWN_BUSY)


def test_a_daemon_that_was_frozen_decides_by_nothing_it_knew_before(site: Site) -> None:
    site.router.freeze()
    time.sleep(1)
    pause(site, paused=False)
    time.sleep(STALE_S)
    site.router.thaw()
    seen = [branch(site.router) for _ in range(200)]
    assert set(seen) == {FREE_OR_UNKNOWN}
    pause(site)
    until(lambda: branch(site.router) == KNOWN_BUSY)


def test_a_restart_of_asterisk_empties_the_line_and_it_is_followed_again(site: Site) -> None:
    calls(site, "support")
    lost = site.router.log.count(UNKNOWN)
    site.pbx.cli("core restart now", check=False)
    assert took("a restarted Asterisk: unknown", lambda: site.router.log.count(UNKNOWN) > lost) <= STALE_S
    until(lambda: "fully booted" in site.pbx.cli("core waitfullybooted", check=False), 60)
    # the agents were added at run time and are gone: nobody is free, and that is known
    until(lambda: branch(site.router) == KNOWN_BUSY)
