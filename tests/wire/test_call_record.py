"""Records of calls: whole there and back, readable by the release before and the one after, strict about noise."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.registered_call import BeganCall, EndedCall, Gap
from asterisk_router.errors import CallRecordError
from asterisk_router.wire.call_record import VERSION, day, decode, encode, happened_at_s, member

BEGAN = BeganCall("berlin-1795413703.12", "berlin-1795413703.10", 1795413703.25, "+12025550100", "+12025550150")
ENDED = EndedCall("berlin-1795413703.12", "", 1795413703.25, 1795413763.5, "+12025550100", "+12025550150")

VALUES = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    int: st.integers(-(1 << 63), (1 << 64) - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
}


def like(record: BeganCall | EndedCall | Gap) -> st.SearchStrategy[Any]:
    """Records of the same kind with anything in their fields."""
    return st.tuples(*(VALUES[type(field)] for field in record)).map(type(record)._make)


began, ended, gaps = like(BEGAN), like(ENDED), like(Gap(1, 0.0, 0.0))


@given(began | ended | gaps)
def test_a_record_comes_back_whole(record: BeganCall | EndedCall | Gap) -> None:
    assert decode(encode(record)) == record
    assert type(decode(encode(record))) is type(record)


def test_what_a_newer_release_appended_is_read_as_far_as_known() -> None:
    fields = msgpack.unpackb(encode(BEGAN))
    assert decode(msgpack.packb([*fields, "new", {"and": "newer"}])) == BEGAN


def test_what_an_older_release_left_out_is_the_default() -> None:
    assert decode(msgpack.packb([VERSION, 1, *BEGAN[:5]])) == BEGAN
    whole = ENDED._replace(outcome="answered", talked_s=5.0)
    assert decode(msgpack.packb([VERSION, 2, *whole[:8]])) == ENDED._replace(outcome="answered")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", "no record"),
        (b"\xc1", "no record"),
        (msgpack.packb("text"), "begins with a version"),
        (msgpack.packb([VERSION]), "begins with a version"),
        (msgpack.packb([VERSION, 1, "only one"]), "fields are not those of a BeganCall"),
        (msgpack.packb([VERSION, 1, *BEGAN._replace(line=7)]), "fields are not those of a BeganCall"),
        (msgpack.packb([VERSION, 9, 1]), "another release .version 1, kind 9"),
        (msgpack.packb([VERSION, [], 1]), "another release"),
        (msgpack.packb([VERSION + 1, 1, *BEGAN]), "another release .version 2"),
    ],
)
def test_what_is_no_record_is_said(written: bytes, said: str) -> None:
    with pytest.raises(CallRecordError, match=said):
        decode(written)


@given(st.binary(max_size=60))
def test_noise_raises_nothing_else(noise: bytes) -> None:
    with suppress(CallRecordError):
        decode(noise)


def test_what_no_record_can_hold_is_refused() -> None:
    with pytest.raises(CallRecordError, match="berlin-1795413703.12"):
        encode(BEGAN._replace(head_start_s=1 << 70))
    with pytest.raises(CallRecordError):
        encode(BEGAN._replace(line="\ud800"))


def test_each_choice_of_a_call_has_a_name_of_its_own() -> None:
    began = BeganCall("u1", "", 1.0, "", "")
    assert len({member(began), member(began._replace(choice="complaint")), member(began._replace(choice="0"))}) == 3


def test_beginning_and_end_have_names_of_their_own_and_one_day() -> None:
    assert (member(BEGAN), member(ENDED)) == ("b:berlin-1795413703.12", "e:berlin-1795413703.12")
    assert member(Gap(2, 1.0, 2.0, "why")) != member(Gap(2, 1.0, 3.0, "why"))
    over_midnight = ENDED._replace(began_at_s=86_399.5, ended_at_s=86_401.0)
    assert day(over_midnight) == day(BEGAN._replace(at_s=86_399.5)) == 0
    assert (day(BEGAN._replace(at_s=86_400.0)), day(Gap(1, 0.0, 86_400.0))) == (1, 1)
    assert (happened_at_s(BEGAN), happened_at_s(ENDED), happened_at_s(Gap(1, 2.0, 3.0))) == (BEGAN.at_s, ENDED[3], 3.0)
