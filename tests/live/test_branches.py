"""Every branch of the dialplan, whatever the policy: where it ends, and a person at key 0."""

from __future__ import annotations

import re
import time

import pytest

from asterisk_router.admin.pbx.dialplan import BRANCHES, WRITTEN_OUT
from tests.live.scripted_router import Query, scripted_router, set_variables
from tests.live.site import GUARD_MS, Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

NAMES = [*(branch.name for branch in BRANCHES), *WRITTEN_OUT]
NUMBERS = {f"+421255501{at:02d}": name for at, name in enumerate(NAMES)}
ENDS_IN = {**{branch.name: branch.queue for branch in BRANCHES}, "complaint": "complaint", "default": "reception"}
UNGREETED = {"account-manager", "incident", "reception"}


@pytest.fixture
def site(plain_site: Site) -> Site:
    """The plain site with nothing seen yet."""
    plain_site.watcher.forget()
    return plain_site


def by_number(query: Query) -> bytes:
    """Send each caller number to its own branch, a choice to the branch of that name."""
    return set_variables(
        ROUTER_BRANCH=query.get("choice") or NUMBERS[query["num"]],
        ROUTER_GREETING="beep",
        ROUTER_MENU="no-such-file",
        ROUTER_HEAD_START="60",
        ROUTER_NUMBER=query["num"],
        ROUTER_SCREEN_NAME="Novák (VIP): Anna)",
    )


def test_each_branch_ends_in_its_queue(each_site: Site) -> None:
    with scripted_router(each_site.router.port, by_number):
        place_calls(each_site.pbx, [TrunkCall(number) for number in NUMBERS], held_ms=2000)
    for number, name in NUMBERS.items():
        call = each_site.watcher.call_from(number)
        assert call.branches == [name]
        assert each_site.queues_joined(number) == ([each_site.queue(ENDS_IN[name])] if name in ENDS_IN else [])
        if name in ENDS_IN:
            since_s = int(call.variables["ROUTER_WAITS_SINCE"])
            assert call.variables["QUEUE_PRIO"] == str(60 - (since_s - 1767225600))
        ungreeted = name in UNGREETED or (name == "default" and each_site.kind == "freepbx")
        keys = "router-decoy-keys" if name == "decoy" else "router-keys"
        assert (f"beep,m,,{keys}" in call.ran("BackGround")) is not ungreeted
        assert call.ran("Set").count("CALLERID(name)=Novák (VIP): Anna)") == 1
        assert bool(call.ran("MixMonitor")) is (name == "complaint")


def test_key_0_reaches_a_person_in_every_branch(each_site: Site) -> None:
    with scripted_router(each_site.router.port, by_number):
        place_calls(each_site.pbx, [TrunkCall(number, key="0") for number in NUMBERS])
    for number, name in NUMBERS.items():
        call = each_site.watcher.call_from(number)
        assert call.branches == [name]
        assert call.reached("router-person"), name
        assert each_site.queues_joined(number)[-1:] == [each_site.queue("reception")], name


def test_asterisk_reads_the_templates_without_complaint(each_site: Site) -> None:
    started = each_site.pbx.log.partition("Asterisk Ready.")[0]
    complaint = re.compile(r"(WARNING|ERROR).* (pbx|pbx_config|app_queue)\.c: (?!.* of extensions\.conf)")
    assert [line for line in started.splitlines() if complaint.search(line)] == []


def test_a_branch_of_the_site_s_own(each_site: Site) -> None:
    with scripted_router(each_site.router.port, lambda query: set_variables(ROUTER_BRANCH="lounge")):
        place_calls(each_site.pbx, [TrunkCall("+42125550100")], held_ms=800)
    call = each_site.watcher.call_from("+42125550100")
    assert call.branches == ["lounge"]
    assert call.reached("router-person")


def test_language_skill_window_and_queue_are_the_router_s_choice(site: Site) -> None:
    chosen = {"ROUTER_LANGUAGE": "sk", "ROUTER_MIN_PENALTY": "0", "ROUTER_MAX_PENALTY": "5", "ROUTER_RECORD": "1"}
    queues = {"+42125550101": "incident", "+42125550102": "no-such-queue", "+42125550103": ""}

    def said(query: Query) -> bytes:
        return set_variables(ROUTER_BRANCH="support", ROUTER_QUEUE=queues[query["num"]], **chosen)

    with scripted_router(site.router.port, said):
        place_calls(site.pbx, [TrunkCall(number) for number in queues], held_ms=800)
    assert [site.queues_joined(number) for number in queues] == [["incident"], ["support"], ["support"]]
    call = site.watcher.call_from("+42125550101")
    assert "CHANNEL(language)=sk" in "".join(call.ran("ExecIf"))
    assert "QUEUE_MIN_PENALTY" not in call.variables
    assert call.variables["QUEUE_MAX_PENALTY"] == "5"
    assert call.ran("MixMonitor") == [f"router-{call.events[0]['Uniqueid']}.wav,b"]


def test_the_wait_to_expect_is_told_once_in_minutes(site: Site) -> None:
    said = set_variables(ROUTER_BRANCH="incident", ROUTER_EXPECTED_WAIT="150")
    with scripted_router(site.router.port, lambda query: said):
        place_calls(site.pbx, [TrunkCall("+42125550100", key="0")])
    call = site.watcher.call_from("+42125550100")
    assert set(call.ran("BackGround")) == {"queue-holdtime&queue-less-than&digits/3&queue-minutes,m,,router-keys"}
    minutes = [step.partition("=")[2] for step in call.ran("Set") if step.startswith("ROUTER_MINUTES")]
    assert minutes == ["3", "0"], "not again in the queue one changes to"
    assert site.queues_joined("+42125550100") == ["reception"]


def test_key_8_asks_the_router_again_with_the_choice(site: Site) -> None:
    with scripted_router(site.router.port, by_number) as queries:
        place_calls(site.pbx, [TrunkCall("+42125550100", key="8")])
    assert site.watcher.call_from("+42125550100").branches == ["sales", "complaint"]
    first, again = queries
    assert (first.get("choice"), again.get("choice")) == (None, "complaint")
    assert {**first, "choice": ""} == {**again, "choice": ""}


def test_a_choice_is_kept_when_the_router_is_gone_by_then(site: Site) -> None:
    def once(query: Query) -> bytes:
        return b"" if "choice" in query else by_number(query)

    with scripted_router(site.router.port, once):
        place_calls(site.pbx, [TrunkCall("+42125550100", key="8")])
    assert site.watcher.call_from("+42125550100").branches == ["sales", "complaint"]


def test_key_9_asks_for_a_call_back_and_the_caller_is_told(site: Site) -> None:
    with scripted_router(site.router.port, by_number):
        place_calls(site.pbx, [TrunkCall("+42125550100", key="9")])
    call = site.watcher.call_from("+42125550100")
    site.watcher.wait(lambda: site.watcher.call_from("+42125550100").reached("router-ended"))
    assert call.variables["ROUTER_ASKED"] == "1"
    assert any("vm-nobodyavail" in said for said in call.ran("BackGround"))


def test_the_caller_s_words_reach_the_router_as_they_came(site: Site) -> None:
    number, name = "+42125550100", "Novák & syn, s.r.o. (a=b?)"
    with scripted_router(site.router.port, lambda query: set_variables(ROUTER_BRANCH="sales")) as queries:
        place_calls(site.pbx, [TrunkCall(number, caller_name=name, called_number="0255550000")], held_ms=300)
    (query,) = queries
    call = site.watcher.call_from(number)
    assert (query["num"], query["did"], query["name"]) == (number, "0255550000", name)
    assert (query["trunk"], query["chan"], query["lang"]) == ("trunk", call.channel, "en")
    assert query["pres"].startswith("allowed")
    assert query["uid"] == query["lid"] == call.events[0]["Uniqueid"]


def test_a_limit_on_the_call_is_put_back_after_asking(site: Site) -> None:
    with scripted_router(site.router.port, lambda query: set_variables(ROUTER_BRANCH="sales")):
        site.watcher.originate("Local/s@test-caller/n", "test-limited", "s", {"CALLERID(num)": "+42125550100"})
        site.watcher.wait(lambda: any(call.branches for call in site.watcher.asked()))
    (call,) = site.watcher.asked()
    site.hang_up()
    limits = [float(step.partition("=")[2]) for step in call.ran("Set") if step.startswith("TIMEOUT(absolute)")]
    assert limits[:2] == [60, GUARD_MS / 1000]
    assert 50 < limits[2] <= 60, "what is left of it, after a moment"


def test_callers_stand_in_the_queue_by_waiting_plus_head_start(site: Site) -> None:
    def enter(name: str, head_start_s: int) -> None:
        variables = {"ROUTER_HEAD_START": str(head_start_s), "CALLERID(name)": name, "CALLERID(num)": "+42125550100"}
        site.watcher.originate("Local/s@test-caller/n", "router-queue", "sales", variables)

    def order() -> list[str]:
        entries = site.watcher.waiting_in("sales")
        return [entry["CallerIDName"] for entry in entries]

    began = time.time()
    enter("first", 0)
    enter("ahead", 3)
    enter("behind", -60)
    site.watcher.wait(lambda: len(order()) == 3)
    assert order() == ["ahead", "first", "behind"]
    while time.time() < began + 6:  # six seconds of waiting are worth more than a head start of two
        time.sleep(0.1)
    enter("late", 2)
    enter("very valuable", 600)
    site.watcher.wait(lambda: len(order()) == 5)
    assert order() == ["very valuable", "ahead", "first", "late", "behind"]
    site.hang_up()
