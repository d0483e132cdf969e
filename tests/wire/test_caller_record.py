"""Caller records: what goes in comes out, whatever else comes in is refused by the one right error."""

from __future__ import annotations

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from asterisk_router.callers.caller import HISTORY_RECENT, Caller, History, PastCall, Tag
from asterisk_router.errors import CallerRecordError
from asterisk_router.wire.caller_record import (
    OUTCOMES,
    VERSION,
    VERSION_BY_HAND,
    decode,
    decode_tag,
    encode,
    encode_each,
    encode_tag,
)

NUMBER = "+12025550100"

texts = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
times = some.integers(0, 1 << 33)
approvals = some.one_of(some.just(("", "", 0, 0)), some.tuples(texts, texts.filter(bool), times.filter(bool), times))
tags = some.builds(
    lambda approval, *said: Tag(*said, *approval),
    approvals, texts, texts, texts, some.integers(0, 100), some.integers(0, 4), times, times,
)  # fmt: skip
past_calls = some.builds(PastCall, times, some.sampled_from(OUTCOMES), texts)
histories = some.builds(
    History, some.integers(0, 99999), times, times, texts, some.lists(past_calls, max_size=HISTORY_RECENT).map(tuple)
)
callers = some.builds(
    Caller,
    some.lists(texts.filter(bool), min_size=2, max_size=4).map(tuple) | some.just((NUMBER,)),
    texts,
    some.lists(tags, max_size=4).map(tuple),
    some.integers(-(1 << 63), (1 << 64) - 1),
    some.integers(0, 1 << 32),
    texts,
    texts,
    some.lists(texts, max_size=3).map(tuple),
    some.just(History()) | histories,
)
WHOLE = Caller(
    numbers=(NUMBER, "+442079460100"),
    name="Ann",
    tags=(Tag("vip", "mary", "contract 7", 80, 2, 1_780_000_000, 1_790_000_000), Tag("debtor")),
    value=1200,
    orders=3,
    language="sk",
    own_agent="anna",
    open_matters=("deal",),
    history=History(2, 1_780_000_000, 1_780_000_060, "anna", (PastCall(1_780_000_060, "missed", "+12025550150"),)),
)


def assert_whole(caller: Caller) -> None:
    """Every field has its type, all the way down: the policy may trust what decode returns."""
    for value, like in zip(caller, WHOLE, strict=True):
        assert type(value) is type(like)
    assert all(type(text) is str for text in caller.numbers + caller.open_matters)
    for tag in caller.tags:
        assert [type(value) for value in tag] == [type(value) for value in WHOLE.tags[0]]
        assert 0 <= tag.confidence <= 100 and 0 <= tag.trust <= 4
    assert [type(value) for value in caller.history] == [type(value) for value in WHOLE.history]
    assert len(caller.history.recent) <= HISTORY_RECENT
    for call in caller.history.recent:
        assert type(call.at_s) is int and call.outcome in OUTCOMES and type(call.line) is str


@given(callers)
@example(WHOLE)
@example(Caller(numbers=(NUMBER,)))
def test_a_record_gives_back_the_caller(caller: Caller) -> None:
    record = encode(caller)
    assert decode(record, caller.numbers[0]) == caller
    assert encode(decode(record, caller.numbers[0])) == record  # a compare-and-set relies on it
    assert_whole(decode(record, caller.numbers[0]))


@given(some.lists(callers, max_size=6))
@example([WHOLE, WHOLE, WHOLE._replace(tags=()), WHOLE])
def test_many_at_once_are_what_they_are_alone(several: list[Caller]) -> None:
    assert encode_each(several) == [encode(caller) for caller in several]


@given(callers, some.data())
def test_a_damaged_record_is_refused_or_still_a_whole_caller(caller: Caller, data: some.DataObject) -> None:
    record = bytearray(encode(caller))
    for _ in range(data.draw(some.integers(1, 3))):
        record[data.draw(some.integers(0, len(record) - 1))] = data.draw(some.integers(0, 255))
    del record[data.draw(some.integers(0, len(record))) :]
    try:
        damaged = decode(bytes(record), NUMBER)
    except CallerRecordError:
        return
    assert_whole(damaged)


@given(callers)
def test_a_record_cut_short_anywhere_is_refused(caller: Caller) -> None:
    record = encode(caller)
    for length in range(len(record)):
        with pytest.raises(CallerRecordError):
            decode(record[:length], NUMBER)


anything = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(1 << 63), (1 << 64) - 1)
    | some.floats()
    | some.text()
    | some.binary(),
    lambda inner: some.lists(inner, max_size=5) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=20,
)


@given(some.lists(anything, max_size=10).map(lambda fields: [VERSION, *fields]) | anything)
@example([VERSION, "", [[]]])
@example([VERSION, "", [""], 0, 0, "", "", [], [1, 5, 0, [1, 1, 1]]])
@example([VERSION, "", [], 0, 0, "", "", [], [1, 5, 0, ["x", 1], ["line"]]])
@example([VERSION, "", [], 0, 0, "", "", [], [1, 5, 0, [0.5, 0], ["line"]]])
@example([VERSION, "", [], 0, 0, "", "", [], [1, 5, 0, [0, -3], ["line"]]])
@example([VERSION, "", [], 0, 0, "", "", [], [1, 5, 0, [0, True], ["line"]]])
@example([VERSION, "", [], True])
def test_any_message_pack_is_refused_or_a_whole_caller(fields: object) -> None:
    try:
        caller = decode(msgpack.packb(fields), NUMBER)
    except CallerRecordError:
        return
    assert_whole(caller)


@given(some.binary(max_size=64))
@example(b"")
@example(b"\xc1")
@example(b"\x91" * 2000)
@example(b"\x82\x90\x01\x90\x02")
@example(b"\xd6\xff\x00\x00\x00\x00")
@example(b"\xdf\xff\xff\xff\xff")
def test_any_bytes_are_refused_or_a_whole_caller(record: bytes) -> None:
    try:
        caller = decode(record, NUMBER)
    except CallerRecordError:
        return
    assert_whole(caller)


@pytest.mark.parametrize(
    "history",
    [
        [1, 1 << 62, 0, [-(1 << 62), 0], ["line"]],
        [1, 0, 0, [1 << 60, 0], ["line"]],
        [1, 0, -(1 << 60)],
        [1 << 60, 0],
        [-1, 0],
    ],
)
def test_a_history_that_could_not_be_written_with_one_more_call_is_refused(history: list[object]) -> None:
    with pytest.raises(CallerRecordError):
        decode(msgpack.packb([VERSION, "", [], 0, 0, "", "", [], history]), NUMBER)


@pytest.mark.parametrize(
    "fields", [[VERSION_BY_HAND + 1], [VERSION_BY_HAND + 1, "", "other layout"], [VERSION, *[""] * 10]]
)
def test_a_record_of_a_newer_release_is_not_half_read(fields: list[object]) -> None:
    with pytest.raises(CallerRecordError, match="newer release") as refused:
        decode(msgpack.packb(fields), NUMBER)
    assert refused.value.where == NUMBER
    assert "upgrade" in refused.value.remedy


def test_a_tagged_caller_is_small() -> None:
    tag = Tag("supplier", "crm.csv", created_at_s=1_780_000_000)
    assert len(encode(Caller((NUMBER,), "Novak and Sons", (tag,), value=48_000, orders=12))) <= 44


@pytest.mark.parametrize("caller", [Caller(value=1 << 64), Caller(name="\ud800"), Caller(tags=(Tag("a", "\udcff"),))])
def test_what_no_record_can_hold_is_refused(caller: Caller) -> None:
    with pytest.raises(CallerRecordError):
        encode(caller)


@given(tags)
def test_a_tag_alone_comes_back(tag: Tag) -> None:
    assert decode_tag(encode_tag(tag)) == tag


def test_a_record_that_is_not_one_tag_is_refused() -> None:
    for record in (encode(Caller()), encode(WHOLE)):
        with pytest.raises(CallerRecordError):
            decode_tag(record)


def test_only_a_caller_with_a_tag_set_by_hand_needs_the_newer_layout() -> None:
    plain = Caller((NUMBER,), tags=(Tag("competitor", "ann", "ticket 7", created_at_s=5, expires_at_s=9),))
    approved = plain._replace(tags=(plain.tags[0]._replace(set_by="ann", approved_by="eva", approved_at_s=6),))
    assert msgpack.unpackb(encode(plain))[0] == VERSION
    assert msgpack.unpackb(encode(approved))[0] == VERSION_BY_HAND
    assert decode(encode(approved), NUMBER) == approved
    many = encode_each((approved, plain, approved))
    assert [decode(record, NUMBER) for record in many] == [approved, plain, approved]


def test_records_of_the_first_layout_read_as_ever() -> None:
    written = bytes.fromhex("9301a3416e6e97aa636f6d70657469746f7205a3616e6ea87469636b65742037090000")
    tag = Tag("competitor", "ann", "ticket 7", created_at_s=5, expires_at_s=9)
    assert decode(written, NUMBER) == Caller((NUMBER,), "Ann", (tag,))
