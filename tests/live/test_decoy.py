"""The decoy on a real Asterisk: off, on for an approved competitor, left by `0`, and switched off within a second."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.settings import Address
from asterisk_router.wire.incoming_call import IncomingCall
from tests.live.ami import SeenCall
from tests.live.doors import in_time
from tests.live.people import LINE, approve, command, shop_always_open
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls
from tests.live.undisturbed import undisturbed, within

pytestmark = [pytest.mark.live, pytest.mark.alone]

RIVAL = "+42125550109"
KILLED_WITHIN_S = 1.0
"""What the guard rails promise of `decoy off`."""


class TwoPeople:
    """Two people at a site: what they do by command, and what callers meet then."""

    def __init__(self, site: Site, redis: RedisServer, router: RouterProcess) -> None:
        self.site, self.redis, self.router = site, redis, router
        self.called = 0
        """How often the competitor has called."""

    def does(self, *words: str) -> str:
        return command(*words, "--redis", self.redis.unix_url, "--state-dir", str(self.router.folder))

    def approve(self) -> None:
        approve(self.redis.unix_url, self.router.folder, RIVAL)

    def branches(self, key: str = "") -> list[str]:
        """Where a call of the competitor goes on the real Asterisk, the daemon and Redis answering in time."""
        return undisturbed(lambda: self.call(key), in_time).branches

    def call(self, key: str = "") -> SeenCall:
        """A call of the competitor."""
        self.site.watcher.forget()
        self.called += 1
        place_calls(self.site.pbx, [TrunkCall(RIVAL, LINE, attestation="B", key=key)])
        return self.site.watcher.call_from(RIVAL)

    def switch_on(self) -> None:
        """Switch the decoy on, and wait until the daemon knows."""
        self.does("decoy", "on", "--responsible", "Eva Nagy")
        self.until(lambda: self.asked() == "decoy")

    def asked(self) -> str:
        """The branch the daemon answers at this moment."""
        call = IncomingCall(caller_number=RIVAL, called_number=LINE, attestation="B", verification="success")
        answer = asyncio.run(_answer(Address("127.0.0.1", self.router.port), call))
        return answer.get("ROUTER_BRANCH", "")

    def last_decoy_s(self, during: Callable[[], object], for_s: float) -> float:
        """How long after `during` has returned the daemon sent somebody to the decoy the last time."""
        during()
        done_s = last_s = time.monotonic()
        while time.monotonic() - done_s < for_s:
            asked_s = time.monotonic()
            if self.asked() == "decoy":
                last_s = asked_s
        return last_s - done_s

    def until(self, true: Callable[[], bool]) -> None:
        until_s = time.monotonic() + 30
        while not true():
            assert time.monotonic() < until_s, self.router.log[-2000:]
            time.sleep(0.05)


async def _answer(address: Address, call: IncomingCall) -> dict[str, str]:
    return ask(address, call).variables


@pytest.fixture
def people(plain_site: Site, tmp_path: Path) -> Iterator[TwoPeople]:
    """A daemon of this test, the competitor tagged and approved, the decoy not switched on."""
    redis = RedisServer().start()
    router = RouterProcess(plain_site.router.port, redis.unix_url, tmp_path)
    try:
        router.start(shop_always_open(tmp_path), "--spool-dir", str(plain_site.spool))
        people = TwoPeople(plain_site, redis, router)
        people.does("tag", "add", RIVAL, "competitor", "--evidence", "asked for every price")
        people.approve()
        yield people
    finally:
        redis.thaw()
        router.stop()
        redis.stop()


def test_off_on_left_by_0_and_off(people: TwoPeople) -> None:
    assert people.branches() == ["sales"], "off, as it is until somebody answers for it"
    people.switch_on()
    before = people.called
    assert people.branches() == ["decoy"]
    people.until(lambda: "Eva Nagy" in people.does("calls", "tail", "--json", "-n", "20"))

    assert people.branches(key="0") == ["decoy"]
    call = people.site.watcher.call_from(RIVAL)
    assert call.reached("router-person") and people.site.queues_joined(RIVAL) == ["reception"]
    people.until(lambda: json.loads(people.does("tag", "list", RIVAL, "--json"))[0]["suspended_at_s"] > 0)
    people.until(lambda: people.asked() == "sales")
    report = json.loads(people.does("decoy", "report", "--json"))
    assert report["escapes"] == 1 and 2 <= report["uses"] <= people.called - before
    assert json.loads(people.does("decoy", "status", "--json"))["set_aside"]

    people.approve()
    assert people.branches() == ["decoy"]

    def took_s() -> float:
        people.switch_on()
        seconds = people.last_decoy_s(lambda: people.does("decoy", "off", "--why", "a test"), 2.0)
        print(f"the last decoy {seconds * 1000:.0f} ms after `decoy off` had returned")
        return seconds

    within(KILLED_WITHIN_S, took_s)
    assert people.branches() == ["sales"]


def test_off_within_a_second_while_redis_is_frozen(people: TwoPeople) -> None:
    def took_s() -> float:
        people.redis.thaw()
        people.switch_on()
        seconds = people.last_decoy_s(people.redis.freeze, 2.0)
        print(f"the last decoy {seconds * 1000:.0f} ms after Redis froze")
        return seconds

    within(KILLED_WITHIN_S, took_s)
    place = ("--redis", people.redis.unix_url, "--state-dir", str(people.router.folder))
    line = [sys.executable, "-m", "asterisk_router.daemon.main", "decoy", "off", *place]
    refused = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (refused.returncode, "off on this host only" in refused.stderr) == (1, True), refused.stderr
    assert people.call().branches != ["decoy"]
    people.redis.thaw()
    assert people.last_decoy_s(lambda: None, 3.0) == 0.0, "it stays off when Redis is back"
    people.does("decoy", "off")
    assert not json.loads(people.does("decoy", "status", "--json"))["on"]
