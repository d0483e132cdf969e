"""Two people, in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.approval import Approval, approved, asked, same_person
from asterisk_router.errors import NotAllowedError

EVA = asked("eva", 1000.0, for_s=100.0)
people = st.sampled_from(["eva", "Eva", " eva", "bob", "carl", "", " "])


def test_another_person_approves_in_time() -> None:
    both = approved(EVA, "bob", 1099.0)
    assert (both.approved_by, both.approved_at_s, both.counts) == ("bob", 1099.0, True)
    assert EVA.state(1099.0) == "asked" and both.state(9e9) == "approved"
    assert approved(both, "carl", 9e9) == both


@pytest.mark.parametrize(
    ("by", "now_s", "why"),
    [
        ("eva", 1000.0, "asked for it"),
        ("EVA ", 1000.0, "asked for it"),
        ("", 1000.0, "nobody"),
        ("bob", 1100.0, "in time"),
        ("bob", 999.0, "later than now"),
    ],
)
def test_nobody_else_does(by: str, now_s: float, why: str) -> None:
    with pytest.raises(NotAllowedError, match=why):
        approved(EVA, by, now_s)


def test_what_nobody_approved_ends() -> None:
    assert EVA.state(1100.0) == "expired"


def test_nobody_asks_for_nothing() -> None:
    with pytest.raises(NotAllowedError):
        asked(" ", 0.0)


@given(st.builds(Approval, people, *[st.floats(0, 10)] * 2, people, st.floats(0, 10)))
def test_what_counts_has_two_people_whatever_a_store_holds(approval: Approval) -> None:
    if approval.counts:
        assert approval.asked_by.strip() and approval.approved_by.strip()
        assert not same_person(approval.asked_by, approval.approved_by)
        assert approval.approved_at_s < approval.ask_ends_at_s


@given(st.lists(st.tuples(people, st.floats(900, 1200)), max_size=6))
def test_no_row_of_attempts_by_one_person_makes_it_count(attempts: list[tuple[str, float]]) -> None:
    approval = EVA
    for by, now_s in attempts:
        try:
            approval = approved(approval, by, now_s)
        except NotAllowedError:
            continue
        assert approval.approved_by in ("bob", "carl")
    assert not approval.counts or same_person(approval.asked_by, "eva")
