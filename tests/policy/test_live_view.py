"""What a policy makes of a live line: pressure with a memory, and the bar that holds now."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.policy.facts.table import PRESSURE_LEVELS
from asterisk_router.policy.live_view import MOST_LINES, LiveViews
from asterisk_router.policy.queue_rules import BarStep, QueueRules
from asterisk_router.queues.events import LineListed
from asterisk_router.queues.live_line import LiveLine
from tests.policy.live_lines import FREE, IN_USE, line_of, listed
from tests.policy.written_policy import AT_S, imagined, policy_of

RULES = {"sales": QueueRules("sales", "400", 0, 0, 40, 180, (BarStep(30, 500), BarStep(120, 3000)))}
CALM, BUSY, OVERLOADED = range(len(PRESSURE_LEVELS))


class Waits(LiveLine):
    """A line on which the wait is set by hand; each setting is a turn and a second later."""

    wait_s: int | None = None
    agents_free = 0
    estimated = 0
    now_s = AT_S

    def free(self, queue: str, at_s: float) -> int | None:
        return self.agents_free

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        self.estimated += 1
        return self.wait_s if queue == "400" else None

    def turn_to(self, wait_s: int | None) -> LiveLine:
        """The next turn."""
        self.turn, self.wait_s = self.turn + 1, wait_s
        self.now_s += 1
        self.good_until_s = self.now_s + 5
        return self


def test_pressure_rises_at_once_and_falls_late() -> None:
    line = Waits("house")
    view = LiveViews(RULES).of(line)
    seen = []
    for wait_s in (39, 40, 179, 21, 19, 500, 91, 89, None, 25):
        line.turn_to(wait_s)
        seen.append(view.pressure("sales", line.now_s))
    assert seen == [CALM, BUSY, BUSY, BUSY, CALM, OVERLOADED, OVERLOADED, BUSY, None, CALM]


def test_what_was_read_is_not_believed_past_its_time() -> None:
    line = Waits("house")
    view = LiveViews(RULES).of(line.turn_to(500))
    at_s = line.now_s
    assert (view.pressure("sales", at_s), view.least_value("sales", at_s)) == (OVERLOADED, 3000)
    assert (view.pressure("sales", at_s + 5.1), view.least_value("sales", at_s + 5.1)) == (None, None)
    assert view.expected_wait_s("sales", at_s + 5.1) is None


def test_an_estimate_holds_a_second_unless_somebody_becomes_free() -> None:
    line = Waits("house")
    view = LiveViews(RULES).of(line.turn_to(500))
    at_s = line.now_s
    assert view.expected_wait_s("sales", at_s) == 500
    line.wait_s, line.turn = 0, line.turn + 1
    assert view.expected_wait_s("sales", at_s + 0.9) == 500
    assert view.expected_wait_s("sales", at_s + 0.9, 60) == 0, "another head start is another question"
    assert (line.estimated, view.least_value("sales", at_s + 0.9)) == (2, 3000)
    line.agents_free, line.turn = 1, line.turn + 1
    assert view.expected_wait_s("sales", at_s + 0.9) == 0
    assert (view.pressure("sales", at_s + 0.9), view.least_value("sales", at_s + 0.9)) == (CALM, 0)
    line.agents_free, line.wait_s, line.turn = 0, 40, line.turn + 1
    assert view.pressure("sales", at_s + 0.9) == BUSY, "nor is the calm of a free agent who is no longer free"
    line.wait_s, line.turn = 500, line.turn + 1
    assert view.pressure("sales", at_s + 1.9) == OVERLOADED


def test_a_line_that_was_lost_is_met_as_a_new_one() -> None:
    line = Waits("house")
    view = LiveViews(RULES).of(line.turn_to(60))
    assert view.pressure("sales", line.now_s) == BUSY
    line.lost()
    assert view.pressure("sales", line.now_s) is None
    line.wait_s, line.good_until_s, line.turn = 25, line.now_s + 5, line.turn + 1
    assert view.pressure("sales", line.now_s) == CALM, "25 s would still be busy, had it not been lost"


def test_a_line_that_was_lost_and_found_between_two_looks_is_met_as_a_new_one() -> None:
    line = Waits("house")
    view = LiveViews(RULES).of(line.turn_to(500))
    assert view.pressure("sales", line.now_s) == OVERLOADED
    line.lost()
    line.turn_to(25).turn += 1
    line.now_s -= 0.9  # and before the estimate had run out
    assert view.pressure("sales", line.now_s) == CALM, "25 s would still be busy, had it not been lost"
    line.turn_to(40)
    assert view.pressure("sales", line.now_s) == BUSY
    line.turn_to(25)
    assert view.pressure("sales", line.now_s) == BUSY, "it has a memory again"


def test_each_line_has_its_own_gauges_and_few_are_kept() -> None:
    views = LiveViews(RULES)
    berlin, vienna = Waits("berlin"), Waits("vienna")
    assert views.of(berlin.turn_to(60)).pressure("sales", berlin.now_s) == BUSY
    assert views.of(vienna.turn_to(25)).pressure("sales", vienna.now_s) == CALM
    assert views.of(berlin) is views.of(berlin)
    kept = views.of(berlin)
    for n in range(MOST_LINES):
        views.of(Waits(str(n)))
    assert views.of(berlin) is not kept


def test_a_real_line_nobody_logged_in_is_overloaded_and_a_free_agent_calms(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, "")
    line = line_of({"anna": 5})
    assert policy.pressures(line, AT_S) == {"sales": "overloaded", "care": None}
    line.apply(LineListed((listed({"anna": FREE}),)), AT_S)
    assert policy.pressures(line, AT_S)["sales"] == "calm"
    line.apply(LineListed((listed({"anna": IN_USE}, waiting=9),)), AT_S)
    assert policy.pressures(line, AT_S)["sales"] == "overloaded"
    assert policy.pressures(line, AT_S + 6)["sales"] is None
    assert policy.pressures(LiveLine.UNKNOWN, AT_S) == {"sales": None, "care": None}


def test_a_reload_keeps_nothing_of_the_old_gauge(tmp_path: Path) -> None:
    line = Waits("house")
    old, new = policy_of(tmp_path, ""), policy_of(tmp_path, "")
    assert old.pressures(line.turn_to(60), line.now_s)["sales"] == "busy"
    assert old.pressures(line.turn_to(25), line.now_s)["sales"] == "busy"
    assert new.pressures(line, line.now_s)["sales"] == "calm"
    assert old.pressures(imagined(old, sales__pressure="overloaded"), AT_S)["sales"] == "overloaded"
    assert old.pressures(line, line.now_s)["sales"] == "busy", "what is imagined moves no gauge"
