"""The ARI client on a real Asterisk, 22.10 and 16.28: events, requests, errors, and whatever befalls the connection."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from asterisk_router.ari import (
    AriClient,
    AriConflictError,
    AriError,
    AriNotFoundError,
    AriRefusedError,
    AriServer,
    AriUnavailableError,
    Channel,
    Event,
    Request,
)
from asterisk_router.doors.ari.link import Transport
from tests.live import asterisk_testbed
from tests.live.asterisk_testbed import OLDEST, REFERENCE
from tests.live.pbx import Pbx
from tests.live.ports import free_port
from tests.live.relay import Relay
from tests.live.site import configuration
from tests.live.undisturbed import within

pytestmark = pytest.mark.live

Outcome = TypeVar("Outcome")

ROOT = Path(__file__).parents[2]
CERTIFICATE = ROOT / "tests" / "feeds" / "loopback.pem"
SECRET = "zu9Xq-of-the-tests"
ARI = f"""
[general]
enabled = yes
[router]
type = user
read_only = no
password = {SECRET}
[onlooker]
type = user
read_only = yes
password = {SECRET}
"""
DIALPLAN = """
[test-far]
exten => s,1,Answer()
 same => n,Wait(600)
exten => inside,1,Answer()
 same => n,Stasis(tests,a,b)
 same => n,Set(GLOBAL(TEST_ARI)=${STASISSTATUS} ${ONE} ${TWO})
 same => n,Wait(600)
exten => soon,1,Answer()
 same => n,Wait(1)
 same => n,Hangup()
"""


def started(suite: str) -> Iterator[Pbx]:
    files = configuration("plain", free_port())
    files["ari.conf"] = ARI
    files["extensions.conf"] += DIALPLAN
    files["loopback.pem"] = CERTIFICATE.read_text()
    pbx = Pbx(asterisk_testbed.testbed(suite), "router-in", files)
    with (pbx.home / "etc/http.conf").open("a") as http:
        inside = pbx.home.relative_to(pbx.root)
        http.write(f"tlsenable = yes\ntlsbindaddr = 127.0.0.1:{free_port()}\n")
        http.write(f"tlscertfile = /{inside}/etc/loopback.pem\n")
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()


@pytest.fixture(scope="module")
def reference() -> Iterator[Pbx]:
    yield from started(REFERENCE)


@pytest.fixture(scope="module")
def oldest() -> Iterator[Pbx]:
    yield from started(OLDEST)


WAYS: list[tuple[str, Transport]] = [("reference", "auto"), ("reference", "websocket"), ("oldest", "auto")]


@pytest.fixture(params=["reference", "oldest"])
def pbx(request: pytest.FixtureRequest) -> Pbx:
    """22.10, then 16.28."""
    pbx: Pbx = request.getfixturevalue(request.param)
    return pbx


@pytest.fixture(params=WAYS, ids="-".join)
def way(request: pytest.FixtureRequest) -> tuple[Pbx, Transport]:
    """Each Asterisk with each way of requests it knows."""
    name, transport = request.param
    return request.getfixturevalue(name), transport


def server(pbx: Pbx, *, port: int = 0, user: str = "router", secret: str = SECRET) -> AriServer:
    return AriServer("127.0.0.1", port or pbx.http_port, user, secret, "tests")


class Heard:
    """What a client tells, in order."""

    def __init__(self, client: AriClient) -> None:
        self.client = client
        self.events: list[Event] = []
        self.connects = 0
        self.lost: list[str] = []
        client.on_event("*", self.events.append)
        client.on_connect, client.on_lost = self._connected, self.lost.append

    def _connected(self) -> None:
        self.connects += 1

    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def connected(pbx: Pbx, **options: Any) -> AsyncIterator[Heard]:
    port = options.pop("port", 0)
    client = AriClient(server(pbx, port=port), **options)
    heard = Heard(client)
    async with client:
        yield heard


async def until(holds: Callable[[], object], within_s: float = 30.0) -> None:
    async def watch() -> None:
        while not holds():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(watch(), within_s)


def run(test: Callable[[], Awaitable[Outcome]]) -> Outcome:
    async def bounded() -> Outcome:
        return await asyncio.wait_for(test(), 120)

    return asyncio.run(bounded())


async def call_inside(heard: Heard) -> Channel:
    """A call of the dialplan that has come to Stasis."""
    started = heard.kinds().count("StasisStart")
    await heard.client.channels.originate("Local/inside@test-far", context="test-far", extension="s")
    await until(lambda: heard.kinds().count("StasisStart") > started)
    event = next(event for event in reversed(heard.events) if event["type"] == "StasisStart")
    return Channel.of(heard.client, event["channel"])


def test_a_call_comes_gets_variables_and_goes_on_in_the_dialplan(way: tuple[Pbx, Transport]) -> None:
    pbx, transport = way

    async def test() -> None:
        async with connected(pbx, transport=transport) as heard:
            client = heard.client
            channel = await call_inside(heard)
            assert heard.events[heard.kinds().index("StasisStart")]["args"] == ["a", "b"]
            assert [one.id for one in await client.channels.list() if one.id == channel.id]
            values = {"ONE": 'a b&c=d?"%20\\', "TWO": "Žofia 🎧"}
            path = f"/channels/{channel.id}"
            await client.set_variables(channel, values)
            last = Request("POST", f"{path}/variable", {"variable": "THREE", "value": "3"})
            answers = await client.send([last, Request("POST", f"{path}/continue")])
            assert [answer.status for answer in answers] == [204, 204]
            await until(lambda: "StasisEnd" in heard.kinds())
            for name, value in {**values, "THREE": "3"}.items():
                assert await channel.getChannelVar(name) == {"value": value}
            await channel.hangup()

    run(test)


def test_an_asterisk_says_what_it_can_do(reference: Pbx, oldest: Pbx) -> None:
    async def test() -> None:
        async with connected(reference) as heard:
            client = heard.client
            assert re.fullmatch(r"22\.\d+\.\d+", client.version) and client.sets_many_variables and client.broadcasts
        async with connected(oldest) as heard:
            client = heard.client
            assert client.version == "16.28.0" and not client.sets_many_variables and not client.broadcasts
        with pytest.raises(AriError, match="takes no requests over the WebSocket") as refusal:
            async with connected(oldest, transport="websocket"):
                pass
        assert refusal.value.remedy

    run(test)


def test_only_what_the_filter_names_is_heard(pbx: Pbx) -> None:
    async def test() -> None:
        async with connected(pbx, event_filter=["StasisEnd", "StasisStart"]) as heard:
            channel = await call_inside(heard)
            await channel.hangup()
            await until(lambda: "StasisEnd" in heard.kinds())
            assert set(heard.kinds()) == {"StasisStart", "StasisEnd"}

    run(test)


def test_a_hundred_requests_in_flight_are_each_answered(way: tuple[Pbx, Transport]) -> None:
    pbx, transport = way

    async def test() -> None:
        async with connected(pbx, transport=transport) as heard:
            client = heard.client
            names = [f"TEST_{number}" for number in range(100)]
            await asyncio.gather(*(client.asterisk.setGlobalVar(name, value=name.lower()) for name in names))
            answers = await asyncio.gather(*(client.asterisk.getGlobalVar(name) for name in names))
            assert [answer["value"] for answer in answers] == [name.lower() for name in names]

    run(test)


def test_what_asterisk_refuses_is_said_with_a_remedy(way: tuple[Pbx, Transport]) -> None:
    pbx, transport = way

    async def test() -> None:
        async with connected(pbx, transport=transport) as heard:
            channels = heard.client.channels
            with pytest.raises(AriNotFoundError, match="GET /channels/gone: Asterisk answers 404: Channel not found"):
                await channels.get("gone")
            with pytest.raises(AriError, match="Asterisk answers 500: ") as failed:
                await channels.originate("Nowhere/x", app="tests")
            assert failed.value.status == 500 and failed.value.where == "POST /channels" and failed.value.remedy
            with pytest.raises(AriError, match="Asterisk answers 405"):
                await heard.client.request("PUT", "/channels")
            with pytest.raises(AriNotFoundError, match="the API has no such operation"):
                await heard.client.request("GET", "/nothing")
            far = await channels.originate("Local/s@test-far", context="test-far", extension="s")
            with pytest.raises(AriConflictError, match="Asterisk answers 409: ") as conflict:
                await far.ring()
            assert "Stasis" in conflict.value.remedy
            await far.hangup()

    run(test)


def test_events_about_one_thing_are_heard_until_its_end(pbx: Pbx) -> None:
    async def test() -> None:
        async with connected(pbx) as heard:
            channel = await call_inside(heard)
            other = await call_inside(heard)
            told: list[tuple[str, str]] = []
            channel.on_event("*", lambda one, event: told.append((one.id, event["type"])))
            await other.hangup()
            await channel.hangup()
            await until(lambda: heard.kinds().count("StasisEnd") == 2)
            assert {key for key, _ in told} == {channel.id}
            assert told[-1][1] == "StasisEnd"

    run(test)


def test_a_handler_that_fails_is_logged_and_kills_nothing(pbx: Pbx, caplog: pytest.LogCaptureFixture) -> None:
    async def fails_later(event: Event) -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    def fails(event: Event) -> None:
        raise ValueError("at once")

    async def test() -> None:
        async with connected(pbx) as heard:
            heard.client.on_event("StasisStart", fails)
            heard.client.on_event("StasisStart", fails_later)
            await (await call_inside(heard)).hangup()
            await (await call_inside(heard)).hangup()

    run(test)
    failed = [record.getMessage() for record in caplog.records if "handler" in record.getMessage()]
    assert sum(message.endswith("fails") for message in failed) == 2
    assert sum(message.endswith("fails_later") for message in failed) == 2


def test_a_lost_connection_is_made_again(pbx: Pbx, caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        relay = Relay()
        await relay.start(pbx.http_port)
        async with connected(pbx, port=relay.port, event_filter=["StasisStart", "StasisEnd"]) as heard:
            await until(lambda: heard.connects == 1)
            relay.cut()
            await until(lambda: heard.connects == 2)
            assert heard.lost
            channel = await call_inside(heard)
            await channel.hangup()
            assert set(heard.kinds()) <= {"StasisStart", "StasisEnd"}, "the filter is set again"
        await relay.stop()

    run(test)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("transport", ["http", "websocket"])
def test_requests_in_flight_fail_when_the_connection_is_lost(reference: Pbx, transport: Transport) -> None:
    async def test() -> None:
        relay = Relay()
        await relay.start(reference.http_port)
        async with connected(reference, port=relay.port, transport=transport) as heard:
            relay.freeze()
            waiting = [asyncio.ensure_future(heard.client.request("GET", "/asterisk/ping")) for _ in range(3)]
            await asyncio.sleep(0.05)
            relay.cut()
            for one in waiting:
                with pytest.raises(AriUnavailableError, match="may have been carried out"):
                    await one
            await until(lambda: not heard.client.connected)
            with pytest.raises(AriUnavailableError, match="not connected"):
                await heard.client.request("GET", "/asterisk/ping")
            relay.thaw()
            await until(lambda: heard.connects == 2)
            assert (await heard.client.asterisk.ping())["ping"] == "pong"
        await relay.stop()

    run(test)


def test_a_frozen_asterisk_is_lost_within_five_seconds_and_found_again(pbx: Pbx) -> None:
    async def test() -> float:
        async with connected(pbx) as heard:
            loop = asyncio.get_running_loop()
            await until(lambda: heard.connects == 1)
            frozen_s = loop.time()
            os.kill(pbx.pid, signal.SIGSTOP)
            try:
                while True:  # its threads stop one after another
                    waiting = asyncio.ensure_future(heard.client.request("GET", "/asterisk/ping"))
                    if not (await asyncio.wait({waiting}, timeout=0.2))[0]:
                        break
                await until(lambda: heard.lost)
                took_s = loop.time() - frozen_s
                assert heard.lost[0] == "silent for 3 s"
                with pytest.raises(AriUnavailableError):
                    await waiting
            finally:
                os.kill(pbx.pid, signal.SIGCONT)
            await until(lambda: heard.connects == 2)
            await (await call_inside(heard)).hangup()
            return took_s

    within(5, lambda: run(test))


def test_a_restarted_asterisk_is_found_again(pbx: Pbx) -> None:
    async def test() -> None:
        async with connected(pbx) as heard:
            pbx.cli("core restart now", check=False)
            await until(lambda: heard.lost)
            await until(lambda: heard.connects == 2, 40)
            await until(lambda: "fully booted" in pbx.cli("core waitfullybooted", check=False), 30)
            await until(lambda: heard.client.connected)
            await (await call_inside(heard)).hangup()

    run(test)


def test_who_takes_the_application_over_keeps_it(pbx: Pbx) -> None:
    async def test() -> None:
        async with connected(pbx) as first, connected(pbx) as second:
            await until(lambda: first.lost)
            assert "another client took the application over" in first.lost[0]
            await (await call_inside(second)).hangup()
            assert not first.client.connected

    run(test)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"secret": "wrong-secret-1"}, AriRefusedError, "401.*user in ari.conf"),
        ({"user": "nobody"}, AriRefusedError, "401.*user in ari.conf"),
        ({"port": 1}, AriUnavailableError, "cannot connect: Connection refused.*http.conf"),
    ],
)
def test_who_is_not_let_in_is_told_what_to_do(
    pbx: Pbx, given: dict[str, Any], kind: type[AriError], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def test() -> None:
        with pytest.raises(kind) as refusal:
            async with AriClient(server(pbx, **given)):
                pass
        assert re.search(words, str(refusal.value))
        assert given.get("secret", SECRET) not in repr(refusal.value) + str(refusal.value)

    run(test)


def test_over_tls_only_a_known_certificate_gets_the_secret(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    written = re.search(r"tlsbindaddr = 127.0.0.1:(\d+)", (pbx.home / "etc/http.conf").read_text())
    assert written
    encrypted = server(pbx, port=int(written[1]))._replace(tls=True)

    async def test() -> None:
        with pytest.raises(AriUnavailableError, match="no encrypted connection.*SSL_CERT_FILE"):
            async with AriClient(encrypted):
                pass
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        client = AriClient(encrypted)
        heard = Heard(client)
        async with client:
            await (await call_inside(heard)).hangup()

    run(test)


def test_who_may_only_look_is_told_so(pbx: Pbx) -> None:
    async def test() -> None:
        async with AriClient(server(pbx, user="onlooker")) as client:
            assert (await client.asterisk.getInfo())["system"]["version"].startswith(client.version)
            with pytest.raises(AriRefusedError, match="read_only = no"):
                await client.channels.originate("Local/s@test-far", app="tests")

    run(test)


def test_the_secret_is_nowhere_to_be_seen(way: tuple[Pbx, Transport], caplog: pytest.LogCaptureFixture) -> None:
    pbx, transport = way
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    async def test() -> None:
        asyncio.get_running_loop().set_debug(True)
        relay = Relay()
        await relay.start(pbx.http_port)
        async with connected(pbx, port=relay.port, transport=transport) as heard:
            relay.cut()
            await until(lambda: heard.connects == 2)
            await call_inside(heard)
            shown.extend([repr(heard.client.server), str(heard.client.server), *heard.lost, *map(str, heard.events)])
        await relay.stop()
        for secret in ("wrong-secret-1", "wrong-secret-1 and more"):
            with pytest.raises(AriError) as refusal:
                async with AriClient(server(pbx, secret=secret), transport=transport):
                    pass
            shown.extend([str(refusal.value), repr(refusal.value), repr(refusal.value.__context__)])

    run(test)
    everything = "\n".join([caplog.text, *shown, pbx.log])
    for secret in (SECRET, "wrong-secret-1"):
        assert secret not in everything
        assert b64encode(f"router:{secret}".encode()).decode() not in everything
    pbx.cli("channel request hangup all")


def test_the_program_of_the_document_runs(pbx: Pbx, tmp_path: Path) -> None:
    document = (ROOT / "docs" / "ari.md").read_text(encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text(re.findall(r"```python\n(.*?)```", document, re.S)[0], encoding="utf-8")
    address = f"ari://router:{SECRET}@127.0.0.1:{pbx.http_port}/example"
    command = [sys.executable, str(program), address, "Local/s@test-far", "Local/soon@test-far"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert re.fullmatch(r"Local/s@test-far-\w+;1 talks with Local/soon@test-far-\w+;1\n", done.stdout)
    pbx.cli("channel request hangup all")
