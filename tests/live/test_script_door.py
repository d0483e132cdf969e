"""The AGI script, where a PBX cannot use FastAGI: the same calls, through the daemon's unix socket."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.redis_server import RedisServer
from tests.live.site import Site, running_site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

SCRIPT = "asterisk-router-agi"
PROGRAM = Path(__file__).parents[2] / "bin" / SCRIPT
PATIENCE_MS = 150
"""Well below the time after which the script ends by itself."""


@pytest.fixture(scope="module")
def site(testbed: Path, live_redis: RedisServer) -> Iterator[Site]:
    """A plain site whose dialplan runs the script, which lies where Asterisk keeps its scripts."""
    with running_site("plain", testbed, live_redis.unix_url, script=SCRIPT) as site:
        shutil.copy(PROGRAM, site.pbx.home / "agi-bin" / SCRIPT)
        yield site


def calls_of(site: Site, count: int) -> list[float]:
    """Place the calls; how long each stood, least first."""
    site.watcher.forget()
    place_calls(site.pbx, [TrunkCall(f"+42125550{at:03d}") for at in range(count)], a_second=5, held_ms=500)
    stood = site.pbx.asked_ms()
    waits = sorted(stood[call.channel] for call in site.watcher.asked())
    print(f"AGI script: {count} calls, median {waits[count // 2]:.1f} ms, longest {waits[-1]:.1f} ms")
    return waits


def test_calls_are_routed_through_the_script(site: Site) -> None:
    site.router.start()
    waits = calls_of(site, 20)
    assert waits[0] < PATIENCE_MS, "the script waits for Asterisk while Asterisk waits for the script"
    for call in site.watcher.asked():
        assert call.variables["ROUTER_OK"] == "1"
        assert call.variables["ROUTER_NUMBER"] == call.caller_number
        assert call.branches == [call.variables["ROUTER_BRANCH"]]
    ended = sorted(call.uniqueid for call, _ in site.reports())
    assert ended == sorted(call.events[0]["Uniqueid"] for call in site.watcher.asked()), "each end is reported once"


def test_a_frozen_daemon_is_left_after_the_guard(site: Site) -> None:
    site.router.freeze()
    calls_of(site, 5)
    assert [call.branches for call in site.watcher.asked()] == [["default"]] * 5
    site.router.thaw()


def test_a_dead_daemon_leaves_the_default(site: Site) -> None:
    site.router.stop()
    calls_of(site, 5)
    assert [call.branches for call in site.watcher.asked()] == [["default"]] * 5


def test_a_missing_script_leaves_the_default(site: Site) -> None:
    (site.pbx.home / "agi-bin" / SCRIPT).unlink()
    calls_of(site, 5)
    assert [call.branches for call in site.watcher.asked()] == [["default"]] * 5
