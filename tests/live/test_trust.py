"""How far a number is believed, through a real Asterisk: a trunk that screens, a PIN, and what is had below."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from tests.live.ami import SeenCall
from tests.live.people import LINE, PEOPLE, put_on_record, shop_always_open
from tests.live.phone import telephone
from tests.live.redis_server import RedisServer
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

VIP = next(person for person in PEOPLE if person.own_agent)
MOBILE = "PJSIP/+421255501901@trunk"
PIN = "271828"
SITES = ("plain", "freepbx", "oldest")


@pytest.fixture(params=SITES)
def site(
    request: pytest.FixtureRequest, live_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Each kind of site in turn, its daemon with the shop's policy, everybody on record."""
    site: Site = request.getfixturevalue(f"{request.param}_site")
    live_redis.command("FLUSHALL")
    folder = tmp_path_factory.mktemp("shop")
    put_on_record(live_redis.unix_url, folder)
    hashed = hashlib.sha1(f"{VIP.number}:{PIN}".encode(), usedforsecurity=False).hexdigest()
    site.pbx.cli(f"database put router-pin {VIP.number} {hashed}")
    site.router.start(shop_always_open(folder))
    site.watcher.forget()
    yield site
    site.router.stop()
    for family in ("router-pin", "router-pin-wrong"):
        site.pbx.cli(f"database del {family} {VIP.number}")


def call_of(site: Site, *, asserted: str = "", key: str = "", held_ms: int = 3000) -> SeenCall:
    """One call of the very valuable customer, whose manager is on another call and does not take the mobile either."""
    with telephone(site.pbx.desk_port, "busy"), telephone(site.pbx.mobile_port, "busy"):
        place_calls(site.pbx, [TrunkCall(VIP.number, LINE, asserted=asserted, key=key)], held_ms=held_ms)
    return site.watcher.call_from(VIP.number)


def rung(call: SeenCall) -> list[str]:
    """Whom the call rang, in order."""
    return [arguments.partition(",")[0] for arguments in call.ran("Dial")]


def test_what_a_trunk_that_screens_asserts_rings_the_mobile_and_a_bare_number_does_not(site: Site) -> None:
    bare = call_of(site)
    assert bare.variables["ROUTER_TRUST"] == "1"
    assert rung(bare) == ["PJSIP/anna"], "the desk rings all the same"
    assert bare.variables["ROUTER_AGENT_MOBILE"] == "" and bare.variables["ROUTER_CARD_URL"] == ""
    assert "withheld mobile (E1: needs E2)" in bare.variables["ROUTER_REASON"]
    assert bare.variables["ROUTER_SCREEN_NAME"].startswith("~ VIP")
    assert site.queues_joined(VIP.number) == [site.queue("sales")], "and the call waits for whoever sells"
    site.watcher.forget()
    screened = call_of(site, asserted=VIP.number)
    assert screened.variables["ROUTER_TRUST"] == "2"
    assert rung(screened) == ["PJSIP/anna", MOBILE]
    assert "withheld" not in screened.variables["ROUTER_REASON"]
    assert screened.variables["ROUTER_HEAD_START"] == str(VIP.head_start_s)


def test_a_pin_proves_who_is_calling_and_a_wrong_one_nothing(site: Site) -> None:
    proven = call_of(site, key=f"7{PIN}#", held_ms=1200)
    assert proven.variables["ROUTER_TRUST"] == "4"
    assert rung(proven) == ["PJSIP/anna", "PJSIP/anna", MOBILE], "before the PIN and after it"
    assert proven.variables["ROUTER_PIN"] == "", "the digits are not left on the channel"
    since = [step for step in proven.ran("ExecIf") if "ROUTER_WAITS_SINCE=" in step and step.startswith("1?")]
    assert len(since) == 1, "the place in the queue is kept"
    site.watcher.forget()
    wrong = call_of(site, key="7271829#", held_ms=1200)
    assert wrong.variables["ROUTER_TRUST"] == "1"
    assert rung(wrong) == ["PJSIP/anna"]
    assert site.pbx.cli(f"database get router-pin-wrong {VIP.number}").strip().endswith(":1")
