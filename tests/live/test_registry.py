"""Fifty calls a second by SIPp through a real Asterisk, the daemon killed and Redis away: each call registered once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.redis_server import RedisServer
from tests.live.registered import Registered, registered, when
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = [pytest.mark.live, pytest.mark.alone]

A_SECOND, CALLS, HELD_MS = 50, 400, 1500
AGENTS = tuple(f"talks-{number}" for number in range(12))
POLICY = """
[policy]
name = "registry"
[numbering]
country = "SK"
[classes]
default = { branch = "incident", queue = "sales" }
[[classify]]
name = "everybody"
class = "default"
"""


@pytest.fixture
def site(plain_site: Site, live_redis: RedisServer, tmp_path: Path) -> Iterator[Site]:
    """The plain site with agents who take calls up, a daemon that keeps calls, and no call seen, kept or left yet."""
    (tmp_path / "policy.toml").write_text(POLICY)
    with plain_site.staffed(*AGENTS, queues=("sales", "reception")):
        plain_site.forget_calls()
        live_redis.command("FLUSHALL")
        start(plain_site, tmp_path)
        yield plain_site
        plain_site.router.stop()


def start(site: Site, folder: Path) -> None:
    site.router.start(str(folder / "policy.toml"), "--spool-dir", str(site.spool), "--ami", site.ami_url)


def accidents(site: Site, redis: RedisServer, folder: Path) -> None:
    """The daemon is killed in the middle, then Redis, both without a word."""
    time.sleep(2)
    site.router.kill()
    time.sleep(0.3)
    start(site, folder)
    time.sleep(1)
    redis.kill()
    time.sleep(2)
    redis.start()


def test_every_call_of_sipp_is_registered_once_and_as_it_ended(
    site: Site, live_redis: RedisServer, tmp_path: Path
) -> None:
    calls = [TrunkCall(f"+4212555{at:04d}") for at in range(CALLS)]
    trouble = threading.Thread(target=accidents, args=(site, live_redis, tmp_path))
    trouble.start()
    place_calls(site.pbx, calls, a_second=A_SECOND, held_ms=HELD_MS)
    trouble.join()

    site.watcher.wait(lambda: sum(call.over for call in site.watcher.asked()) >= CALLS)
    seen = {call.events[0]["Uniqueid"]: call for call in site.watcher.asked()}
    assert len(seen) == CALLS, "every call of SIPp came in"
    answered = {
        uniqueid for uniqueid, call in seen.items() if any(event["Event"] == "AgentConnect" for event in call.events)
    }

    def read() -> Registered:
        return registered(live_redis.unix_url, site.router.folder)

    found = when(read, lambda found: len(found.ended) >= CALLS <= found.calls_of.total())
    assert found.ended == Counter(seen.keys()), "each end once, and no other"
    assert not found.began - Counter(seen.keys()), "no beginning twice"
    assert {uniqueid for uniqueid, outcome in found.outcomes.items() if outcome == "answered"} == answered
    assert set(found.outcomes.values()) == {"answered", "missed"}
    assert found.calls_of == Counter(call.caller_number for call in calls)
    assert found.gaps == []
    print(f"{CALLS} calls: {len(answered)} answered, {CALLS - len(found.began)} are known by their end alone")
