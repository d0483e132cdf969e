"""Value by class, and who paid for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.replay.arrivals import StaffedCall
from asterisk_router.replay.economics import ClassEconomics, ValuedCall, by_class


def call(second: int, waited_s: float | None, name: str, *, handling_s: float = 60.0, value: float = 0.0) -> ValuedCall:
    """An answered call; with a handling time below 0 one that was given up."""
    return ValuedCall(StaffedCall(0, second, max(handling_s, 0.0), waited_s, handling_s >= 0), name, value)


def test_value_and_time_by_class() -> None:
    rows = by_class(
        [
            call(0, 5, "vip", value=100),
            call(10, 30, "vip", handling_s=-1, value=40),
            call(20, 0, "new", handling_s=90, value=7),
            call(30, 0, "new", handling_s=-1, value=1000),  # hung up at once: never asked for anybody
            call(40, None, "new", handling_s=-1, value=2),
        ]
    )
    new, vip = rows
    assert vip == ClassEconomics("vip", 2, 1, 35, 60, 100, 40)
    assert new == ClassEconomics("new", 2, 1, 0, 90, 7, 2)


def test_one_who_jumps_is_paid_for_by_all_who_are_overtaken() -> None:
    # one agent, free at 100, 160, 220: the vip who came last takes the first turn
    low, vip = by_class([call(10, 150, "low"), call(20, 200, "low"), call(30, 70, "vip")])
    assert (vip.jumps, vip.gained_s, vip.overtaken, vip.paid_s) == (1, 120, 0, 0)
    assert (low.jumps, low.gained_s, low.overtaken, low.paid_s) == (0, 0, 2, 120)


def test_in_the_order_of_coming_nobody_pays() -> None:
    (row,) = by_class([call(second, 100, "all") for second in (0, 0, 5, 7)] + [call(0, 90, "all")])
    assert (row.jumps, row.overtaken) == (0, 0)


def test_an_unknown_wait_takes_no_part() -> None:
    (row,) = by_class([call(0, None, "all"), call(5, 1, "all")])
    assert (row.calls, row.jumps, row.overtaken) == (2, 0, 0)


CALLS = st.lists(
    st.builds(
        call, st.integers(0, 500), st.integers(0, 400).map(float), st.sampled_from("abc"), value=st.integers(0, 99)
    )
)


@given(CALLS)
def test_what_all_gain_is_what_all_pay(calls: list[ValuedCall]) -> None:
    rows = by_class(calls)
    assert sum(row.gained_s for row in rows) == pytest.approx(sum(row.paid_s for row in rows))
    assert sum(row.calls for row in rows) == len(calls)
    assert sum(row.value_served for row in rows) == sum(valued.value for valued in calls)
    in_order = sorted(range(len(calls)), key=lambda at: calls[at].call.second)
    ends = [calls[at].call.second + (calls[at].call.waited_s or 0) for at in in_order]
    if all(earlier <= later for earlier, later in zip(ends, ends[1:], strict=False)):
        assert not any(row.jumps for row in rows)
