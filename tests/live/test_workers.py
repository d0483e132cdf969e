"""Two workers at a real Asterisk, restarted one at a time and told another policy all the while, as calls come in."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.live.ami import SeenCall
from tests.live.doors import WAYS, asked_by, wait_for_app
from tests.live.redis_server import RedisServer
from tests.live.registered import Registered, registered, when
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = [pytest.mark.live, pytest.mark.alone]

A_SECOND, CALLS, HELD_MS = 40, 240, 1000
RELOAD_S = 0.3
LONG_MS = 10_000
"""A guard that tells a call that was lost from one that a busy machine made late; the waits are printed."""
AGENTS = tuple(f"talks-{number}" for number in range(8))
GENERATION = """
[policy]
name = "generation"
[numbering]
country = "SK"
[classes]
g{n} = {{ branch = "incident", queue = "sales", greeting = "router/g{n}" }}
default = {{ branch = "reception", queue = "reception" }}
[[classify]]
name = "g{n}"
class = "g{n}"
"""
"""A policy that every answer names in three places."""


class Workers:
    """A daemon of two workers, and the generations of its policy."""

    def __init__(self, site: Site, policy: Path) -> None:
        self.site, self.policy, self.generation = site, policy, 0
        self.restarts = 0
        self._over = threading.Event()

    def start(self, way: str) -> None:
        """Start it, connected to everything a PBX has for it."""
        self.write()
        apps = WAYS[way].apps[:1]
        options = ["--workers", "2", "--spool-dir", str(self.site.spool), "--ami", self.site.ami_url]
        self.site.router.start(str(self.policy), *options, *(f"--ari={self.site.ari_url(app)}" for app in apps))
        for app in apps:
            wait_for_app(self.site, app)

    def write(self) -> None:
        """Put the next generation in place of the one before, at once."""
        self.generation += 1
        new = self.policy.with_suffix(".new")
        new.write_text(GENERATION.format(n=self.generation))
        new.replace(self.policy)

    def processes(self) -> list[psutil.Process]:
        """The workers."""
        return self.site.router.process.children()

    def that_answers_ari(self) -> psutil.Process:
        """The one connected to it."""
        port = self.site.pbx.http_port
        (worker,) = (
            worker
            for worker in self.processes()
            if any(each.raddr and each.raddr.port == port for each in worker.net_connections("tcp"))
        )
        return worker

    def restart_again_and_again(self) -> None:
        """Restart them one after the other, and reload, until told that it is over."""
        while not self._over.is_set():
            self.site.router.process.send_signal(signal.SIGUSR2)
            while self.site.router.log.count("have been restarted") <= self.restarts:
                self.write()
                self.site.router.process.send_signal(signal.SIGHUP)
                time.sleep(RELOAD_S)
                assert "did not come" not in self.site.router.log
            self.restarts += 1

    @contextmanager
    def being_restarted(self) -> Iterator[None]:
        """Meanwhile they are restarted; the last restart is whole."""
        thread = threading.Thread(target=self.restart_again_and_again)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(60)
        assert not thread.is_alive(), self.site.router.log[-3000:]


@pytest.fixture(params=["fastagi", "ari"])
def way(request: pytest.FixtureRequest) -> str:
    """How the dialplan asks."""
    asks: str = request.param
    return asks


@pytest.fixture
def workers(plain_site: Site, live_redis: RedisServer, tmp_path: Path, way: str) -> Iterator[Workers]:
    """Two workers of a site with agents who take calls up, and no call seen, kept or left yet."""
    live_redis.command("FLUSHALL")
    with plain_site.staffed(*AGENTS, queues=("sales",)), asked_by(plain_site, way, guard_ms=LONG_MS):
        plain_site.forget_calls()
        two = Workers(plain_site, tmp_path / "policy.toml")
        two.start(way)
        yield two
        plain_site.router.stop()


def each_answered_once_by_one_policy(site: Site, calls: list[TrunkCall]) -> dict[str, SeenCall]:
    """Every call of the trunk by its unique ID."""
    site.watcher.wait(lambda: sum(call.over for call in site.watcher.asked()) >= len(calls))
    seen = {call.events[0]["Uniqueid"]: call for call in site.watcher.asked()}
    fates = Counter((*call.branches, call.answers, call.variables["ROUTER_DEGRADED"]) for call in seen.values())
    stood_ms = site.pbx.asked_ms()
    stood = sorted(stood_ms[call.channel] for call in seen.values())
    print(f"\n{len(seen)} calls: {dict(fates)}, median {stood[len(stood) // 2]:.1f} ms, longest {stood[-1]:.0f} ms")
    assert sorted(call.caller_number for call in seen.values()) == sorted(call.caller_number for call in calls)
    version_of: dict[str, str] = {}
    for call in seen.values():
        said = call.variables
        assert call.answers == 1, "one whole answer, the default of none"
        assert call.branches == ["incident"]
        assert re.fullmatch(r"g\d+", said["ROUTER_CLASS"])
        assert said["ROUTER_GREETING"] == f"router/{said['ROUTER_CLASS']}"
        version = version_of.setdefault(said["ROUTER_CLASS"], said["ROUTER_POLICY"])
        assert said["ROUTER_POLICY"] == version
    return seen


def each_registered_once(site: Site, redis: RedisServer, seen: dict[str, SeenCall]) -> None:
    """The record of calls is whole."""

    def read() -> Registered:
        return registered(redis.unix_url, site.router.folder)

    found = when(read, lambda found: min(len(found.ended), len(found.began), found.calls_of.total()) >= len(seen))
    assert found.began == found.ended == Counter(seen.keys()), "each beginning once and each end, and no other"
    assert found.calls_of == Counter(call.caller_number for call in seen.values())
    assert found.gaps == []


def test_restarts_and_reloads_lose_default_and_mix_no_call(workers: Workers, live_redis: RedisServer, way: str) -> None:
    calls = [TrunkCall(f"+4212555{at:04d}") for at in range(CALLS)]
    with workers.being_restarted():
        place_calls(workers.site.pbx, calls, a_second=A_SECOND, held_ms=HELD_MS)
        while workers.restarts < 2:  # a busy machine takes longer over each
            more = [TrunkCall(f"+4212555{len(calls) + at:04d}") for at in range(A_SECOND)]
            place_calls(workers.site.pbx, more, a_second=A_SECOND, held_ms=HELD_MS)
            calls += more
    seen = each_answered_once_by_one_policy(workers.site, calls)
    print(f"{way}: {workers.restarts} restarts, {workers.generation} policies")
    assert len({call.variables["ROUTER_CLASS"] for call in seen.values()}) > workers.restarts
    each_registered_once(workers.site, live_redis, seen)


@pytest.mark.parametrize("way", ["ari"], indirect=True)
def test_when_the_worker_that_answers_ari_is_killed_another_does(workers: Workers) -> None:
    site = workers.site
    for turn in range(2):
        connections = site.router.log.count("Asterisk 22")
        workers.that_answers_ari().kill()
        killed_s = time.monotonic()
        site.watcher.wait(lambda: site.router.log.count("Asterisk 22") > connections)  # noqa: B023
        print(f"another is connected after {time.monotonic() - killed_s:.2f} s")
        calls = [TrunkCall(f"+42125555{turn}{at:02d}") for at in range(20)]
        site.watcher.forget()
        place_calls(site.pbx, calls, a_second=20, held_ms=300)
        each_answered_once_by_one_policy(site, calls)
        site.watcher.wait(lambda: len(workers.processes()) == 2)
