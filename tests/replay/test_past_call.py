"""Records of a log become calls in the order in which they rang."""

from __future__ import annotations

from asterisk_router.replay.past_call import UNKNOWN, LoggedCall, by_queue, in_time_order


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


def test_what_was_decided_anew_after_a_choice_is_what_was_decided() -> None:
    first = record(1, 10, "unknown", "1.1")._replace(caller_class="vip", branch="menu", head_start_s=0)
    anew = first._replace(line=2, choice="8", caller_class="complaint", branch="complaints", head_start_s=60)
    for told in ([first, anew], [anew._replace(at_s=10), first]):
        (call,) = in_time_order(told)
        assert (call.choice, call.caller_class, call.branch, call.head_start_s) == ("8", "complaint", "complaints", 60)


def test_a_call_of_two_queues_is_one_of_each() -> None:
    sales = record(1, 10, "missed", "1.1", 20)._replace(queue="sales")
    support = record(2, 31, "answered", "1.1", 5)._replace(queue="support", talk_s=60, agent="ben")
    assert list(by_queue([sales, support, sales._replace(line=3, wait_s=21)])) == [
        sales._replace(wait_s=21), support,
    ]  # fmt: skip


def test_calls_of_a_long_log_are_told_as_it_is_read() -> None:
    told = by_queue(record(line, line * 3600, "missed", f"{line}.1") for line in range(100))
    assert next(told).line == 0 and len(list(told)) == 99


def test_who_talked_was_answered_where_no_outcome_is_told() -> None:
    assert [record(1, 10)._replace(talk_s=talk_s).answered for talk_s in (UNKNOWN, 0, 9)] == [None, False, True]
    assert record(1, 10, "missed")._replace(talk_s=9).answered is False
