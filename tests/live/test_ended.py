"""However a call ends, the dialplan reports it once, and never holds a channel for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.wire.end_report import EndReport, read
from asterisk_router.wire.incoming_call import IncomingCall
from tests.live.redis_server import RedisServer
from tests.live.scripted_router import Query, scripted_router, set_variables
from tests.live.site import Site, running_site
from tests.live.trunk import KEYED_HELD_MS, TrunkCall, place_calls

pytestmark = pytest.mark.live

CALLER = "+42125550100"
LINE = "+42120550000"
CHOSEN = {
    "ROUTER_CLASS": "customer-order",
    "ROUTER_BRANCH": "incident",  # no greeting: straight to the queue
    "ROUTER_QUEUE": "sales",
    "ROUTER_HEAD_START": "300",
    "ROUTER_PROMISED_WAIT": "40",
    "ROUTER_NUMBER": CALLER,
    "ROUTER_CALL_BACK": "1",
}


ALSO_ON_16 = pytest.mark.parametrize("site", ["plain_site", "oldest_site"], indirect=True)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """Asterisk 22, and 16 where a test asks for it, with nothing seen or left to report yet."""
    site: Site = request.getfixturevalue(getattr(request, "param", "plain_site"))
    site.forget_calls()
    return site


def decided(**more: str) -> bytes:
    return set_variables(**{**CHOSEN, **more})


def the_call(site: Site, held_ms: int, key: str = "", said: bytes = b"") -> tuple[IncomingCall, EndReport]:
    """One call, hung up by the caller after `held_ms`; what was reported of it."""
    with scripted_router(site.router.port, lambda query: said or decided()):
        place_calls(site.pbx, [TrunkCall(CALLER, LINE, key=key)], held_ms=held_ms)
    return the_report(site)


def the_report(site: Site) -> tuple[IncomingCall, EndReport]:
    site.watcher.wait(lambda: bool(site.reports()))
    (report,) = site.reports()
    return report


@pytest.mark.parametrize("site", ["plain_site", "oldest_site", "freepbx_site"], indirect=True)
def test_abandoned_in_the_queue(site: Site) -> None:
    call, report = the_call(site, held_ms=1500)
    seen = site.watcher.call_from(CALLER)
    assert (call.caller_number, call.called_number, call.channel) == (CALLER, LINE, seen.channel)
    assert call.uniqueid == call.linkedid == seen.events[0]["Uniqueid"]
    assert (report.abandoned, report.member, report.dial_status) == (True, "", "")
    assert (report.caller_class, report.branch, report.queue) == ("customer-order", "incident", "sales")
    assert (report.head_start_s, report.promised_wait_s) == (300, 40)
    assert report.owed and not report.asked and report.direction == "in"
    assert report.waits_since_s == int(seen.variables["ROUTER_WAITS_SINCE"]) >= report.rang_at_s > 0


@ALSO_ON_16
def test_answered_by_an_agent(site: Site) -> None:
    with site.staffed("talks-first"):
        _, report = the_call(site, held_ms=4000)
    assert (report.member, report.abandoned) == ("Local/talks-first@test-agent/n", False)
    assert report.queue_status == ""
    seen = site.watcher.call_from(CALLER)
    at_s = {event["Event"]: float(event["Timestamp"]) for event in seen.events}
    assert abs(report.waited_s - (at_s["AgentConnect"] - at_s["QueueCallerJoin"])) <= 1.5, "in whole seconds"
    assert report.answered_s > 0 and abs(report.answered_s - (at_s["Hangup"] - at_s["AgentConnect"])) <= 1.5


@ALSO_ON_16
def test_the_caller_is_sent_on_by_the_agent(site: Site) -> None:
    with site.staffed("passes-77"):
        call, report = the_call(site, held_ms=5000)
    assert site.watcher.call_from(CALLER).reached("test-house", "77")
    assert (report.member, report.dial_status) == ("Local/passes-77@test-agent/n", "ANSWER")
    assert report.dialled.startswith("Local/talks-second@test-agent")
    assert call.caller_number == CALLER


def test_asked_by_key_to_be_called_back(site: Site) -> None:
    _, report = the_call(site, held_ms=KEYED_HELD_MS, key="9")
    seen = site.watcher.call_from(CALLER)
    assert (report.asked, report.abandoned, report.member) == (True, False, "")
    assert report.waits_since_s == int(seen.variables["ROUTER_WAITS_SINCE"])


def test_nobody_there(site: Site) -> None:
    with site.staffed():
        _, report = the_call(site, held_ms=1500)
    assert (report.queue_status, report.member) == ("JOINEMPTY", "")


@ALSO_ON_16
def test_without_the_router_the_call_is_reported_by_the_number_as_shown(site: Site) -> None:
    place_calls(site.pbx, [TrunkCall(CALLER, LINE)], held_ms=1000)
    call, report = the_report(site)
    assert (call.caller_number, call.called_number) == (CALLER, LINE)
    assert (report.branch, report.queue, report.caller_class) == ("default", "reception", "")


def test_a_caller_who_hangs_up_before_the_answer_is_reported_too(site: Site) -> None:
    with scripted_router(site.router.port, lambda query: b"", then_silent=True):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": CALLER})
        site.watcher.wait(lambda: any(call.ran("AGI") for call in site.watcher.asked()))
        site.pbx.cli("channel request hangup all")
        call, _ = the_report(site)
    assert (call.caller_number, call.called_number) == (CALLER, LINE)


def test_a_lost_directory_costs_an_error_in_the_log_and_no_call(site: Site) -> None:
    directory = site.spool
    directory.rename(directory.with_name("elsewhere"))
    try:
        place_calls(site.pbx, [TrunkCall(CALLER, LINE)], held_ms=500)
        site.watcher.wait(lambda: "func_env.c: Unable to open" in site.pbx.log)
        site.watcher.wait(lambda: not site.pbx.channels)
    finally:
        directory.with_name("elsewhere").rename(directory)


def test_a_frozen_daemon_holds_no_channel_that_is_over(site: Site, tmp_path: Path) -> None:
    """An AGI step of the handler would: nothing limits AGI on a channel that is over."""
    site.router.start()
    site.router.freeze()
    try:
        place_calls(site.pbx, [TrunkCall(f"+42125550{at:03d}", LINE) for at in range(10)], held_ms=600)
        site.watcher.wait(lambda: not site.pbx.channels)
        assert len(site.reports()) == 10
    finally:
        site.router.thaw()
        site.router.stop()


def test_a_daemon_on_another_host_is_told_over_the_network(testbed: Path, live_redis: RedisServer) -> None:
    queries: list[Query]
    with running_site("plain", testbed, live_redis.unix_url, host="0.0.0.0") as site:
        with scripted_router(site.router.port, lambda query: decided()) as queries:
            place_calls(site.pbx, [TrunkCall(CALLER, LINE)], held_ms=500)
            site.watcher.wait(lambda: len(queries) == 2)
        assert (queries[1]["num"], queries[1]["uid"]) == (CALLER, queries[0]["uid"])
        assert read(queries[1]["end"]).queue == "sales"
        assert site.reports() == []
        place_calls(site.pbx, [TrunkCall(CALLER, LINE)], held_ms=500)
        site.watcher.wait(lambda: len(site.reports()) == 1)
