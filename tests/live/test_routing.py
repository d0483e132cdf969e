"""A1 to A12 on a real Asterisk: each caller enters the branch and the queue of the class, with its variables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.people import LINE, PEOPLE, Person, put_on_record, shop_always_open
from tests.live.phone import telephone
from tests.live.redis_server import RedisServer
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live


@pytest.fixture(scope="module", params=["plain", "freepbx", "oldest"])
def routed(
    request: pytest.FixtureRequest, live_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site where each of A1 to A12 has called, A2 for the second time."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    live_redis.command("FLUSHALL")
    folder = tmp_path_factory.mktemp("people")
    put_on_record(live_redis.unix_url, folder)
    site.router.start(shop_always_open(folder))
    again = next(person for person in PEOPLE if person.row == "A2")
    place_calls(site.pbx, [trunk_call(again)], held_ms=300)
    site.watcher.forget()
    with telephone(site.pbx.desk_port, "busy"), telephone(site.pbx.mobile_port, "busy"):
        place_calls(site.pbx, [trunk_call(person) for person in PEOPLE], held_ms=2500)
    yield site
    site.router.stop()


def trunk_call(person: Person) -> TrunkCall:
    return TrunkCall(person.number, LINE, "Caller", person.attestation)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: f"{person.row}-{person.caller_class}")
def test_the_caller_gets_what_the_class_is_owed(routed: Site, person: Person) -> None:
    call = routed.watcher.call_from(person.number)
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
    assert routed.queues_joined(person.number) == ([routed.queue(person.queue)] if person.queue else [])
    if person.queue:
        since_s = int(call.variables["ROUTER_WAITS_SINCE"])
        assert call.variables["QUEUE_PRIO"] == str(person.head_start_s - (since_s - 1767225600))


def test_the_branches_do_what_the_classes_need(routed: Site) -> None:
    seen = {person.caller_class: routed.watcher.call_from(person.number) for person in PEOPLE}
    assert seen["customer-vip"].ran("Dial")[0].startswith("PJSIP/anna,")
    assert not seen["customer-vip"].ran("BackGround"), "skips every menu"
    assert not seen["incident"].ran("BackGround")
    assert [name for name, call in seen.items() if call.ran("MixMonitor")] == ["incident", "complaint", "problem"]
    assert "router/menu-inspector-sk,m,,router-keys" in seen["inspector"].ran("BackGround")
    assert seen["unidentified"].reached("app-day") is (routed.kind == "freepbx"), "the inbound route goes on working"
