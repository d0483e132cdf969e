"""A very valuable caller's own manager: at the desk, else on the mobile, else whoever sells."""

from __future__ import annotations

import re

import pytest

from tests.live.ami import SeenCall
from tests.live.phone import telephone
from tests.live.scripted_router import scripted_router, set_variables
from tests.live.site import Site
from tests.live.trunk import KEYED_HELD_MS, TrunkCall, place_calls

pytestmark = pytest.mark.live

CALLER = "+42125550103"
DESK = re.compile(r"PJSIP/anna,1[45],dtrb\(router-card\^s\^1\)")
"""15 s, less the second that may have begun meanwhile."""
MANAGER = set_variables(
    ROUTER_BRANCH="account-manager", ROUTER_AGENT="PJSIP/anna", ROUTER_AGENT_MOBILE="PJSIP/+421905550123@trunk"
)


@pytest.fixture
def site(plain_site: Site) -> Site:
    """The plain site with nothing seen yet."""
    plain_site.watcher.forget()
    return plain_site


def call_with(site: Site, desk: str, mobile: str, key: str = "", held_ms: int = 2000) -> SeenCall:
    """One call of the valuable caller, with those telephones at the desk and in the pocket."""
    with (
        scripted_router(site.router.port, lambda query: MANAGER),
        telephone(site.pbx.desk_port, desk),
        telephone(site.pbx.mobile_port, mobile),
    ):
        place_calls(site.pbx, [TrunkCall(CALLER, key=key)], held_ms=held_ms)
    return site.watcher.call_from(CALLER)


def outcomes(call: SeenCall) -> list[str]:
    return [event["DialStatus"] for event in call.events if event["Event"] == "DialEnd"]


def test_the_desk_answers(site: Site) -> None:
    call = call_with(site, desk="answers", mobile="busy")
    (desk,) = call.ran("Dial")
    assert DESK.fullmatch(desk)
    assert call.variables["DIALSTATUS"] == "ANSWER"
    assert not call.ran("BackGround")


def test_the_mobile_answers_when_the_desk_is_busy(site: Site) -> None:
    call = call_with(site, desk="busy", mobile="accepts")
    desk, mobile = call.ran("Dial")
    assert DESK.fullmatch(desk) and mobile == "PJSIP/+421905550123@trunk,20,dtrU(router-accept)"
    assert call.variables["DIALSTATUS"] == "ANSWER"
    assert "BRIDGEPEER" in call.variables, "accepted with 1, they talk"
    assert not call.reached("router-queue")


def test_a_mailbox_on_the_mobile_does_not_swallow_the_call(site: Site) -> None:
    call = call_with(site, desk="busy", mobile="answers", held_ms=8000)
    assert len(call.ran("Dial")) == 2
    assert [event["Queue"] for event in call.events if event["Event"] == "QueueCallerJoin"] == ["sales"]
    site.watcher.wait(lambda: any(ended.channel == call.channel for ended, _ in site.reports()))
    report = next(report for ended, report in site.reports() if ended.channel == call.channel)
    assert (report.dial_status, report.dialled, report.answered_s) == ("", "", 0), "nobody has spoken"


def test_key_0_reaches_a_person_while_the_manager_is_rung(site: Site) -> None:
    call = call_with(site, desk="rings", mobile="busy", key="0", held_ms=KEYED_HELD_MS)
    assert call.reached("router-person")
    assert [event["Queue"] for event in call.events if event["Event"] == "QueueCallerJoin"] == ["reception"]
