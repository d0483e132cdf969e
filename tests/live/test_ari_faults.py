"""Whatever becomes of daemon, connection or Asterisk while calls are inside Stasis, none of them stays there."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.ami import SeenCall, Watcher
from tests.live.daemons_wire import Wire
from tests.live.doors import APPS, WAYS, asked_by, in_time, wait_for_app
from tests.live.people import shop_always_open
from tests.live.redis_server import RedisServer
from tests.live.site import SECRET, Site, running_site
from tests.live.undisturbed import undisturbed

pytestmark = [pytest.mark.live, pytest.mark.alone]

CALLS = 200
"""At once inside Stasis."""

LONG_MS = 5000
"""A guard under which so many can be inside at once."""

STALL_MS = 1500
"""What waking them all at once may cost a machine shared with other work."""

LEFT_ALONE = 10
"""Of so many calls at least one is woken while the machine has a core for us; none may be left inside."""

APP = APPS[0]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shop's policy, for a shop that never closes."""
    return shop_always_open(tmp_path_factory.mktemp("policy"))


@pytest.fixture
def site(plain_site: Site, live_redis: RedisServer) -> Iterator[Site]:
    """The plain site asking by ARI, under a long guard, knowing nobody; afterwards no daemon and no call."""
    live_redis.command("FLUSHALL")
    with asked_by(plain_site, "ari", guard_ms=LONG_MS):
        yield plain_site
        plain_site.router.stop()
        plain_site.hang_up()


def inside(site: Site) -> list[str]:
    """Channels in Stasis, as `/channels` shows them."""
    asked = urllib.request.Request(f"http://127.0.0.1:{site.pbx.http_port}/ari/channels")
    asked.add_header("Authorization", "Basic " + b64encode(f"router:{SECRET}".encode()).decode())
    with urllib.request.urlopen(asked, timeout=10) as answered:
        channels = json.load(answered)
    return [channel["id"] for channel in channels if channel["dialplan"]["app_name"].startswith("Stasis")]


def call_in(site: Site, count: int = CALLS) -> None:
    """So many calls by Local channels."""
    for at in range(count):
        number = {"CALLERID(num)": f"+42125550{at:03d}"}
        site.watcher.originate("Local/s@test-caller/n", "router-in", "+42120550000", number)


def call_in_all(site: Site) -> bool:
    """Have CALLS inside, and nobody else; whether all were at once, as a machine without a core may not let them."""
    site.hang_up()
    site.watcher.forget()
    call_in(site)
    there = 0

    def come() -> bool:
        nonlocal there
        there = len(inside(site))
        return there == CALLS or any(call.branches for call in site.watcher.asked())

    site.watcher.wait(come)
    return there == CALLS


def went_on(site: Site, count: int = CALLS) -> list[SeenCall]:
    """The calls, once each has entered a branch; none of them is left in Stasis, nor stood there beyond the guard."""
    site.watcher.wait(lambda: sum(bool(call.branches) for call in site.watcher.asked()) == count)
    assert inside(site) == []
    calls = site.watcher.asked()
    stood = site.pbx.asked_ms()
    waits = sorted(stood[call.channel] for call in calls)
    routed = sum(call.answers for call in calls)
    print(f"{count} calls inside: {routed} answered, median {waits[count // 2]:.0f} ms, longest {waits[-1]:.0f} ms")
    assert waits[count // LEFT_ALONE] <= LONG_MS + STALL_MS
    assert {call.answers for call in calls} <= {0, 1}
    return calls


def routes_again(site: Site) -> None:
    """Whoever calls now is answered: a daemon that stood for longer than three seconds connects anew first."""

    def answers() -> set[int]:
        site.hang_up()
        site.watcher.forget()
        call_in(site, 5)
        return {call.answers for call in went_on(site, 5)}

    undisturbed(answers, lambda said: said == {1})


def test_a_connection_cut_with_calls_inside_comes_back_and_they_are_answered(site: Site, policy: str) -> None:
    with Wire(site.pbx.http_port) as wire:
        site.router.start(policy, "--ari", site.ari_url(APP).replace(str(site.pbx.http_port), str(wire.port)))

        def found_inside_and_answered() -> bool:
            wait_for_app(site, APP)
            wire.freeze()
            all_at_once = call_in_all(site)
            wire.cut()
            wire.thaw()
            calls = went_on(site, CALLS)
            assert {tuple(call.branches) for call in calls if in_time(call)} <= {("sales",)}
            return all_at_once and all(in_time(call) for call in calls)

        undisturbed(found_inside_and_answered, bool)


@pytest.mark.parametrize("accident", ["kill", "freeze"])
def test_a_daemon_lost_with_calls_inside_costs_the_guard(site: Site, policy: str, accident: str) -> None:
    site.router.start(policy, "--ari", site.ari_url(APP))
    wait_for_app(site, APP)
    site.router.freeze()
    undisturbed(lambda: call_in_all(site), bool)
    if accident == "kill":
        site.router.kill()
        wait_for_app(site, APP, there=False)
    assert {tuple(call.branches) for call in went_on(site)} == {("default",)}
    site.hang_up()
    site.watcher.forget()
    if accident == "kill":
        call_in(site, 5)
        assert {tuple(call.branches) for call in went_on(site, 5)} == {("default",)}, "at once, with nobody there"
        site.watcher.forget()
        site.router.start(policy, "--ari", site.ari_url(APP))
        wait_for_app(site, APP)
    else:
        site.router.thaw()
    routes_again(site)


def test_killed_with_calls_inside_and_started_again_it_answers_them(site: Site, policy: str) -> None:
    site.router.start(policy, "--ari", site.ari_url(APP))
    wait_for_app(site, APP)
    site.router.freeze()
    undisturbed(lambda: call_in_all(site), bool)
    site.router.kill()
    site.router.start(policy, "--ari", site.ari_url(APP))
    went_on(site)


def test_restarted_with_calls_inside_asterisk_has_none_and_is_answered_again(
    testbed: Path, live_redis: RedisServer, policy: str
) -> None:
    with running_site("plain", testbed, live_redis.unix_url, **WAYS["ari"].options, guard_ms=LONG_MS) as site:
        site.router.start(policy, "--ari", site.ari_url(APP))
        wait_for_app(site, APP)
        site.router.freeze()
        undisturbed(lambda: call_in_all(site), bool)
        site.router.thaw()
        site.pbx.cli("core restart now", check=False)
        site.watcher.wait_for_the_end()
        site.pbx.wait_until_booted()
        site.watcher = Watcher(site.pbx)
        wait_for_app(site, APP)
        assert inside(site) == []
        routes_again(site)
