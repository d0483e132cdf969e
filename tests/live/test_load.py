"""A thousand calls at fifty a second: none lost, none in a wrong branch, and the daemon is as it was before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.people import LINE, PEOPLE, command, put_on_record, shop_always_open
from tests.live.redis_server import RedisServer
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

CALLS = 1000
BRANCH = {person.caller_class: person.branch for person in PEOPLE}
KNOWN = [person for person in PEOPLE if person.row in ("A5", "A6", "A7", "A8", "A9", "A10", "A11")]
"""Those whose class is the same however often they call."""
GROWN_BY = 1024 * 1024
"""What a thousand calls may leave in the daemon's memory: what the allocator keeps for the next ones."""


@pytest.fixture
def site(plain_site: Site) -> Iterator[Site]:
    """The plain site and, afterwards, no daemon."""
    yield plain_site
    plain_site.router.stop()


def test_a_thousand_calls(site: Site, live_redis: RedisServer, tmp_path: Path) -> None:
    live_redis.command("FLUSHALL")
    put_on_record(live_redis.unix_url, tmp_path)
    customers = [f"+42125550{at}" for at in range(3000, 3300)]
    command("tag", "add", f"{customers[0]}-{customers[-1]}", "customer", "--redis", live_redis.unix_url)
    prospects = [f"+42125550{at}" for at in range(1000, 1300)]
    expected = dict.fromkeys(customers, "customer-order") | dict.fromkeys(prospects, "prospect-new")
    calls = [TrunkCall(number, LINE) for number in expected]
    for at in range(CALLS - len(calls)):
        person = KNOWN[at % len(KNOWN)]
        calls.append(TrunkCall(person.number, LINE, "Caller", person.attestation))
        expected[person.number] = person.caller_class
    random.Random(2).shuffle(calls)
    site.router.start(shop_always_open(tmp_path), "--spool-dir", str(site.spool))
    place_calls(site.pbx, [TrunkCall(f"+42125550{at}", LINE) for at in range(5000, 5500)], a_second=100, held_ms=300)
    site.watcher.wait(lambda: not site.reports())
    site.watcher.forget()
    before = site.router.process.memory_info().rss, site.router.process.num_fds()

    place_calls(site.pbx, calls, a_second=50, held_ms=700)

    seen = site.watcher.asked()
    assert len(seen) == CALLS
    # A busy machine may stall the daemon or Redis longer than a call may wait: then what Redis knows is missing.
    late = {call.channel for call in seen if call.variables["ROUTER_DEGRADED"] != "0"}
    for call in seen:
        if call.channel in late:
            assert call.branches in (["default"], [BRANCH[expected[call.caller_number]]])
        else:
            assert call.variables["ROUTER_CLASS"] == expected[call.caller_number]
            assert call.branches == [BRANCH[expected[call.caller_number]]]
    assert len(late) <= CALLS // 100
    site.watcher.wait(lambda: not site.reports())
    after = site.router.process.memory_info().rss, site.router.process.num_fds()
    stood = site.pbx.asked_ms()
    waits = sorted(stood[call.channel] for call in seen)
    print(
        f"{CALLS} calls: {len(late)} late, median {waits[CALLS // 2]:.2f} ms, 99 % within "
        f"{waits[CALLS * 99 // 100]:.2f} ms, daemon's memory and descriptors {before} -> {after}"
    )
    assert after[1] == before[1]
    assert after[0] - before[0] <= GROWN_BY
