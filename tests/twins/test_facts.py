"""Reading facts into buckets and labels: the compiled kernel and its plain twin, one body for both."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router._native import kernel, plain_facts
from asterisk_router._native.plain_facts import (
    ANSWERED,
    AT,
    CALL_AT,
    CALL_OUTCOME,
    CALLS,
    MISSED,
    MISSED_SINCE_ANSWER,
    TAG_EXPIRES,
    TAG_NAME,
    TAG_TRUST,
    TRUTH,
    VALUE,
    Slot,
)
from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.numbering.number import Number
from asterisk_router.policy.situation import Line, Situation
from asterisk_router.wire.incoming_call import IncomingCall

TWINS = [plain_facts, kernel("facts")]
NOW_S = 1_780_000_000.5
IDENTIFIED = Situation._fields.index("identified")
CALLER = Situation._fields.index("caller")
HIGH = (CALLER, Caller._fields.index("value"))
LOW = (CALLER, Caller._fields.index("orders"))
RECENT = (CALLER, Caller._fields.index("history"), History._fields.index("recent"))


@pytest.fixture(params=TWINS, ids=lambda module: module.__name__.rpartition(".")[2])
def facts(request: pytest.FixtureRequest) -> ModuleType:
    """One of the twins."""
    module: ModuleType = request.param
    return module


class Same(dict[Any, Any]):
    """The bucket of a value is the value."""

    def __missing__(self, value: Any) -> Any:
        return value


def situation(caller: Caller, identified: bool = True) -> Situation:
    """A call of `caller`."""
    number = Number("e164", "+12025550100")
    return Situation(IncomingCall(), number, caller, NOW_S, 1, not identified, Line(), identified)


def one(facts: ModuleType, slot: Slot, of: Situation) -> Any:
    """What the slot reads."""
    return facts.Facts([slot]).buckets(of, [])[0]


def test_positions_are_those_of_the_records() -> None:
    assert (Tag._fields[TAG_NAME], Tag._fields[TAG_TRUST], Tag._fields[TAG_EXPIRES]) == (
        "name", "trust", "expires_at_s",
    )  # fmt: skip
    assert Situation._fields[AT] == "at_s"
    assert (PastCall._fields[CALL_AT], PastCall._fields[CALL_OUTCOME]) == ("at_s", "outcome")


def test_a_field_is_read_by_its_path_behind_its_gate(facts: ModuleType) -> None:
    slot = Slot(None, (HIGH,), IDENTIFIED, VALUE, 0, Same())
    assert one(facts, slot, situation(Caller(value=7))) == 7
    assert one(facts, slot, situation(Caller(value=7), identified=False)) is None
    assert one(facts, slot._replace(gate=-1), situation(Caller(value=7), identified=False)) == 7


def test_of_several_paths_the_first_counts_that_leads_to_something(facts: ModuleType) -> None:
    slot = Slot(None, (HIGH, LOW), -1, VALUE, 0, Same())
    assert one(facts, slot, situation(Caller(value=7, orders=2))) == 7
    assert one(facts, slot, situation(Caller(orders=2))) == 2
    assert one(facts, slot, situation(Caller())) == 0
    truth = slot._replace(makes=TRUTH)
    assert [one(facts, truth, situation(caller)) for caller in (Caller(orders=2), Caller())] == [True, False]


def test_more_paths_than_a_slot_can_hold_are_refused(facts: ModuleType) -> None:
    for paths in ((HIGH,) * 4, ((1, 2, 3, 4),)):
        with pytest.raises(ValueError, match="at most 3 paths"):
            facts.Facts([Slot(None, paths, -1, VALUE, 0, Same())])


def test_what_no_path_says_is_asked_of_the_reader(facts: ModuleType) -> None:
    slot = Slot(lambda of: of.caller.name + "!", (), -1, VALUE, 0, Same())
    assert one(facts, slot, situation(Caller(name="Ann"))) == "Ann!"


def test_slots_follow_what_is_there_already_in_their_order(facts: ModuleType) -> None:
    slots = [Slot(None, (HIGH,), -1, VALUE, 0, {5: 1, 6: 2}), Slot(None, ((AT,),), -1, VALUE, 0, Same())]
    assert facts.Facts(slots).buckets(situation(Caller(value=6)), [0, 9]) == [0, 9, 2, NOW_S]


def test_a_path_that_leads_nowhere_raises(facts: ModuleType) -> None:
    with pytest.raises((TypeError, IndexError)):
        one(facts, Slot(None, ((CALLER, 99),), -1, VALUE, 0, Same()), situation(Caller()))


PAST = st.builds(PastCall, st.integers(0, 10_000), st.sampled_from(["answered", "missed", "unknown"]))


@given(calls=st.lists(PAST, max_size=16), window_s=st.integers(0, 12_000))
def test_calls_within_a_window_are_counted_by_their_ends(calls: list[PastCall], window_s: int) -> None:
    calls = sorted(call._replace(at_s=int(NOW_S) - call.at_s) for call in calls)
    of = situation(Caller(history=History(recent=tuple(calls))))
    within = [call.outcome for call in calls if not window_s or call.at_s >= NOW_S - window_s]
    since = within[len(within) - within[::-1].index("answered") :] if "answered" in within else within
    expected = {
        CALLS: len(within),
        ANSWERED: None if "unknown" in within else within.count("answered"),
        MISSED: None if "unknown" in within else within.count("missed"),
        MISSED_SINCE_ANSWER: None if "unknown" in since else len(since),
    }
    for twin in TWINS:
        slot = Slot(None, (RECENT,), IDENTIFIED, CALLS, window_s, Same())
        assert {makes: one(twin, slot._replace(makes=makes), of) for makes in expected} == expected


TAGS = st.builds(
    Tag,
    name=st.sampled_from(["vip", "partner", "other"]),
    trust=st.integers(0, 4),
    expires_at_s=st.sampled_from([0, int(NOW_S) - 1, int(NOW_S), int(NOW_S) + 1]),
)


@given(tags=st.lists(TAGS, max_size=5).map(tuple), trust=st.integers(0, 4))
def test_tags_that_count_give_their_labels(tags: tuple[Tag, ...], trust: int) -> None:
    known = {"vip": 3, "partner": 1}
    expected = [
        known[tag.name]
        for tag in tags
        if tag.name in known and tag.trust <= trust and (tag.expires_at_s == 0 or tag.expires_at_s > NOW_S)
    ]
    assert [twin.labels_of(tags, known, NOW_S, trust) for twin in TWINS] == [expected, expected]
