"""Frames of the journal: whatever is cut off or damaged, the rest is read, and what is missing is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.wire.journal_frame import HEAD_BYTES, MARK, PAYLOAD_MAX, frame, scan

payloads = st.lists(st.binary(max_size=60), max_size=12)


def journal(written: list[bytes], first: int = 0) -> bytes:
    return b"".join(frame(payload, first + number) for number, payload in enumerate(written))


def read(data: bytes, first: int = 0) -> list[bytes]:
    return [found.payload for found in scan(data, first).frames]


@given(payloads, st.integers(0, 0xFFFFFFFF))
def test_what_was_written_is_read(written: list[bytes], first: int) -> None:
    data = journal(written, first)
    found = scan(data, first)
    assert [found.payload for found in found.frames] == written
    assert [found.lost for found in found.frames] == [0] * len(written)
    assert (found.end, found.number) == (len(data), (first + len(written)) & 0xFFFFFFFF)


@given(payloads, st.data())
def test_a_torn_tail_ends_the_scan_before_it(written: list[bytes], data: st.DataObject) -> None:
    whole = journal(written)
    cut = data.draw(st.integers(0, len(whole)))
    found = scan(whole[:cut])
    kept = [payload for number, payload in enumerate(written) if len(journal(written[: number + 1])) <= cut]
    assert [found.payload for found in found.frames] == kept
    assert found.end == len(journal(kept)) <= cut
    assert all(found.lost == 0 for found in found.frames)


@given(st.lists(st.binary(max_size=60), min_size=3, max_size=12), st.data())
def test_a_damaged_stretch_is_skipped_and_what_was_in_it_counted(written: list[bytes], data: st.DataObject) -> None:
    whole = journal(written)
    begin = data.draw(st.integers(0, len(whole) - 1))
    garbage = data.draw(st.binary(min_size=1, max_size=80))
    end = min(begin + len(garbage), len(whole))
    damaged = whole[:begin] + garbage[: end - begin] + whole[end:]
    spans, at = [], 0
    for payload in written:
        spans.append((at, at + HEAD_BYTES + len(payload)))
        at = spans[-1][1]
    hit = {n for n, (a, b) in enumerate(spans) if a < end and begin < b and damaged[a:b] != whole[a:b]}
    found = scan(damaged)
    assert [found.payload for found in found.frames] == [p for n, p in enumerate(written) if n not in hit]
    last_whole = max((n for n in range(len(written)) if n not in hit), default=-1)
    assert sum(found.lost for found in found.frames) == len([n for n in hit if n < last_whole])


@given(st.binary(max_size=400))
def test_noise_is_no_journal_and_no_error(noise: bytes) -> None:
    assert scan(noise).end <= len(noise)


def test_a_stretch_cut_out_whole_is_missed() -> None:
    first, second, third = (frame(payload, number) for number, payload in enumerate((b"a", b"b", b"c")))
    assert [(found.payload, found.lost) for found in scan(first + third).frames] == [(b"a", 0), (b"c", 1)]
    assert second not in first + third


def test_a_mark_inside_a_payload_is_no_frame() -> None:
    payload = MARK + b"\x00\x01" + bytes(8) + b"x"
    assert read(journal([payload, b"after"])) == [payload, b"after"]
    assert read(journal([payload, b"after"])[1:], 0) == [b"after"]


def test_only_so_many_are_read_as_are_wanted() -> None:
    data = journal([b"a", b"b", b"c"])
    first = scan(data, most=2)
    assert [found.payload for found in first.frames] == [b"a", b"b"]
    assert read(data[first.end :], first.number) == [b"c"]


def test_the_longest_payload_and_one_byte_more() -> None:
    assert read(frame(bytes(PAYLOAD_MAX), 0)) == [bytes(PAYLOAD_MAX)]
    with pytest.raises(ValueError, match="too long"):
        frame(bytes(PAYLOAD_MAX + 1), 0)
