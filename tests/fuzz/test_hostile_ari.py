"""An ARI that is none: whatever it says to our client and our door, calls that are calls get their answer."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.doors.ari import websocket
from asterisk_router.settings import Address, AriServer
from asterisk_router.wire.ari_events import EVENTS
from asterisk_router.wire.incoming_call import IncomingCall
from tests.doors.ari.test_connection import Told
from tests.doors.model_pbx import APPS
from tests.doors.test_stasis import opened
from tests.live.people import LINE, shop_always_open
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess

MB = 1024 * 1024
DEEP = "[" * 100_000
FRAMES = [
    b"", b"\xff\xfe", b"null", b"NaN", b"1" * 10_000, b'"' + b"x" * MB + b'"', DEEP.encode(),
    b'{"type":"StasisStart","args":' + DEEP.encode(),
    b'{"type":' * 50_000, b'{"type":"StasisStart"}', b'{"type":"StasisStart","channel":null,"args":null}',
    b'{"type":"StasisStart","type":7,"channel":{"id":"9.1"}}', b'{"type":"StasisStart","channel":{"id":[]},"args":{}}',
    b'{"type":"StasisStart","channel":{"id":"\\ud800"},"args":["num=\\udfff"]}', b'{"type":"Nobody\\u0000Knows"}',
    b'{"type":"StasisStart","channel":{"id":"9.2"},"args":["num=%00&num=1"]}',
    b'{"type":"RESTResponse","transaction_id":[]}',
    b'{"type":"StasisStart","channel":{"id":"9.3","name":"' + b"n" * MB + b'"},"args":["' + b"&" * MB + b'"]}',
    b'{"type":"StasisEnd","channel":{"id":"never seen"}}', b'{"type":"CallBroadcast","channel":{"id":"../../x?y"}}',
    b'{"type":"ApplicationReplaced","application":"of somebody else"}',
]  # fmt: skip
"""As text frames: what is no text, no JSON, no event, no call, or far too much of one."""

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.text("\ud800\udfff,&=%\n"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
DIALPLAN = st.fixed_dictionaries({}, optional=dict.fromkeys(("app_name", "app_data", "exten", "context"), VALUE))
CHANNEL = VALUE | st.fixed_dictionaries(
    {}, optional={"id": VALUE | st.text(), "name": VALUE, "language": VALUE, "dialplan": VALUE | DIALPLAN}
)
EVENT = st.fixed_dictionaries(
    {"type": st.sampled_from(EVENTS)},
    optional={
        "channel": CHANNEL, "args": VALUE | st.lists(st.text(), max_size=2), "timestamp": VALUE, "application": VALUE,
    },
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(EVENT, max_size=5))
def test_events_of_any_shape_leave_the_next_call_its_answer(events: list[dict[str, Any]]) -> None:
    async def test() -> None:
        async with opened() as house:
            connection = house.pbx.connections[APPS[0]]
            connection.events.extend(events)
            house.deliver_all()
            house.pbx.call("1.1")
            await house.settle()
            assert house.pbx.sent_on["1.1"] == 1
            assert not house.door._waiting and not house.door._timers

    asyncio.run(asyncio.wait_for(test(), 30))


def frame(said: bytes, opcode: int = 0x81) -> bytes:
    """As a server writes it; 0x01 begins one that goes on, 0x00 goes on."""
    return bytes((opcode, 127)) + len(said).to_bytes(8, "big") + said


class Liar:
    """A server whose WebSockets take whatever bytes it likes; it says what Asterisk says until they are open."""

    def __init__(self, then: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self.opened = 0
        self.port = 0
        self._then = then

    async def start(self, port: int = 0) -> AriServer:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]
        return AriServer("127.0.0.1", self.port, "router", "s3cret")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (line.split(":")[1] for line in head.split("\r\n") if line.startswith("Content-Len")), "0"
                )
                await reader.readexactly(int(length))
                if "Upgrade" in head:
                    writer.write(_accepted(head))
                    self.opened += 1
                    await self._then(reader, writer)
                    return
                said = b'{"system":{"version":"22.10.1"}}' if "/asterisk/info" in head else b"{}"
                status = b"404 Not Found" if "/channels/-" in head else b"200 OK"
                writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(said), said))
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


def _accepted(head: str) -> bytes:
    key = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key"))
    accepted = b64encode(sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
    upgraded = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return upgraded + b"Sec-WebSocket-Accept: %b\r\n\r\n" % accepted


def lied_to(
    then: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    test: Callable[[Liar, Told], Awaitable[None]],
) -> None:
    """Run a test with a client connected to one who lies."""

    async def bounded() -> None:
        liar = Liar(then)
        told = Told(await liar.start(), app="router")
        told.connection.start()
        try:
            await asyncio.wait_for(test(liar, told), 30)
        finally:
            await told.connection.close()

    asyncio.run(bounded())


@pytest.mark.parametrize("said", FRAMES, ids=lambda said: repr(said[:40]))
def test_after_a_frame_of_any_kind_events_are_heard(said: bytes) -> None:
    async def then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(said) + frame(b'{"type":"Good"}'))
        await reader.read()

    async def test(liar: Liar, told: Told) -> None:
        if said == b"\xff\xfe":  # no text: such a connection is given up, and made again
            await told.lost.get()
            while liar.opened < 2:
                await asyncio.sleep(0.02)
            return
        while (await told.events.get())["type"] != "Good":
            pass
        assert told.connection.connected

    lied_to(then, test)


@pytest.mark.parametrize("begin", [0x01, 0x81], ids=["in fragments", "in one frame"])
def test_a_message_without_end_is_given_up(begin: int) -> None:
    written = 0

    async def then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        if begin == 0x81:
            writer.write(bytes((begin, 127)) + (1 << 40).to_bytes(8, "big"))
        opcode = begin
        while True:
            writer.write(b"x" * MB if begin == 0x81 else frame(b"x" * MB, opcode))
            opcode = 0x00
            written += 1
            await writer.drain()

    async def test(liar: Liar, told: Told) -> None:
        await told.lost.get()
        assert written <= websocket.MOST_FRAME // MB + 16, "what is in the sockets, no more"

    lied_to(then, test)


def test_who_pings_without_end_and_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "SILENCE_S", 0.5)
    before = psutil.Process().memory_info().rss

    async def then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ping = bytes((0x89, 125)) + b"p" * 125
        while True:
            writer.write(ping * 1000)
            await writer.drain()

    async def test(liar: Liar, told: Told) -> None:
        assert "silent" in await told.lost.get()
        assert psutil.Process().memory_info().rss - before < 64 * MB

    lied_to(then, test)


@pytest.fixture
def flooded(tmp_path: Path) -> Iterator[RouterProcess]:
    """A daemon, to be started with an ARI that floods it."""
    redis = RedisServer().start()
    router = RouterProcess(free_port(), redis.unix_url, tmp_path)
    yield router
    router.stop()
    redis.stop()


@pytest.mark.live
def test_a_daemon_flooded_by_its_ari_answers_its_calls_and_does_not_grow(
    flooded: RouterProcess, tmp_path: Path
) -> None:
    serial = 0

    async def then(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal serial
        while True:
            for said in FRAMES[2:]:
                serial += 1
                started = {
                    "type": "StasisStart",
                    "channel": {"id": f"9.{serial}", "name": "n" * 1000},
                    "args": ["num=%2B1"],
                }
                writer.write(frame(said) + frame(json.dumps(started).encode()))
                await writer.drain()
                await asyncio.sleep(0.002)

    async def test() -> None:
        liar = Liar(then)
        server = await liar.start()
        loop = asyncio.get_running_loop()
        options = ("--ari", f"ari://router:s3cret@127.0.0.1:{server.port}/router")
        await loop.run_in_executor(None, lambda: flooded.start(shop_always_open(tmp_path), *options))
        while serial < 500:
            await asyncio.sleep(0.05)
        grown = [flooded.process.memory_info().rss]
        until = time.monotonic() + 4
        calls = 0
        while time.monotonic() < until:
            call = IncomingCall(f"+42125550{calls % 1000:03d}", LINE)
            said = await loop.run_in_executor(None, lambda call=call: ask(Address("127.0.0.1", flooded.port), call))
            assert said.complete
            calls += 1
            await asyncio.sleep(0.01)
        grown.append(flooded.process.memory_info().rss)
        assert calls > 20
        assert grown[1] - grown[0] < 48 * MB, f"{grown} over {serial} events"

    asyncio.run(asyncio.wait_for(test(), 60))
    assert "Traceback" not in flooded.log
