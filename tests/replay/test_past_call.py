"""Records of a log become calls in the order in which they rang."""

from __future__ import annotations

from asterisk_router.replay.past_call import UNKNOWN, LoggedCall, in_time_order


def record(line: int, at_s: int, outcome: str = "unknown", call_id: str = "", wait_s: int = UNKNOWN) -> LoggedCall:
    return LoggedCall(line, at_s, "+12025550100", "", outcome, wait_s, call_id=call_id)  # type: ignore[arg-type]


def test_calls_stand_in_the_order_in_which_they_rang() -> None:
    calls = in_time_order([record(1, 30), record(2, 10), record(3, 20), record(4, 10)])
    assert [call.line for call in calls] == [2, 4, 3, 1]


def test_records_of_one_call_are_one_call_answered_when_any_was() -> None:
    calls = in_time_order(
        [record(1, 10, "missed", "1.1", 20), record(2, 11, "answered", "1.1", 35), record(3, 12, "missed", "1.1", 5)]
    )
    assert calls == [record(1, 10, "answered", "1.1", 35)]


def test_a_record_of_somebody_else_is_a_call_of_its_own() -> None:
    other = record(2, 11, "missed", "1.1")._replace(caller="+12025550101")
    assert len(in_time_order([record(1, 10, "missed", "1.1"), other])) == 2


def test_records_without_an_id_are_a_call_each() -> None:
    assert len(in_time_order([record(1, 10), record(2, 10)])) == 2


def test_a_record_that_does_not_know_the_end_undoes_nothing() -> None:
    for outcomes in (("missed", "unknown"), ("unknown", "missed")):
        calls = in_time_order([record(n, n, outcome, "1.1") for n, outcome in enumerate(outcomes)])
        assert [call.outcome for call in calls] == ["missed"]
