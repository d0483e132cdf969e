"""Who is answered next: by rank, over queues that share their agents too, and nobody waits without bound."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import pytest

from tests.live.ami import SeenCall
from tests.live.doors import asked_by
from tests.live.scripted_router import Query, scripted_router, set_variables
from tests.live.site import Site
from tests.live.undisturbed import undisturbed

pytestmark = [pytest.mark.live, pytest.mark.patient]

LINE = "+42120550000"
LONG_MS = 3000
"""Of the guard: the order is asked here, not the time."""
CLASSES = {
    "incident": (14400, "support"), "inspector": (3600, "sales"), "vip": (900, "sales"), "contract": (780, "support"),
    "complaint": (600, "support"), "partner": (480, "sales"), "customer-order": (360, "sales"),
    "customer-question": (300, "support"), "prospect-again": (240, "sales"), "prospect-new": (60, "sales"),
    "problem": (0, "support"), "staff-family": (-60, "support"),
}  # fmt: skip
"""Class -> head start in seconds and queue; the order of the ranks, for nobody waits a minute here."""

ENTRY = ("prospect-new", "staff-family", "vip", "complaint", "problem", "incident", "customer-order", "contract",
         "prospect-again", "inspector", "customer-question", "partner")  # fmt: skip
"""The order in which they come in, which is none."""

NUMBERS = {f"+421255501{at:02d}": name for at, name in enumerate(ENTRY)}


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """The plain site, or the one a test names, with nothing seen yet and nobody left waiting."""
    site: Site = request.getfixturevalue(getattr(request, "param", "plain_site"))
    with asked_by(site, "fastagi", guard_ms=LONG_MS):
        yield site
        site.hang_up()


def by_class(query: Query) -> bytes:
    name = NUMBERS[query["num"]]
    head_start_s, queue = CLASSES[name]
    return set_variables(
        ROUTER_CLASS=name,
        ROUTER_BRANCH="incident",  # no greeting: straight to the queue
        ROUTER_QUEUE=queue,
        ROUTER_HEAD_START=str(head_start_s),
        ROUTER_NUMBER=query["num"],
    )


def enter(site: Site, number: str) -> None:
    site.watcher.originate("Local/s@test-caller/n", "router-in", LINE, {"CALLERID(num)": number})


def everybody_waits(site: Site) -> None:
    with scripted_router(site.router.port, by_class):
        for number in NUMBERS:
            enter(site, number)
        site.watcher.wait(lambda: len(joined(site)) == len(NUMBERS))


def joined(site: Site) -> list[SeenCall]:
    return [call for call in site.watcher.asked() if event_of(call, "QueueCallerJoin")]


def event_of(call: SeenCall, kind: str) -> dict[str, str]:
    return next((event for event in call.events if event["Event"] == kind), {})


def answered(site: Site) -> list[SeenCall]:
    """Those who reached an agent, in the order in which they did."""
    reached = [(float(event["Timestamp"]), call) for call in joined(site) if (event := event_of(call, "AgentConnect"))]
    return [call for _, call in sorted(reached, key=lambda pair: pair[0])]


def classes(calls: list[SeenCall]) -> list[str]:
    return [call.variables["ROUTER_CLASS"] for call in calls]


def order_of_answers(site: Site) -> list[str]:
    """The classes of all twelve in the order in which the one agent takes them up: by rank in each queue at least.

    Over both, an Asterisk without a core may see a queue without its next caller while the last one leaves it.
    """
    site.hang_up()
    site.watcher.forget()
    site.pbx.cli("queue pause member Local/quick-anna@test-agent/n")
    everybody_waits(site)
    for queue in ("sales", "support"):
        waiting = [entry["CallerIDNum"] for entry in site.watcher.waiting_in(queue)]
        assert [NUMBERS[number] for number in waiting] == of(queue, CLASSES)
    site.pbx.cli("queue unpause member Local/quick-anna@test-agent/n")
    site.watcher.wait(lambda: len(answered(site)) == len(NUMBERS))
    order = classes(answered(site))
    for queue in ("sales", "support"):
        assert of(queue, order) == of(queue, CLASSES)
    return order


def of(queue: str, names: Iterable[str]) -> list[str]:
    """Those of the classes that wait in the queue."""
    return [name for name in names if CLASSES[name][1] == queue]


def test_twelve_callers_in_two_queues_are_answered_by_rank(site: Site) -> None:
    """Over both queues: `force_longest_waiting_caller = prio`, as queues_router.conf says."""
    with site.staffed("quick-anna", queues=("sales", "support"), paused=True):
        undisturbed(lambda: order_of_answers(site), lambda order: order == list(CLASSES))


@pytest.mark.parametrize("site", ["oldest_site"], indirect=True)
def test_on_asterisk_16_the_rank_orders_each_queue_and_not_both(site: Site) -> None:
    with site.staffed("quick-anna", queues=("sales", "support"), paused=True):
        print(f"Asterisk 16, two queues, one agent: {order_of_answers(site)}")


@pytest.mark.parametrize("site", ["oldest_site"], indirect=True)
def test_on_asterisk_16_a_new_priority_leaves_the_caller_in_place(site: Site) -> None:
    with site.staffed("quick-anna", queues=("sales", "support"), paused=True):
        everybody_waits(site)
        before = site.watcher.waiting_in("sales")
        last = before[-1]
        site.watcher.act(
            Action="QueueChangePriorityCaller", Queue="sales", Caller=last["Channel"], Priority="1", Immediate="yes"
        )
        site.watcher.wait(lambda: site.watcher.waiting_in("sales")[-1]["Priority"] == "1")
        assert [row["Channel"] for row in site.watcher.waiting_in("sales")] == [row["Channel"] for row in before]


def test_a_low_class_is_answered_within_its_bound_under_a_steady_stream_of_higher_ones(site: Site) -> None:
    """Head starts 4 s apart: whoever comes 5 s later comes too late to be answered before, however many come."""
    apart_s = 4
    low = "+42125550199"

    def said(query: Query) -> bytes:
        head_start = "0" if query["num"] == low else str(apart_s)
        return set_variables(ROUTER_BRANCH="incident", ROUTER_QUEUE="sales", ROUTER_HEAD_START=head_start)

    with site.staffed("quick-anna"), scripted_router(site.router.port, said):
        began = time.monotonic()
        for at in range(40):
            enter(site, low if at == 4 else f"+421255502{at:02d}")
            done = answered(site)
            if any(call.caller_number == low for call in done):
                break
            time.sleep(max(0.0, began + (at + 1) * 0.5 - time.monotonic()))
        site.watcher.wait(lambda: any(call.caller_number == low for call in answered(site)))
        entered_s = {call.caller_number: int(call.variables["ROUTER_WAITS_SINCE"]) for call in joined(site)}
        order = [call.caller_number for call in answered(site)]
        before = order[: order.index(low)]
        still_waiting = set(entered_s) - set(order)
    assert still_waiting, "there was always somebody of the higher class waiting"
    assert all(entered_s[number] <= entered_s[low] + apart_s for number in before)
    assert any(entered_s[number] > entered_s[low] for number in before), "their head start did count"
