"""Both pumps side by side on real sockets: whatever Asterisks do and whenever, they tell the door and say the same."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from types import ModuleType

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from asterisk_router._native import kernel, plain_agi_pump
from asterisk_router.doors.listeners import listen_tcp
from asterisk_router.doors.shutter import Shutter
from asterisk_router.wire.incoming_call import IncomingCall
from tests.fuzz.machines.agi_session import BLOCKS, REPORT, WORDS

MOST = 4
PATIENCE = (3, 2, 3)
COUNTS = ("accepted", "crowded_out", "foreign", "unfinished", "hung_up", "undelivered")
ANSWER = b'SET VARIABLE ROUTER_OK "1"\n'
RESET = struct.pack("ii", 1, 0)


class _Side:
    """One of the twins, its door and the Asterisks that call it."""

    def __init__(self, twin: ModuleType, refusing: bool) -> None:
        self.listener = listen_tcp("127.0.0.1", 0)
        self.address = self.listener.getsockname()
        self.shutter = Shutter(MOST, lambda: 0.0)
        self.shutter.may_shut([self.listener] if refusing else [])
        self.pump = twin.Pump(self._asked, self._overdue, lambda address: True, self._crowded, MOST, PATIENCE)
        self.pump.listen(self.listener)
        self.clients: list[socket.socket] = []
        self.heard: list[bytes] = []
        self.tickets: list[int] = []
        self.told: list[tuple[int, IncomingCall | str]] = []
        self.at_once = False

    def _asked(self, ticket: int, call: IncomingCall) -> None:
        if ticket not in self.tickets:
            self.tickets.append(ticket)
        self.told.append((self.tickets.index(ticket), call))
        if self.at_once:
            self.answer(self.tickets.index(ticket))

    def _overdue(self, ticket: int) -> None:
        self.told.append((self.tickets.index(ticket), "overdue"))
        self.answer(self.tickets.index(ticket))

    def _crowded(self, listener: int) -> bool:
        return self.shutter.crowded(self.pump, listener)

    def answer(self, at: int) -> None:
        sent = self.pump.answer(self.tickets[at], ANSWER)
        self.told.append((at, "sent" if sent else "not sent"))

    def connect(self) -> None:
        client = socket.socket()
        refused = client.connect_ex(self.address)
        client.setblocking(False)
        self.clients.append(client)
        self.heard.append(b"(refused)(end)" if refused else b"")

    def listens(self) -> None:
        """Each Asterisk takes what has come; the end of it is written down as such."""
        for at, client in enumerate(self.clients):
            with suppress(BlockingIOError, OSError):
                while client.fileno() >= 0 and not self.heard[at].endswith(b"(end)"):
                    self.heard[at] += client.recv(4096) or b"(end)"

    def counts(self) -> tuple[int, ...]:
        return (self.pump.open(), self.shutter.times, *(getattr(self.pump, name) for name in COUNTS))

    def close(self) -> None:
        self.pump.deafen()
        self.pump.close()
        for each in (*self.clients, self.listener):
            each.close()


class AnyPump(RuleBasedStateMachine):
    """The plain twin is the model of the compiled one."""

    def __init__(self) -> None:
        super().__init__()
        self.sides: list[_Side] = []
        self.due: list[bytes] = []

    @initialize(refusing=st.booleans())
    def a_door_opens(self, refusing: bool) -> None:
        self.sides = [_Side(twin, refusing) for twin in (plain_agi_pump, kernel("agi_pump"))]

    @precondition(lambda self: len(self.due) < 12)
    @rule(block=st.sampled_from((*BLOCKS, REPORT)))
    def an_asterisk_connects(self, block: bytes) -> None:
        self.due.append(block)
        for side in self.sides:
            side.connect()
        self._turn()

    @precondition(lambda self: self.due)
    @rule(at=st.integers(0, 11), size=st.integers(1, 900))
    def a_piece_of_the_block_arrives(self, at: int, size: int) -> None:
        at %= len(self.due)
        piece, self.due[at] = self.due[at][:size], self.due[at][size:]
        self._says(at, piece)

    @precondition(lambda self: self.due)
    @rule(at=st.integers(0, 11), word=st.sampled_from((*WORDS, b"x" * 40_000)))
    def something_else_arrives(self, at: int, word: bytes) -> None:
        self._says(at % len(self.due), word)

    @precondition(lambda self: self.due)
    @rule(at=st.integers(0, 11), how=st.sampled_from(("half", "close", "reset")))
    def an_asterisk_goes(self, at: int, how: str) -> None:
        at %= len(self.due)
        for side in self.sides:
            with suppress(OSError):
                if how == "half":
                    side.clients[at].shutdown(socket.SHUT_WR)
                    continue
                if how == "reset":
                    side.clients[at].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                side.clients[at].close()
        self._turn()

    @rule(at_once=st.booleans())
    def the_door_decides_so(self, at_once: bool) -> None:
        for side in self.sides:
            side.at_once = at_once

    @precondition(lambda self: self.sides[0].tickets)
    @rule(at=st.integers(0, 40))
    def the_door_answers(self, at: int) -> None:
        for side in self.sides:
            side.answer(at % len(side.tickets))
        self._turn()

    @rule()
    def a_tick_passes(self) -> None:
        for side in self.sides:
            side.pump.tick()
        self._turn()

    def _says(self, at: int, data: bytes) -> None:
        for side in self.sides:
            with suppress(OSError):
                side.clients[at].sendall(data)
        self._turn()

    def _turn(self) -> None:
        for side in self.sides:
            for _ in range(3):
                side.pump.turn()
                side.shutter.look(side.pump)
            side.listens()

    @invariant()
    def both_do_the_same(self) -> None:
        plain, compiled = self.sides
        assert sorted(map(repr, compiled.told)) == sorted(map(repr, plain.told))
        assert compiled.counts() == plain.counts()
        assert compiled.heard == plain.heard

    @invariant()
    def nobody_is_answered_twice(self) -> None:
        for heard in self.sides[1].heard:
            assert heard in (b"", b"(end)", b"(refused)(end)", ANSWER, ANSWER + b"(end)")
        assert self.sides[1].pump.open() <= MOST

    def teardown(self) -> None:
        for _ in range(sum(PATIENCE) + 3):
            self.a_tick_passes()
        assert [side.pump.open() for side in self.sides] == [0, 0], "a connection that nothing ends"
        self.both_do_the_same()
        for side in self.sides:
            side.close()
