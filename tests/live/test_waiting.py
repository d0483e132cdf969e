"""What becomes of a caller while waiting: at the agent's desk, taken out of the queue, put aside after talking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live.ami import SeenCall
from tests.live.phone import telephone
from tests.live.scripted_router import scripted_router, set_variables
from tests.live.site import Site
from tests.live.trunk import KEYED_HELD_MS, TrunkCall, place_calls

pytestmark = pytest.mark.live

CALLER = "+42125550100"
LINE = "+42120550000"
MOBILE = "PJSIP/+421905550123@trunk"


ALSO_ON_16 = pytest.mark.parametrize("site", ["plain_site", "oldest_site"], indirect=True)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Asterisk 22, and 16 where a test asks for it, with nothing seen yet, and afterwards nobody on the line."""
    site: Site = request.getfixturevalue(getattr(request, "param", "plain_site"))
    site.forget_calls()
    yield site
    site.hang_up()


@contextmanager
def anna_talks(site: Site) -> Iterator[None]:
    """With the agent's desk telephone in use, and her mobile taken up by her."""
    with telephone(site.pbx.desk_port, "answers"), telephone(site.pbx.mobile_port, "accepts"):
        site.watcher.originate("PJSIP/anna", "test-caller", "s", {})
        site.watcher.wait(lambda: "In use" in site.pbx.cli("pjsip show endpoint anna"))
        site.watcher.forget()
        yield


def manager_of(wait_s: int) -> bytes:
    return set_variables(
        ROUTER_BRANCH="account-manager",
        ROUTER_AGENT="PJSIP/anna",
        ROUTER_AGENT_MOBILE=MOBILE,
        ROUTER_AGENT_WAIT=str(wait_s),
        ROUTER_NUMBER=CALLER,
        ROUTER_HEAD_START="60",
    )


def the_call(site: Site, said: bytes, held_ms: int, key: str = "") -> SeenCall:
    with scripted_router(site.router.port, lambda query: said):
        place_calls(site.pbx, [TrunkCall(CALLER, LINE, key=key)], held_ms=held_ms)
    return site.watcher.call_from(CALLER)


@ALSO_ON_16
def test_a_busy_desk_is_waited_for_and_then_the_mobile_rings(site: Site) -> None:
    with anna_talks(site):
        call = the_call(site, manager_of(wait_s=2), held_ms=5000)
    assert 2 <= len(call.ran("Read")) <= 3
    assert call.ran("Dial") == [f"{MOBILE},20,dtrU(router-accept)"]
    assert call.variables["DIALSTATUS"] == "ANSWER" and "BRIDGEPEER" in call.variables
    assert not call.reached("router-queue")


def test_a_desk_that_becomes_free_in_time_is_rung(site: Site) -> None:
    with anna_talks(site), scripted_router(site.router.port, lambda query: manager_of(wait_s=60)):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": CALLER})
        site.watcher.wait(lambda: bool(site.watcher.asked() and site.watcher.call_from(CALLER).ran("Read")))
        (talking,) = (
            row for row in site.pbx.cli("core show channels concise").splitlines() if row.startswith("PJSIP/anna")
        )
        site.pbx.cli(f"channel request hangup {talking.partition('!')[0]}")
        site.watcher.wait(lambda: site.watcher.call_from(CALLER).variables.get("DIALSTATUS") == "ANSWER")
        (dialled,) = site.watcher.call_from(CALLER).ran("Dial")
    assert dialled.startswith("PJSIP/anna,5")


def test_key_0_reaches_a_person_at_the_busy_desk(site: Site) -> None:
    with anna_talks(site):
        call = the_call(site, manager_of(wait_s=60), held_ms=KEYED_HELD_MS, key="0")
    assert call.reached("router-person") and not call.ran("Dial")
    assert site.queues_joined(CALLER) == ["reception"]


def test_the_time_at_the_desk_counts_in_the_queue(site: Site) -> None:
    with telephone(site.pbx.desk_port, "rings"), telephone(site.pbx.mobile_port, "busy"):
        call = the_call(site, manager_of(wait_s=2), held_ms=9000)
    assert call.ran("Dial")[0].startswith("PJSIP/anna,5,")
    since_s, joined_s = (int(call.variables[name]) for name in ("ROUTER_WAITS_SINCE", "ROUTER_JOINED"))
    assert joined_s - since_s >= 5
    assert call.variables["QUEUE_PRIO"] == str(60 - (since_s - 1767225600))
    assert call.variables["DIALSTATUS"] == "", "who only rang has not answered"


def waits(site: Site, presses: str = "s") -> SeenCall:
    """A caller waiting for sales."""
    said = set_variables(ROUTER_BRANCH="incident", ROUTER_QUEUE="sales", ROUTER_HEAD_START="60", ROUTER_NUMBER=CALLER)
    with scripted_router(site.router.port, lambda query: said):
        site.watcher.originate(f"Local/{presses}@test-caller/n", "router-in", LINE, {"CALLERID(num)": CALLER})
        site.watcher.wait(lambda: bool(site.watcher.waiting_in("sales")))
    return site.watcher.call_from(CALLER)


def withdraw(site: Site, call: SeenCall) -> None:
    site.watcher.act(Action="QueueWithdrawCaller", Queue="sales", Caller=call.channel, WithdrawInfo="call-back")
    site.watcher.wait(lambda: call.reached("router-offer"))


def test_taken_out_of_the_queue_one_may_stay_with_the_rank_kept(site: Site) -> None:
    with site.staffed("talks-anna", paused=True):
        call = waits(site)
        before = site.watcher.waiting_in("sales")[0]["Priority"]
        withdraw(site, call)
        site.watcher.wait(lambda: bool(site.watcher.waiting_in("sales")))
        assert site.watcher.waiting_in("sales")[0]["Priority"] == before
        assert not call.variables.get("ROUTER_ASKED")


@pytest.mark.parametrize("site", ["oldest_site"], indirect=True)
def test_taken_out_of_the_queue_one_may_take_the_call_back(site: Site) -> None:
    with site.staffed("talks-anna", paused=True):
        call = waits(site, presses="press1")
        withdraw(site, call)
        site.watcher.wait(lambda: bool(site.reports()))
    ((_, report),) = site.reports()
    assert report.asked and not report.member
    assert report.waits_since_s == int(call.variables["ROUTER_WAITS_SINCE"])


def test_a_talking_caller_put_aside_goes_back_with_the_rank_kept(site: Site) -> None:
    with site.staffed("talks-anna"):
        call = waits_and_talks(site)
        site.pbx.cli("queue pause member Local/talks-anna@test-agent/n")
        site.watcher.act(Action="Redirect", Channel=call.channel, Context="router-put-aside", Exten="s", Priority="1")
        site.watcher.wait(lambda: bool(site.watcher.waiting_in("sales")))
        since_s = int(call.variables["ROUTER_WAITS_SINCE"])
        assert site.watcher.waiting_in("sales")[0]["Priority"] == str(60 - (since_s - 1767225600))
        assert call.ran("Set").count(f"ROUTER_WAITS_SINCE={since_s}") <= 1


def waits_and_talks(site: Site) -> SeenCall:
    said = set_variables(ROUTER_BRANCH="incident", ROUTER_QUEUE="sales", ROUTER_HEAD_START="60", ROUTER_NUMBER=CALLER)
    with scripted_router(site.router.port, lambda query: said):
        site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": CALLER})
        site.watcher.wait(lambda: bool(site.watcher.asked() and connected(site.watcher.call_from(CALLER))))
    return site.watcher.call_from(CALLER)


def connected(call: SeenCall) -> bool:
    return any(event["Event"] == "AgentConnect" for event in call.events)
