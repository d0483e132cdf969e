"""The chain of acts: whole as written, and broken by every way of changing it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import ActRecordError
from asterisk_router.wire.act_record import (
    FIRST,
    OUTCOMES,
    ActNote,
    Fault,
    chained,
    decode,
    decode_note,
    encode,
    encode_note,
    first_fault,
)

notes = st.builds(
    ActNote,
    st.floats(0, 4e9),
    *[st.text()] * 6,
    outcome=st.sampled_from(OUTCOMES),
    id=st.text(),
)


def chain(*given: ActNote) -> list[bytes]:
    lines, previous = [], FIRST
    for number, note in enumerate(given, 1):
        record = chained(number, note, previous)
        lines.append(encode(record))
        previous = record.hash
    return lines


def note(act: str) -> ActNote:
    return ActNote(1.5, "eva", "admin", "uid 0", act)


@given(notes)
def test_what_is_written_is_read(written: ActNote) -> None:
    (line,) = chain(written)
    assert b"\n" not in line and decode(line).note == written
    assert decode_note(encode_note(written)) == written


@given(st.lists(notes, max_size=5))
def test_a_chain_as_written_holds(written: list[ActNote]) -> None:
    assert first_fault(chain(*written)) is None


FOUR = tuple(map(note, ("tag add", "tag remove", "caller forget", "tag add")))


@pytest.mark.parametrize("place", range(4))
def test_a_changed_record_is_named(place: int) -> None:
    lines = chain(*FOUR)
    lines[place] = lines[place].replace(b'"eva"', b'"eve"')
    assert first_fault(lines) == Fault(place + 1, "was changed after it was written")


@pytest.mark.parametrize("place", range(3))
def test_a_record_changed_with_its_hash_breaks_the_next_one(place: int) -> None:
    lines = chain(*FOUR)
    kept = decode(lines[place])
    lines[place] = encode(chained(kept.number, kept.note._replace(who="eve"), kept.previous))
    assert first_fault(lines) == Fault(place + 2, "does not follow from the record before it")


@pytest.mark.parametrize("place", range(3))
def test_a_record_taken_out_is_missed(place: int) -> None:
    lines = chain(*FOUR)
    del lines[place]
    fault = first_fault(lines)
    assert fault is not None and fault.number == place + 1


def test_records_cannot_change_places_nor_be_respelled() -> None:
    lines = chain(*FOUR)
    assert first_fault([lines[1], lines[0], *lines[2:]]) is not None
    spaced = json.dumps(json.loads(lines[2])).encode()
    assert first_fault([*lines[:2], spaced, lines[3]]) == Fault(3, "was changed after it was written")


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"7", b'{"number":1}', b"\xff", b"[" * 100_000])
def test_what_is_no_record_is_said_to_be_none(line: bytes) -> None:
    for read in (decode, decode_note):
        with pytest.raises(ActRecordError):
            read(line)
    assert first_fault([line]) is not None
