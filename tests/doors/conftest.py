"""A FastAGI door on real sockets, and Asterisk's side of a call."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller
from asterisk_router.callers.number_ranges import NumberRanges
from asterisk_router.doors.fastagi import FastAgiDoor
from asterisk_router.doors.listeners import listen_tcp
from asterisk_router.numbering.number import Number
from asterisk_router.policy.decision import Decision
from asterisk_router.wire.incoming_call import IncomingCall


class EchoPolicy:
    """A policy small enough to see through: the branch tells how the call was understood."""

    def __init__(self) -> None:
        self.numbering = self
        self.broken = False

    def normalise(self, raw: str, presentation: str, trunk: str) -> Number:
        return Number("e164", raw, raw=raw) if raw.startswith("+") else Number("withheld", "", raw=raw)

    def trust_of(self, call: IncomingCall, number: Number) -> int:
        return 1

    def decide(self, call, number, caller, at_s, trust, degraded=False, live=None, claims=None, decoy=None) -> Decision:
        if self.broken:
            raise ZeroDivisionError("a fault of ours")
        branch = "tainted" if call.tainted else "known" if caller.numbers else "unknown"
        return Decision("echo", branch, number=number.key, screen_name=call.caller_name, degraded=degraded)


class SlowBook:
    """Holds every look-up until told, as a store that hangs does; with `prompt` it answers at once."""

    def __init__(self, prompt: bool = True) -> None:
        self.prompt = prompt
        self.held: list[tuple[str, Callable[[Caller, bool], None]]] = []

    def find(self, key: str, found: Callable[[Caller, bool], None]) -> None:
        if self.prompt:
            found(Caller(numbers=(key,)), False)
        else:
            self.held.append((key, found))

    def release(self) -> None:
        held, self.held = self.held, []
        for key, found in held:
            found(Caller(numbers=(key,)), False)


class Notebook:
    """A register that remembers what it was told, and can fail."""

    def __init__(self) -> None:
        self.decisions: list[tuple[str, str]] = []
        self.ends: list[IncomingCall] = []
        self.broken = False

    def decided(self, call: IncomingCall, decision: Decision | None, at_s: float) -> None:
        self.decisions.append((call.caller_number, decision.branch if decision else ""))
        if self.broken:
            raise ZeroDivisionError("a fault of the register")

    def ended(self, call: IncomingCall, at_s: float) -> None:
        self.ends.append(call)
        if self.broken:
            raise ZeroDivisionError("a fault of the register")


class Opened:
    """An open door with what the tests look at."""

    def __init__(
        self, door: FastAgiDoor, listener: socket.socket, book: SlowBook, policy: EchoPolicy, register: Notebook
    ) -> None:
        self.door, self.book, self.policy, self.register = door, book, policy, register
        self.listener = listener
        self.address = listener.getsockname()

    async def connect(self, source: str = "127.0.0.1") -> socket.socket:
        client = socket.socket()
        client.setblocking(False)
        client.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(client, self.address)
        return client

    async def call(self, *pieces: bytes, source: str = "127.0.0.1", pause_s: float = 0.0) -> bytes:
        """One call, its block sent in pieces; returns all that came until the end, as Asterisk would read it."""
        loop = asyncio.get_running_loop()
        client = await self.connect(source)
        try:
            for piece in pieces:
                await loop.sock_sendall(client, piece)
                await asyncio.sleep(pause_s)
            return await read_all(client)
        finally:
            client.close()


async def read_all(client: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    heard = b""
    try:
        while data := await asyncio.wait_for(loop.sock_recv(client, 65536), 5):
            heard += data
    except ConnectionResetError:
        heard += b"(reset)"
    return heard


def ring(address: tuple[str, int], block: bytes, count: int) -> list[socket.socket]:
    """So many calls while the loop stands still, as under calls that never end."""
    clients = []
    for _ in range(count):
        clients.append(socket.create_connection(address))
        clients[-1].sendall(block)
    return clients


def read_to_the_end(client: socket.socket) -> bytes:
    heard = b""
    with client, contextlib.suppress(ConnectionResetError):
        while data := client.recv(65536):
            heard += data
    return heard


def branch_of(said: bytes) -> str:
    assert said.endswith(b'SET VARIABLE ROUTER_OK "1"\n'), said
    return said.split(b'ROUTER_BRANCH "')[1].split(b'"')[0].decode()


PUMPS = ["plain_agi_pump", "_agi_pump"]


@pytest.fixture(params=PUMPS)
def pump(request):
    module = pytest.importorskip(f"asterisk_router._native.{request.param}", reason="no compiler on this machine")
    return module.Pump


@pytest.fixture
def opened(pump):
    """`async with opened(...)`: a door on a free port of loopback."""

    @asynccontextmanager
    async def opened(
        prompt: bool = True,
        allow=("127.0.0.0/8",),
        most_calls: int = 500,
        refusing: bool = False,
        shared: socket.socket | None = None,
    ) -> AsyncIterator[Opened]:
        book, policy, register = SlowBook(prompt), EchoPolicy(), Notebook()

        class InForce:
            path = CallPath(policy, book, NumberRanges())

        door = FastAgiDoor(InForce(), register, allow=allow, deadline_s=0.05, most_calls=most_calls, pump=pump)
        listener = listen_tcp("127.0.0.1", 0) if shared is None else shared.dup()
        door.open([listener], [listener] if refusing else [])
        try:
            yield Opened(door, listener, book, policy, register)
        finally:
            await door.close(0.1)
            listener.close()

    return opened


@pytest.fixture
def run():
    """Runs a test's coroutine."""

    def run(test: Awaitable[None]) -> None:
        asyncio.run(asyncio.wait_for(test, 30))  # type: ignore[arg-type]

    return run
