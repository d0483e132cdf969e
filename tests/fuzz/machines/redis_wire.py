"""One connection to Redis: look-ups and lists, replies in pieces, late or never, garbage, and the end of it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asterisk_router.errors import StoreError
from asterisk_router.store.connection.resp_wire import SILENCE_S, LateReplyError, Reply, RespWire

BUDGET_S = 0.02
ROUNDING_S = 1e-6
"""At the very moment their time is up either is right."""

SELDOM = st.integers(0, 15)
"""What ends a connection happens at 0 only, so that conversations have a middle."""


class _SteadyLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands until the machine moves it."""

    now_s = 1000.0

    def time(self) -> float:
        return self.now_s


class AnyRedisWire(RuleBasedStateMachine):
    """Believed beside it: who asked what, in order; each must be told once, their own reply or that it is late."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = _SteadyLoop()
        ours, self.theirs = socket.socketpair()
        made = self.loop.create_connection(lambda: RespWire(BUDGET_S), sock=ours)
        self.wire: RespWire = self.loop.run_until_complete(made)[1]
        self.asked: list[tuple[float, list[bytes]]] = []
        self.told: list[list[Reply]] = []
        self.due = b""
        self.garbage = False

    def _turn(self) -> None:
        for _ in range(6):
            self.loop.run_until_complete(asyncio.sleep(0))

    def _asks(self, payloads: list[bytes], alone: bool) -> None:
        replies: list[Reply] = []
        self.told.append(replies)
        if alone:
            self.wire.get(b"key", replies.append)
        else:
            self.wire.send(b"*1\r\n$4\r\nPING\r\n" * len(payloads), len(payloads), replies.append)
        if not self.wire.gone.is_set():
            self.due += b"".join(
                b"+OK\r\n" if each == b"OK" else b"$%d\r\n%b\r\n" % (len(each), each) for each in payloads
            )
        self.asked.append((self.loop.now_s, payloads))
        self._turn()

    @rule(payload=st.binary(max_size=30))
    def a_call_asks(self, payload: bytes) -> None:
        self._asks([payload], alone=True)

    @rule(payloads=st.lists(st.just(b"OK") | st.binary(max_size=9), min_size=1, max_size=5))
    def a_list_is_sent(self, payloads: list[bytes]) -> None:
        self._asks(payloads, alone=False)

    @precondition(lambda self: self.due)
    @rule(size=st.integers(1, 60))
    def a_piece_of_the_replies_arrives(self, size: int) -> None:
        piece, self.due = self.due[:size], self.due[size:]
        self._arrives(piece)

    @rule(s=st.sampled_from((0.0001, 0.0001, 0.001, 0.001, BUDGET_S / 2, BUDGET_S * 1.5, SILENCE_S * 2)))
    def time_passes(self, s: float) -> None:
        self.loop.now_s += s
        self._turn()

    @rule(
        seldom=SELDOM,
        garbage=st.sampled_from((b"HTTP/1.1 400\r\n", b"\0\0", b"$9999999999999999999\r\n", b"+OK\r\n", b"*-2\r\n")),
    )
    def something_else_arrives(self, seldom: int, garbage: bytes) -> None:
        if not seldom:
            self.garbage = True
            self._arrives(garbage)

    @rule(seldom=SELDOM)
    def the_server_goes(self, seldom: int) -> None:
        if not seldom:
            self.theirs.close()
            self._turn()

    def _arrives(self, data: bytes) -> None:
        with suppress(OSError):
            self.theirs.sendall(data)
        self._turn()

    @invariant()
    def everybody_is_told_once_and_their_own(self) -> None:
        for (at_s, payloads), told in zip(self.asked, self.told, strict=True):
            assert len(told) <= 1
            if not told:
                assert not self.wire.gone.is_set(), "lost, and somebody still waits"
                assert self.loop.now_s - at_s <= BUDGET_S + ROUNDING_S, "their time is up"
                continue
            late = self.loop.now_s - at_s > BUDGET_S - ROUNDING_S
            reply = told[0]
            if isinstance(reply, StoreError):
                assert late or self.wire.gone.is_set() or not isinstance(reply, LateReplyError)
            elif not self.garbage:
                assert reply == (payloads if isinstance(reply, list) else payloads[0])

    def teardown(self) -> None:
        self.theirs.close()
        self._turn()
        assert self.wire.gone.is_set()
        self.everybody_is_told_once_and_their_own()
        self.loop.close()
