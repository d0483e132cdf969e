"""The journal as a file: frames written, the end torn off, bytes spoilt, read on from where a reader stood."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asterisk_router.wire.journal_frame import HEAD_BYTES, MARK, Frame, frame, scan


class AnyJournal(RuleBasedStateMachine):
    """Believed beside it: which payload each number has, and where each frame that was not spoilt stands."""

    def __init__(self) -> None:
        super().__init__()
        self.file = bytearray()
        self.written: list[bytes] = []
        self.begins: list[int] = []
        self.spoilt: set[int] = set()

    @rule(payload=st.binary(max_size=60) | st.sampled_from((MARK, MARK * 3, MARK + b"\0\0\0\0\0\0", b"")))
    def a_frame_is_written(self, payload: bytes) -> None:
        self.begins.append(len(self.file))
        self.file += frame(payload, len(self.written))
        self.written.append(payload)

    @precondition(lambda self: self.file)
    @rule(at=st.integers(0, 10_000), byte=st.integers(0, 255))
    def a_byte_is_spoilt(self, at: int, byte: int) -> None:
        at %= len(self.file)
        if self.file[at] != byte:
            self.file[at] = byte
            self.spoilt.add(max(number for number, begin in enumerate(self.begins) if begin <= at))

    @precondition(lambda self: self.file)
    @rule(count=st.integers(1, 30))
    def the_end_is_torn_off(self, count: int) -> None:
        """As by a power cut; the writer then begins a new file, so nothing follows here."""
        torn = bytes(self.file[: max(0, len(self.file) - count)])
        whole = [number for number, begin in enumerate(self.begins) if self._end(number) <= len(torn)]
        found = scan(torn)
        assert found.end <= len(torn)
        assert self._sound(found.frames) >= set(whole) - self.spoilt

    @rule(most=st.integers(1, 4))
    def it_is_read_on(self, most: int) -> None:
        """In portions, each from where the one before stood: the same as in one go."""
        rest, number, frames = bytes(self.file), 0, []
        while True:
            found = scan(rest, number, most)
            frames += [(each.payload, each.lost) for each in found.frames]
            if not found.frames:
                break
            rest, number = rest[found.end :], found.number
        assert frames == [(each.payload, each.lost) for each in scan(bytes(self.file)).frames]

    def _end(self, number: int) -> int:
        return self.begins[number] + HEAD_BYTES + len(self.written[number])

    def _sound(self, frames: list[Frame]) -> set[int]:
        """The numbers of what was read: each where it was written, as it was written, and what is missing counted."""
        ends = {self._end(number): number for number in range(len(self.written))}
        read: list[int] = []
        for each in frames:
            number = ends[each.end]
            assert each.payload == self.written[number]
            assert each.lost == number - (read[-1] + 1 if read else 0)
            read.append(number)
        return set(read)

    @invariant()
    def whatever_was_not_spoilt_is_read(self) -> None:
        found = scan(bytes(self.file))
        assert self._sound(found.frames) >= set(range(len(self.written))) - self.spoilt
        if not self.spoilt:
            assert (found.end, found.number) == (len(self.file), len(self.written))
