"""How far a number is believed, through a real Asterisk: a trunk that screens, a PIN, and what is had below."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.ami import SeenCall
from tests.live.followed import board, calls, hang_up, order, pause, until
from tests.live.people import LINE, PEOPLE, command, put_on_record, shop_always_open
from tests.live.phone import telephone
from tests.live.redis_server import RedisServer
from tests.live.site import Site
from tests.live.trunk import KEYED_HELD_MS, TrunkCall, place_calls
from tests.live.undisturbed import undisturbed

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


def call_of(site: Site, *, asserted: str = "", key: str = "", held_ms: int = 1500) -> SeenCall:
    """One call of the very valuable customer, whose manager is on another call and does not take the mobile either.

    A busy machine may look the customer up too late, and says so: then they call again.
    """
    for _ in range(3):
        site.watcher.forget()
        site.pbx.cli(f"database del router-pin-wrong {VIP.number}")
        with telephone(site.pbx.desk_port, "busy"), telephone(site.pbx.mobile_port, "busy"):
            place_calls(site.pbx, [TrunkCall(VIP.number, LINE, asserted=asserted, key=key)], held_ms=held_ms)
        call = site.watcher.call_from(VIP.number)
        if call.variables["ROUTER_DEGRADED"] == "0":
            break
    return call


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
    screened = call_of(site, asserted=VIP.number)
    assert screened.variables["ROUTER_TRUST"] == "2"
    assert rung(screened) == ["PJSIP/anna", MOBILE]
    assert "withheld" not in screened.variables["ROUTER_REASON"]
    assert screened.variables["ROUTER_HEAD_START"] == str(VIP.head_start_s)


def test_a_pin_proves_who_is_calling_and_a_wrong_one_nothing(site: Site) -> None:
    before_and_after = ["PJSIP/anna", "PJSIP/anna", MOBILE]
    proven = undisturbed(
        lambda: call_of(site, key=f"7{PIN}#", held_ms=KEYED_HELD_MS), lambda call: rung(call) == before_and_after
    )
    assert proven.variables["ROUTER_TRUST"] == "4"
    assert proven.variables["ROUTER_PIN"] == "", "the digits are not left on the channel"
    since = [step for step in proven.ran("ExecIf") if "ROUTER_WAITS_SINCE=" in step and step.startswith("1?")]
    assert len(since) == 1, "the place in the queue is kept"
    wrong = call_of(site, key="7271829#", held_ms=KEYED_HELD_MS)
    assert wrong.variables["ROUTER_TRUST"] == "1"
    assert rung(wrong) == ["PJSIP/anna"]
    assert site.pbx.cli(f"database get router-pin-wrong {VIP.number}").strip().endswith(":1")


@pytest.mark.parametrize("site", ["plain", "oldest"], indirect=True)
def test_whoever_was_called_back_and_reached_is_who_they_are(site: Site) -> None:
    said = {"ROUTER_DID": LINE}
    with telephone(site.pbx.mobile_port, "answers"), telephone(site.pbx.desk_port, "busy"):
        site.watcher.originate(f"Local/{VIP.number}@router-call-back-caller/n", "test-caller", "s", said)
        site.watcher.wait(lambda: bool(reached(site)))
        (channel,) = reached(site)
        shown = proven(site, channel)
    assert "ROUTER_TRUST=4" in shown and f"ROUTER_NUMBER={VIP.number}" in shown
    assert f"ROUTER_AGENT_MOBILE={MOBILE}" in shown and f"ROUTER_CLASS={VIP.caller_class}" in shown
    site.hang_up()


def proven(site: Site, channel: str) -> str:
    """What the channel shows once an agent has sent it to be proven; again when it was looked up too late."""
    for _ in range(3):
        site.pbx.cli(f"dialplan set chanvar {channel} ROUTER_OK 0")
        site.pbx.cli(f"channel redirect {channel} router-prove,called,1")  # as the agent's transfer does
        site.watcher.wait(lambda: "ROUTER_OK=1" in site.pbx.cli(f"core show channel {channel}"))
        shown = site.pbx.cli(f"core show channel {channel}")
        if "ROUTER_DEGRADED=0" in shown:
            break
    return shown


def test_nobody_else_gets_there_by_calling(site: Site) -> None:
    site.watcher.originate("Local/s@test-caller/n", "router-prove", "called", {"CALLERID(num)": VIP.number})
    site.watcher.wait(lambda: any(call.reached("router-person") for call in [*site.watcher.calls.values()]))
    site.hang_up()
    assert not site.watcher.asked(), "nobody asks the router for them: they go to a person"


SHARED = """
[policy]
name = "share"
[classes]
vip = { branch = "reception", queue = "sales", head_start = "8m" }
default = { branch = "reception", queue = "sales" }
[[classify]]
name = "vip"
when = "tag('vip')"
class = "vip"
[[classify]]
name = "everybody else"
class = "default"
"""


@pytest.mark.alone
def test_half_of_those_who_wait_at_most_stand_there_by_a_claim(
    plain_site: Site, live_redis: RedisServer, tmp_path: Path
) -> None:
    live_redis.command("FLUSHALL")
    claiming = [f"+4212555020{at}" for at in range(4)]
    for number in claiming:
        command("tag", "add", number, "vip", "--evidence", "x", "--redis", live_redis.unix_url)
    (tmp_path / "share.toml").write_text(SHARED)
    hang_up(plain_site)
    plain_site.router.start(str(tmp_path / "share.toml"), "--ami", plain_site.ami_url)
    try:
        until(lambda: board(plain_site)["known"])
        pause(plain_site)
        strangers = [calls(plain_site, LINE, "router-in", number=f"+4212555030{at}") for at in range(3)]
        vips = [calls(plain_site, LINE, "router-in", number=number) for number in claiming]
        assert order(plain_site) == [*vips[:3], *strangers, vips[3]], "the fourth would make four of seven"
        last = plain_site.watcher.calls[vips[3]].variables
        assert (last["ROUTER_CLASS"], last["ROUTER_HEAD_START"]) == ("vip", "0")
        assert "withheld head_start (E1: share of claims full)" in last["ROUTER_REASON"]
    finally:
        hang_up(plain_site)
        plain_site.router.stop()


def reached(site: Site) -> list[str]:
    """Channels of the trunk on which somebody answered."""
    rows = [row.split("!") for row in site.pbx.cli("core show channels concise").splitlines()]
    return [row[0] for row in rows if row[0].startswith("PJSIP/trunk") and "Up" in row]
