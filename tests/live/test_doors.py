"""Whichever way the dialplan asks, on the newest Asterisk and the oldest: the same caller with the same facts gets the
same decision, the same variables, the same branch; and without the router, the default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES, SENTINEL
from tests.live.doors import SCRIPT, WAYS, answering, asked_by, in_time
from tests.live.people import LINE, PEOPLE, Person, put_on_record, shop_always_open
from tests.live.phone import telephone
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls
from tests.live.undisturbed import undisturbed

pytestmark = [pytest.mark.live, pytest.mark.patient]

DOORS = (
    ("plain", "fastagi"),
    ("plain", "script"),
    ("plain", "ari"),
    ("plain", "broadcast"),
    ("freepbx", "fastagi"),
    ("freepbx", "ari"),
    ("oldest", "fastagi"),
    ("oldest", "ari"),
)
"""Kind of site, and how its dialplan asks. The first is what the others are compared with."""

NAME = "Novák & syn, s.r.o. (a=b?"
"""The caller's, with everything that means something to a dialplan, a query, or a list of arguments."""

SLOWER = (10, 5, 5, 5)
"""Calls a second when everybody calls again because somebody's answer was late."""

Said = dict[str, dict[str, str]]
"""Caller number -> what the router set."""

SAID: dict[str, Said] = {}
"""By kind of dialplan, as callers were answered by the first door of that kind."""


class Routed(NamedTuple):
    """A site where each of A1 to A12 has called, A2 for the second time."""

    site: Site
    way: str
    router: RouterProcess


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shop's policy, for a shop that never closes."""
    return shop_always_open(tmp_path_factory.mktemp("policy"))


@pytest.fixture(scope="module", params=DOORS, ids="-".join)
def routed(
    request: pytest.FixtureRequest, live_redis: RedisServer, policy: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Routed]:
    """Every door in turn."""
    kind, way = request.param
    site: Site = request.getfixturevalue(f"{kind}_site")
    with asked_by(site, way), ExitStack() as running:
        for a_second in (WAYS[way].a_second, *SLOWER):
            running.close()
            live_redis.command("FLUSHALL")
            put_on_record(live_redis.unix_url, tmp_path_factory.mktemp("people"))
            (router,) = running.enter_context(answering(site, way, policy))
            everybody_calls(site, a_second, live_redis)
            if all(in_time(call) for call in site.watcher.asked()):
                break
        yield Routed(site, way, router)


def everybody_calls(site: Site, a_second: int, redis: RedisServer) -> None:
    """Each of them once, and before that the one who calls again; nobody else when that call comes late."""
    site.watcher.forget()
    again = next(person for person in PEOPLE if person.row == "A2")
    place_calls(site.pbx, [trunk_call(again)], held_ms=300)
    site.watcher.wait(lambda: any(call.over for call in site.watcher.asked()))
    if not in_time(site.watcher.call_from(again.number)):
        return
    site.watcher.wait(lambda: known(redis, again.number))
    site.watcher.forget()
    with telephone(site.pbx.desk_port, "busy"), telephone(site.pbx.mobile_port, "busy"):
        calls = [trunk_call(person) for person in PEOPLE]
        place_calls(site.pbx, calls, a_second=a_second, held_ms=2500)
    site.watcher.wait(lambda: sum(call.over for call in site.watcher.asked()) == len(calls))


def known(redis: RedisServer, number: str) -> bool:
    """Whether the history of a caller has come to Redis: it is noted after the answer."""
    return redis.command("EXISTS", RedisKeys().caller(number)) == b":1\r\n"


def trunk_call(person: Person) -> TrunkCall:
    return TrunkCall(person.number, LINE, NAME, person.attestation)


def calls_of(routed: Routed, count: int) -> list[list[str]]:
    """Place calls from numbers nobody knows; the branches of each."""
    site = routed.site
    site.watcher.forget()
    calls = [TrunkCall(f"+42125550{at:03d}", LINE, NAME) for at in range(count)]
    place_calls(site.pbx, calls, a_second=WAYS[routed.way].a_second, held_ms=500)
    site.watcher.wait(lambda: sum(call.over for call in site.watcher.asked()) == count)
    stood = site.pbx.asked_ms()
    waits = sorted(stood[call.channel] for call in site.watcher.asked())
    print(f"{site.kind}-{routed.way}: {count} calls, median {waits[count // 2]:.1f} ms, longest {waits[-1]:.1f} ms")
    return [call.branches for call in site.watcher.asked()]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: f"{person.row}-{person.caller_class}")
def test_the_caller_gets_what_the_class_is_owed(routed: Routed, person: Person) -> None:
    site = routed.site
    call = site.watcher.call_from(person.number)
    said = {name.removeprefix("ROUTER_"): value for name, value in call.variables.items()}
    assert said["OK"] == "1"
    assert said["CLASS"] == person.caller_class
    assert said["BRANCH"] == person.branch
    assert said["QUEUE"] == person.queue
    assert said["HEAD_START"] == str(person.head_start_s)
    assert said["GREETING"] == (f"router/greet-{person.greeting}-sk" if person.greeting else "")
    assert said["NUMBER"] == ("" if person.row == "A12" else person.number)
    assert said["AGENT"] == ("PJSIP/anna" if person.own_agent else "")
    assert said["DEGRADED"] == "0"
    assert call.branches == [person.branch]
    assert site.queues_joined(person.number) == ([site.queue(person.queue)] if person.queue else [])
    if person.queue:
        since_s = int(call.variables["ROUTER_WAITS_SINCE"])
        assert call.variables["QUEUE_PRIO"] == str(person.head_start_s - (since_s - 1767225600))


def test_every_variable_is_the_same_as_by_every_other_door(routed: Routed) -> None:
    names = [SENTINEL, *(variable.name for variable in CHANNEL_VARIABLES)]
    calls = {person.number: routed.site.watcher.call_from(person.number) for person in PEOPLE}
    said = {number: {name: call.variables[name] for name in names} for number, call in calls.items()}
    assert said == SAID.setdefault(routed.site.kind, said)


def test_the_branches_do_what_the_classes_need(routed: Routed) -> None:
    seen = {person.caller_class: routed.site.watcher.call_from(person.number) for person in PEOPLE}
    assert seen["customer-vip"].ran("Dial")[0].startswith("PJSIP/anna,")
    assert not seen["customer-vip"].ran("BackGround"), "skips every menu"
    assert not seen["incident"].ran("BackGround")
    assert [name for name, call in seen.items() if call.ran("MixMonitor")] == ["incident", "complaint", "problem"]
    assert "router/menu-inspector-sk,m,,router-keys" in seen["inspector"].ran("BackGround")
    freepbx = routed.site.kind == "freepbx"
    assert seen["unidentified"].reached("app-day") is freepbx, "the inbound route goes on working"


def test_each_end_is_reported_once(routed: Routed) -> None:
    calls = {routed.site.watcher.call_from(person.number).events[0]["Uniqueid"]: person for person in PEOPLE}

    def reported() -> list[str]:
        return [call.uniqueid for call, _ in routed.site.reports() if call.uniqueid in calls]

    routed.site.watcher.wait(lambda: len(reported()) >= len(calls))
    assert sorted(reported()) == sorted(calls)
    for call, report in routed.site.reports():
        if call.uniqueid in calls:
            assert report.caller_class == calls[call.uniqueid].caller_class


def test_key_8_asks_again_with_the_choice(routed: Routed) -> None:
    number = next(person.number for person in PEOPLE if person.caller_class == "customer-order")
    for _ in (1, *SLOWER):
        routed.site.watcher.forget()
        place_calls(routed.site.pbx, [TrunkCall(number, LINE, NAME, key="8")])
        call = routed.site.watcher.call_from(number)
        if in_time(call):
            break
    assert (call.branches, call.variables["ROUTER_CLASS"]) == (["sales", "complaint"], "complaint")
    assert call.variables[SENTINEL] == "1"


def test_a_frozen_daemon_is_left_after_the_guard(routed: Routed) -> None:
    routed.router.freeze()
    assert calls_of(routed, 5) == [["default"]] * 5
    routed.router.thaw()
    # over ARI it connects anew first when it stood for longer than three seconds
    undisturbed(lambda: calls_of(routed, 1), lambda branches: branches == [["sales"]])


def test_a_dead_daemon_leaves_the_default(routed: Routed) -> None:
    routed.router.stop()
    assert calls_of(routed, 5) == [["default"]] * 5


def test_a_missing_script_leaves_the_default(plain_site: Site) -> None:
    with asked_by(plain_site, "script"):
        (plain_site.pbx.home / "agi-bin" / SCRIPT).unlink()
        assert calls_of(Routed(plain_site, "script", plain_site.router), 5) == [["default"]] * 5
