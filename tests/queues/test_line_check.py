"""What counts as a difference between a snapshot and the state kept from events."""

from __future__ import annotations

import pytest

from asterisk_router.queues.events import LineListed, QueueListed
from asterisk_router.queues.line_check import differing
from tests.queues.lines import agent, caller, line, queue

SALES = queue("sales", (agent("anna"), agent("boris")), (caller("c1"), caller("c2")))
SUPPORT = queue("support", (agent("anna"),))


def test_the_same_is_no_difference_and_averages_are_not_looked_at() -> None:
    kept = line(SALES, SUPPORT)
    assert differing(kept.queues, LineListed((SUPPORT, SALES._replace(holdtime_s=40, completed=9)))) == []


@pytest.mark.parametrize(
    "other",
    [
        queue("sales", SALES.members, (SALES.waiting[0],)),
        queue("sales", SALES.members, SALES.waiting[::-1]),
        queue("sales", SALES.members, (*SALES.waiting, caller("c3"))),
        queue("sales", SALES.members[:1], SALES.waiting),
        queue("sales", (agent("anna", status=2), agent("boris")), SALES.waiting),
        queue("sales", (agent("anna", paused=True), agent("boris")), SALES.waiting),
        queue("sales", (agent("anna", penalty=5), agent("boris")), SALES.waiting),
    ],
    ids=["one gone", "another order", "one more", "no Boris", "in use", "paused", "penalty"],
)
def test_callers_their_order_and_what_can_be_rung_count(other: QueueListed) -> None:
    assert differing(line(SALES, SUPPORT).queues, LineListed((other, SUPPORT))) == ["sales"]


def test_a_queue_that_is_gone_or_new_differs() -> None:
    assert differing(line(SALES).queues, LineListed((SUPPORT,))) == ["sales", "support"]
