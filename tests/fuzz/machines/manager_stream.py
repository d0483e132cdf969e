"""The manager interface in any pieces: honest blocks, text of callers inside them, blocks of theirs in between."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from asterisk_router.errors import AmiError, ForgedBlockError
from asterisk_router.wire.ami_events import KINDS, event_of
from asterisk_router.wire.ami_stream import Block, BlockReader
from tests.fuzz.hostile_texts import hostile_texts

TEXTS = tuple(hostile_texts())
KEYS = ("Privilege", "Queue", "Uniqueid", "Linkedid", "Channel", "CallerIDNum", "CallerIDName", "Position", "Count")
UNWANTED = ("Newchannel", "VarSet", "")
on_one_line = st.sampled_from([text for text in TEXTS if not set(b"\r\n") & set(text)])


class AnyManagerStream(RuleBasedStateMachine):
    """Believed beside it: the blocks Asterisk wrote, until somebody else wrote something that ends a line."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = BlockReader(KINDS)
        self.written = bytearray()
        self.fed = 0
        self.read: list[Block] = []
        self.honest: list[Block] = []
        self.forged = self.given_up = False

    @initialize(version=st.sampled_from((b"5.0.4", b"11.0.0", b"", b"\xff")))
    def it_greets(self, version: bytes) -> None:
        self.written += b"Asterisk Call Manager/" + version + b"\r\n"

    @rule(
        kind=st.sampled_from((*KINDS, *UNWANTED)),
        values=st.lists(on_one_line, min_size=len(KEYS), max_size=len(KEYS)),
        response=st.booleans(),
    )
    def a_block_is_written(self, kind: str, values: list[bytes], response: bool) -> None:
        """Every value is a caller's, but none ends the line it stands on."""
        head = ("Response", "Success") if response else ("Event", kind)
        fields = [(head[0], head[1].encode()), *zip(KEYS, values, strict=True)]
        self.written += b"".join(b"%s: %s\r\n" % (key.encode(), value) for key, value in fields) + b"\r\n"
        if response or kind in KINDS:
            said = {key: value.decode(errors="replace") for key, value in fields}
            self.honest.append(Block("" if response else kind, said))
        elif not self.forged:
            self.honest.append(Block("", {}, "an unknown event about a caller in a queue"))

    @rule(
        text=st.sampled_from(TEXTS),
        ends=st.sampled_from((b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\nEvent: AgentCalled\r\n")),
    )
    def a_caller_writes_whole_lines(self, text: bytes, ends: bytes) -> None:
        self.written += b"Event: QueueCallerJoin\r\nCallerIDNum: " + text + ends + text + b"\r\n\r\n"
        self.forged = True

    @precondition(lambda self: self.fed < len(self.written) and not self.given_up)
    @rule(size=st.integers(1, 400))
    def a_piece_arrives(self, size: int) -> None:
        piece = bytes(self.written[self.fed : self.fed + size])
        self.fed += len(piece)
        try:
            self.read += self.reader.feed(piece)
        except AmiError:
            assert self.forged, "an honest stream is given up"
            self.given_up = True

    def teardown(self) -> None:
        """The rest in one piece; then what was read is what was written, or is what it is in one piece."""
        self.a_piece_arrives(len(self.written)) if self.fed < len(self.written) and not self.given_up else None
        for block in self.read:
            if block.kind and not block.fault:
                with suppress(ForgedBlockError):
                    event_of(block.kind, block.fields)
        if self.given_up:
            return
        if not self.forged:
            assert self.read == self.honest
        assert self.read == BlockReader(KINDS).feed(bytes(self.written))
