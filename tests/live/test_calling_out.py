"""Calls the house makes: call-backs, agent first, then the caller; other calls out; reserve agents asked to join."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.ami import SeenCall
from tests.live.phone import telephone
from tests.live.scripted_router import scripted_router, set_variables
from tests.live.site import Site

pytestmark = pytest.mark.live

CALLER = "+42125550100"
LINE = "+42120550000"
WAITED_SINCE = 1767225600 + 1000

ALSO_ON_16 = pytest.mark.parametrize("site", ["plain_site", "oldest_site"], indirect=True)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Asterisk 22, and 16 where a test asks for it, with nothing seen yet, and afterwards nobody on the line."""
    site: Site = request.getfixturevalue(getattr(request, "param", "plain_site"))
    site.forget_calls()
    yield site
    site.hang_up()


def call_back(site: Site) -> None:
    """What the daemon's dialler asks of Asterisk."""
    site.watcher.originate(
        "Local/sales@router-call-back-agent/n",
        "router-call-back-caller",
        CALLER,
        {
            "__ROUTER_CALL_BACK_OF": CALLER,
            "__ROUTER_WAITS_SINCE": str(WAITED_SINCE),
            "__ROUTER_HEAD_START": "60",
            "__ROUTER_QUEUE": "sales",
            "__ROUTER_DID": LINE,
            "__ROUTER_SCREEN_NAME": "Novák (call back)",
        },
    )


def channels(site: Site, part: str) -> list[SeenCall]:
    return [call for call in site.watcher.calls.values() if part in call.channel]


@ALSO_ON_16
def test_an_agent_is_rung_first_with_the_rank_kept_and_then_the_caller(site: Site) -> None:
    with telephone(site.pbx.mobile_port, "answers"):
        with site.staffed("talks-anna", paused=True):
            call_back(site)
            site.watcher.wait(lambda: bool(site.watcher.waiting_in("sales")))
            (waiting,) = site.watcher.waiting_in("sales")
            assert (waiting["Priority"], waiting["CallerIDName"]) == (str(60 - 1000), "Novák (call back)")
            assert not channels(site, "PJSIP/trunk"), "nobody is called before an agent is there"
            site.pbx.cli("queue unpause member Local/talks-anna@test-agent/n")
            site.watcher.wait(lambda: bool(talking(site)))
            (out,) = talking(site)
            assert out.variables["DIALEDPEERNUMBER"] == f"{CALLER}@trunk"
        site.watcher.wait(lambda: bool(site.reports()))
    ((call, report),) = site.reports()
    assert (call.caller_number, call.called_number, report.call_back_id) == (CALLER, LINE, CALLER)
    assert (report.direction, report.dial_status) == ("out", "ANSWER")
    assert report.member == "Local/talks-anna@test-agent/n"


def talking(site: Site) -> list[SeenCall]:
    """Halves that reached the caller."""
    return [
        call
        for call in channels(site, "router-call-back-agent")
        if any(event["Event"] == "DialEnd" and event["DialStatus"] == "ANSWER" for event in call.events)
        and call.reached("router-outbound")
    ]


def test_a_call_back_no_agent_takes_is_reported_and_nobody_is_called(site: Site) -> None:
    with site.staffed():
        call_back(site)
        site.watcher.wait(lambda: bool(site.reports()))
    ((call, report),) = site.reports()
    assert (call.caller_number, report.call_back_id, report.direction) == (CALLER, CALLER, "out")
    assert (report.member, report.dial_status, report.queue_status) == ("", "", "JOINEMPTY")
    assert not channels(site, "PJSIP/trunk")


def test_a_waiting_caller_of_higher_rank_goes_before_the_call_back(site: Site) -> None:
    said = set_variables(ROUTER_BRANCH="incident", ROUTER_QUEUE="sales", ROUTER_HEAD_START="1000000000")
    with site.staffed("talks-anna", paused=True):
        call_back(site)
        with scripted_router(site.router.port, lambda query: said):
            site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": "+42125550101"})
            site.watcher.wait(lambda: len(site.watcher.waiting_in("sales")) == 2)
        first, second = site.watcher.waiting_in("sales")
        assert "test-caller" in first["Channel"] and "router-call-back-agent" in second["Channel"]


def test_a_call_of_the_site_s_own_route_is_reported(site: Site) -> None:
    with telephone(site.pbx.mobile_port, "answers"):
        site.watcher.originate("Local/s@test-caller/n", "test-out", "0042125550100", {})
        site.watcher.wait(
            lambda: any(call.variables.get("DIALSTATUS") == "ANSWER" for call in channels(site, "caller"))
        )
        site.pbx.cli("channel request hangup all")
        site.watcher.wait(lambda: bool(site.reports()))
    ((call, report),) = site.reports()
    assert (call.caller_number, report.direction, report.dial_status) == ("0042125550100", "out", "ANSWER")
    assert report.call_back_id == ""


@ALSO_ON_16
def test_a_reserve_agent_joins_by_key_1_and_by_nothing_else(site: Site) -> None:
    def ask(phone: str, interface: str) -> None:
        variables = {"ROUTER_RESERVE_INTERFACE": interface, "ROUTER_RESERVE_NAME": "Eva Nováková (sales)"}
        site.watcher.originate(f"Local/{phone}@test-caller/n", "router-reserve", "sales", variables)

    try:
        ask("press1", "Local/eva@test-agent")
        ask("s", "Local/ivo@test-agent")
        site.watcher.wait(lambda: "Local/eva@test-agent" in site.pbx.cli("queue show sales"))
        assert "Eva Nováková sales (Local/eva" in site.pbx.cli("queue show sales")
        assert "Local/ivo@test-agent" not in site.pbx.cli("queue show sales")
    finally:
        site.pbx.cli("queue remove member Local/eva@test-agent from sales")
