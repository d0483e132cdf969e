"""Callers on their way to the daemon: as they were sent, or refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.errors import CallerRecordError
from asterisk_router.wire import caller_pieces
from asterisk_router.wire.caller_pieces import END, HEAD, pieces, read_piece

numbers = st.lists(st.from_regex(r"\+[0-9]{6,15}", fullmatch=True), min_size=1, max_size=3).map(tuple)
tags = st.lists(st.tuples(st.sampled_from(("vip", "supplier")), st.text(max_size=9)), max_size=2)
callers = st.tuples(numbers, st.text(max_size=40), tags, st.integers(0, 2**40)).map(
    lambda each: Caller(each[0], each[1], tuple(Tag(*tag) for tag in each[2]), each[3])
)


@given(st.lists(callers, max_size=9))
def test_callers_come_as_they_were_sent(sent: list[Caller]) -> None:
    came = []
    for count, piece in pieces(sent):
        assert HEAD.unpack(piece[: HEAD.size]) == (len(piece) - HEAD.size,)
        read = read_piece(piece[HEAD.size :])
        assert len(read) == count
        came += read
    assert came == sent


def test_no_piece_is_longer_than_may_be_and_a_caller_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_pieces, "MOST_BYTES", 200)
    some = [Caller((f"+1202555{place:04}",), "x" * 40) for place in range(9)]
    made = list(pieces(some))
    assert all(len(piece) <= 200 + HEAD.size for _, piece in made) and len(made) > 2
    assert [caller for _, piece in made for caller in read_piece(piece[HEAD.size :])] == some
    with pytest.raises(CallerRecordError, match="too long"):
        list(pieces([Caller(("+12025550100",), "x" * 300)]))


def test_the_end_is_a_piece_of_nothing() -> None:
    assert HEAD.unpack(END) == (0,)


@given(st.binary(max_size=200))
def test_any_bytes_are_callers_or_refused(body: bytes) -> None:
    with suppress(CallerRecordError):
        assert all(isinstance(caller, Caller) for caller in read_piece(body))
