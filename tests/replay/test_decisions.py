"""Differences are counted by what changes, by class, hour and line, and parts add up to the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.replay.decisions import MOST_LINES, OTHERS, Counted, Moved, Side, Tally, side_then
from asterisk_router.replay.past_call import LoggedCall

OLD = Side("regular", "sales", 0)
VIP = Side("vip", "sales", 300)
NOBODY_KNOWS = Side()


def call(at_s: int = 1000, outcome: str = "answered", wait_s: int = -1) -> LoggedCall:
    return LoggedCall(1, at_s, "", outcome=outcome, wait_s=wait_s)  # type: ignore[arg-type]


def test_what_changes_is_counted() -> None:
    tally = Tally()
    assert tally.count(call(2000, "missed", 40), OLD, VIP, 9, "1")
    assert tally.count(call(1000, "answered", 20), OLD, VIP, 9, "2")
    assert not tally.count(call(3000), OLD, OLD, 14, "1")
    assert (tally.calls, tally.changed, tally.first_at_s, tally.last_at_s) == (3, 2, 1000, 3000)
    assert tally.moved("class") == [
        Moved("class", "regular", "vip", 2, 1, 30.0), Moved("class", "regular", "regular", 1, 0, None),
    ]  # fmt: skip
    assert tally.moved("branch") == [Moved("branch", "sales", "sales", 3, 1, 30.0)]
    assert [(move.before, move.after, move.calls) for move in tally.moved("head_start")] == [
        ("0s", "5m", 2), ("0s", "0s", 1),
    ]  # fmt: skip
    assert tally.counted("class") == [Counted("regular", 3, 2, 2, 0, 2)]
    assert tally.counted("hour") == [Counted("09", 2, 2, 2, 0, 2), Counted("14", 1, 0, 0, 0, 0)]
    assert tally.counted("line") == [Counted("1", 2, 1, 1, 0, 1), Counted("2", 1, 1, 1, 0, 1)]


def test_what_nobody_knows_does_not_change() -> None:
    tally = Tally()
    assert not tally.count(call(), NOBODY_KNOWS, VIP, 9, "1")
    assert tally.count(call(), Side("", "", 0), VIP, 9, "1")
    assert tally.counted("class") == [Counted("vip", 2, 1, 0, 0, 1)]


def test_lines_come_to_an_end() -> None:
    tally = Tally()
    for line in range(MOST_LINES + 7):
        tally.count(call(), OLD, OLD, 9, str(line))
    assert len(tally.counted("line")) == MOST_LINES + 1
    assert tally.counted("line")[0] == Counted(OTHERS, 7, 0, 0, 0, 0)


def test_what_was_decided_then_is_what_the_log_says() -> None:
    assert side_then(call()) == NOBODY_KNOWS
    assert side_then(call()._replace(caller_class="vip", branch="sales", head_start_s=300)) == VIP


sides = st.sampled_from([OLD, VIP, Side("vip", "support", 60)])
counted = st.tuples(st.builds(call, st.integers(1, 9000), st.sampled_from(["missed", "answered"]), st.integers(-1, 90)),
                    sides, sides, st.integers(0, 23), st.sampled_from("123"))  # fmt: skip


@given(st.lists(counted, max_size=20), st.integers(0, 20))
def test_two_parts_add_up_to_the_whole(calls: list[tuple[LoggedCall, Side, Side, int, str]], cut: int) -> None:
    whole, sum_ = Tally(), Tally()
    for each in calls:
        whole.count(*each)
    for part in (calls[:cut], calls[cut:]):
        tally = Tally()
        for each in part:
            tally.count(*each)
        sum_.add(tally.plain())
    assert (sum_.calls, sum_.changed) == (whole.calls, whole.changed)
    assert (sum_.first_at_s, sum_.last_at_s) == (whole.first_at_s, whole.last_at_s)
    assert [sum_.moved(what) for what in ("class", "branch", "head_start")] == [
        whole.moved(what) for what in ("class", "branch", "head_start")
    ]
    assert [sum_.counted(by) for by in ("class", "hour", "line")] == [
        whole.counted(by) for by in ("class", "hour", "line")
    ]
