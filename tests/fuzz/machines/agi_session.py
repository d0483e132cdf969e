"""One AGI session: blocks in pieces, forged lines, hang-ups, ends and answers in any order."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from asterisk_router.wire.agi_session import HANGUP, AgiSession, AsteriskAtFaultError, RouterAtFaultError, read_call
from asterisk_router.wire.incoming_call import IncomingCall

BLOCKS = tuple(path.read_bytes() for path in sorted((Path(__file__).parents[2] / "recorded").glob("*.agi")))
REPORT = next(block for block in BLOCKS if b"route?" in block).replace(b"route?", b"ended?end=qs%3DTIMEOUT&")
WORDS = (b"x", b"\n", b"\n\n", b"\0", b"agi_callerid: 100\n", b"SET VARIABLE ROUTER_OK 1\n", HANGUP, b"200 result=1\n")


class AnyAgiSession(RuleBasedStateMachine):
    """Believed beside it: what arrived, whether the answer has left, and whether the end has come."""

    def __init__(self) -> None:
        super().__init__()
        self.session = AgiSession()
        self.arrived = b""
        self.call: IncomingCall | None = None
        self.answered = self.over = False
        self.due = b""

    @initialize(block=st.sampled_from((*BLOCKS, REPORT)))
    def rings(self, block: bytes) -> None:
        self.due = block

    @rule(size=st.integers(1, 900))
    def a_piece_of_the_block_arrives(self, size: int) -> None:
        piece, self.due = self.due[:size], self.due[size:]
        if piece:
            self._arrives(piece)

    @rule(word=st.sampled_from(WORDS) | st.binary(min_size=1, max_size=20))
    def something_else_arrives(self, word: bytes) -> None:
        self._arrives(word)

    @rule()
    def the_stream_ends(self) -> None:
        if self.over:
            return
        if self.session.state == "asking":
            self._refused(AsteriskAtFaultError, b"")
        else:
            assert self.session.receive(b"") is None
        self.over = True

    @rule()
    def the_answer_leaves(self) -> None:
        if self.session.state == "deciding":
            self.session.answered()
            self.answered = True
            return
        try:
            self.session.answered()
        except RouterAtFaultError:
            return
        raise AssertionError("answered without a question")

    def _arrives(self, data: bytes) -> None:
        if self.over:
            self._refused(RouterAtFaultError, data)
            return
        call = self.session.receive(data)
        if self.answered:
            assert call is None, "after the answer nothing is a call"
            return
        self.arrived += data
        self._believed(call)

    def _believed(self, call: IncomingCall | None) -> None:
        block, blank, rest = self.arrived.partition(b"\n\n")
        if blank and rest in (HANGUP, HANGUP * 2) and not (call and call.ended):
            assert call is None and self.session.state == "over", "nobody is there to be answered"
            self.over = True
            return
        at_once = read_call(block + blank if call and call.ended and not call.tainted else self.arrived)
        assert call == at_once, "in pieces it says something else than in one"
        if call is None:
            return
        assert blank or call.tainted, "a call out of half a block"
        assert not (self.call and self.call.tainted) or call.tainted, "tainted once, clean again"
        assert self.call is None or call.uniqueid == self.call.uniqueid or call.tainted
        self.call = call

    def _refused(self, error: type[Exception], data: bytes) -> None:
        try:
            self.session.receive(data)
        except error:
            return
        raise AssertionError(f"no {error.__name__}")

    @invariant()
    def it_stands_where_it_should(self) -> None:
        expected = (
            "over" if self.over else "draining" if self.answered else "asking" if self.call is None else "deciding"
        )
        assert self.session.state == expected
