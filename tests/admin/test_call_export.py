"""Decisions as rows: each joined with its end, none twice, none forgotten."""

from __future__ import annotations

from asterisk_router.admin.call_export import COLUMNS, DecisionRows
from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap

AT_S = 1_780_000_000.25
NUMBER = "+42125550100"
BEGAN = BeganCall(
    "b-1", "b-0", AT_S, NUMBER, "+42125550000", "vip", "sales", "sales", 300, 20, "very valuable", "shop-1", False, "",
    2, "classify very valuable shop.toml:9", 1.5, "value=12000",
)  # fmt: skip
ENDED = EndedCall("b-1", "b-0", AT_S, AT_S + 100, NUMBER, "+42125550000", "in", "answered", "talked", agent="anna")


def rows(*records, since_s: float = 0.0, until_s: float = 1e12, full: bool = False) -> list[dict]:
    made = DecisionRows(since_s, until_s, full)
    return [*made.of(records), *made.rest()]


def test_a_row_has_the_decision_and_the_end_under_the_ids_of_the_cdr() -> None:
    (row,) = rows(BEGAN, ENDED)
    assert tuple(row) == COLUMNS
    assert (row["uniqueid"], row["linkedid"], row["number"]) == ("b-1", "b-0", "+4212555****")
    assert (row["policy_version"], row["facts"], row["latency_ms"], row["degraded"], row["trust"]) == (
        "shop-1", "value=12000", 1.5, False, 2,
    )  # fmt: skip
    assert (row["began"], row["outcome"], row["agent"]) == ("2026-05-28T20:26:40.250+00:00", "answered", "anna")
    assert rows(BEGAN, ENDED, full=True)[0]["number"] == NUMBER


def test_every_decision_of_a_call_is_a_row() -> None:
    again = BEGAN._replace(choice="8", caller_class="complaint")
    found = rows(BEGAN, again, ENDED)
    assert [(row["choice"], row["caller_class"], row["outcome"]) for row in found] == [
        ("", "vip", "answered"), ("8", "complaint", "answered"),
    ]  # fmt: skip


def test_a_call_without_an_end_and_an_end_without_its_beginning_are_rows_too() -> None:
    lost = ENDED._replace(uniqueid="b-2", caller_class="vip")
    found = rows(BEGAN, lost, ENDED._replace(uniqueid="b-3", direction="out"))
    assert [(row["uniqueid"], row["caller_class"], row["outcome"], row["policy_version"]) for row in found] == [
        ("b-2", "vip", "answered", ""), ("b-1", "vip", "", "shop-1"),
    ]  # fmt: skip


def test_only_calls_that_began_in_the_time_asked_for() -> None:
    assert rows(BEGAN, ENDED, since_s=AT_S + 1) == []
    assert rows(BEGAN, ENDED, until_s=AT_S) == []
    assert len(rows(BEGAN, ENDED, since_s=AT_S, until_s=AT_S + 1)) == 1


def test_what_is_missing_is_counted_for_that_time() -> None:
    made = DecisionRows(AT_S, AT_S + 100, False)
    gaps = [Gap(3, AT_S + 1, AT_S + 2), Gap(0, 0.0, AT_S), Gap(7, AT_S + 100, AT_S + 200), Gap(9, 0.0, AT_S - 1)]
    assert list(made.of(gaps)) == []
    assert (made.gaps, made.missing, made.decisions) == (2, 3, 0)
