"""What is left of a caller when fields are past their time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.callers.retention import DAY_S, Keep, left_of, parse_keep
from asterisk_router.errors import SettingsError

NOW_S = 2_000_000_000
OLD = NOW_S - 31 * DAY_S
PAST = History(2, OLD - 9, OLD, "anna", (PastCall(OLD),))
ANNA = Caller(("+12025550100",), history=PAST)
KEEP = Keep(history=30, evidence=30)


def test_a_caller_of_whom_only_old_calls_are_known_goes() -> None:
    assert left_of(ANNA, KEEP, NOW_S) == Caller.UNKNOWN
    assert left_of(ANNA, Keep(history=32), NOW_S) == ANNA == left_of(ANNA, Keep(), NOW_S)


@pytest.mark.parametrize(
    "known", [{"name": "Anna"}, {"value": 7}, {"tags": (Tag("vip"),)}, {"open_matters": ("deal",)}]
)
def test_of_who_is_known_otherwise_the_calls_go(known: dict[str, object]) -> None:
    caller = ANNA._replace(**known)  # type: ignore[arg-type]
    assert left_of(caller, KEEP, NOW_S) == caller._replace(history=History())


def test_tags_go_when_they_have_been_over_for_so_long() -> None:
    tags = tuple(Tag("t", evidence="x", expires_at_s=at_s) for at_s in (OLD, NOW_S - 29 * DAY_S, NOW_S + 9, 0))
    caller = ANNA._replace(name="Anna", tags=tags, history=History())
    assert left_of(caller, KEEP, NOW_S).tags == tags[1:]


def test_somebody_without_any_past_stays() -> None:
    """A number of which nothing is known yet was put there by somebody."""
    assert left_of(Caller(("+12025550100",)), KEEP, NOW_S).numbers


@given(st.integers(0, 60), st.integers(0, 60))
def test_done_twice_it_is_done(history: int, evidence: int) -> None:
    caller = ANNA._replace(tags=(Tag("t", expires_at_s=OLD), Tag("u")))
    once = left_of(caller, Keep(history=history, evidence=evidence), NOW_S)
    assert left_of(once, Keep(history=history, evidence=evidence), NOW_S) == once


@pytest.mark.parametrize(
    "text", ["numbers", "numbers=", "numbers=x", "numbers=-1", "number=3", "facts=99999", "facts=١"]
)
def test_what_says_no_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="FIELD=DAYS"):
        parse_keep([text])
