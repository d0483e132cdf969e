"""How a request to ARI travels fastest: HTTP of our own, frames of the WebSocket, aiohttp's client, in turns.

`python -m tests.bench.bench_ari_transport [ROUNDS]` starts an Asterisk 22.10 of its own. One request at a time, ten in
flight, and what an answered call takes: every channel variable, then `continue`, for a call that comes back to Stasis.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import uvloop

from asterisk_router.ari import AriClient, AriServer, Event, Request
from asterisk_router.wire.ari_answer import requests
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES
from tests.live import asterisk_testbed
from tests.live.pbx import Pbx
from tests.live.ports import free_port
from tests.live.site import configuration

from .report import Table, markdown

PINGS, TENS, CALLS = 50, 20, 40
"""How much of each is done in a round."""

SECRET = "of-the-bench-only"
ARI = f"[general]\nenabled = yes\n[router]\ntype = user\nread_only = no\npassword = {SECRET}\n"
DIALPLAN = """
[bench-ari]
exten => s,1,Answer()
 same => n,Wait(600)
exten => again,1,Stasis(bench)
 same => n,Goto(again,1)
"""
PING = Request("GET", "/asterisk/ping")
VARIABLES = {variable.name: "a-value" for variable in CHANNEL_VARIABLES}

Send = Callable[[list[Request]], Awaitable[Any]]
"""Carries requests out in order; done when all are answered."""


class Times:
    """What was measured, in microseconds, by what it was."""

    def __init__(self) -> None:
        self.us: dict[tuple[str, str], list[float]] = {}
        self.cpu_us: dict[tuple[str, str], list[float]] = {}

    async def note(self, what: str, way: str, count: int, work: Callable[[], Awaitable[Any]]) -> None:
        """Do `work` so many times."""
        before = time.process_time()
        for _ in range(count):
            began = time.perf_counter()
            await work()
            self.us.setdefault((what, way), []).append((time.perf_counter() - began) * 1e6)
        self.cpu_us.setdefault((what, way), []).append((time.process_time() - before) / count * 1e6)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each."""
        rows = []
        for (what, way), measured in self.us.items():
            at, cpu = sorted(measured), sorted(self.cpu_us[what, way])
            figures = {"min us": at[0], "median us": at[len(at) // 2], "p90 us": at[int(len(at) * 0.9)]}
            figures["our CPU us"] = cpu[len(cpu) // 2]
            rows.append({"what": what, "way": way, **{name: round(figure) for name, figure in figures.items()}})
        return rows


class Returning:
    """A call that is back in Stasis as soon as it went on."""

    def __init__(self, client: AriClient) -> None:
        self._client = client
        self._came: asyncio.Queue[Event] = asyncio.Queue()
        client.on_event("StasisStart", self._came.put_nowait)

    async def open(self) -> None:
        """Place it."""
        await self._client.channels.originate("Local/again@bench-ari", context="bench-ari", extension="s")
        self.channel = str((await self._came.get())["channel"]["id"])

    async def answered(self, send: Send) -> None:
        """Leave its answer for the dialplan as the router does, send it on, and see it come back."""
        await send(requests(self.channel, VARIABLES))
        await self._came.get()

    async def set_on_channel(self, send: Send) -> None:
        """Set the same variables on the channel instead."""
        path = f"/channels/{self.channel}"
        variables = Request("POST", f"{path}/variables", None, {"variables": VARIABLES})
        await send([variables, Request("POST", f"{path}/continue")])
        await self._came.get()


async def measured(server: AriServer, rounds: int) -> list[dict[str, Any]]:
    """All ways in turns, so many rounds."""
    times = Times()
    options = {"event_filter": ("StasisStart", "StasisEnd")}
    authorization = aiohttp.encode_basic_auth(server.username, SECRET)
    async with (
        AriClient(server, "bench", transport="http", **options) as http,
        AriClient(server, "bench-frames", transport="websocket", **options) as frames,
        aiohttp.ClientSession(
            f"http://{server.host}:{server.port}", headers={"Authorization": authorization}
        ) as session,
    ):

        async def by_aiohttp(several: list[Request]) -> None:
            for one in several:
                async with session.request(one.method, f"/ari{one.path}", params=one.query, json=one.body) as answer:
                    await answer.read()

        ways: dict[str, Send] = {"HTTP, ours": http.send, "WebSocket frames": frames.send, "HTTP, aiohttp": by_aiohttp}
        call = Returning(http)
        await call.open()
        for _ in range(rounds):
            for way, send in ways.items():
                await times.note("one ping", way, PINGS, lambda send=send: send([PING]))
                ten = lambda send=send: asyncio.gather(*(send([PING]) for _ in range(10)))  # noqa: E731
                await times.note("ten pings in flight, all of them", way, TENS, ten)
                again = lambda send=send: call.answered(send)  # noqa: E731
                await times.note("the router's answer, continue, back in Stasis", way, CALLS, again)
                again = lambda send=send: call.set_on_channel(send)  # noqa: E731
                await times.note(f"{len(VARIABLES)} channel variables, continue, back in Stasis", way, CALLS, again)
    return times.rows()


def run(rounds: int = 6) -> list[Table]:
    """Start an Asterisk and measure."""
    files = configuration("plain", free_port())
    files["ari.conf"], files["extensions.conf"] = ARI, files["extensions.conf"] + DIALPLAN
    pbx = Pbx(asterisk_testbed.testbed(), "router-in", files)
    try:
        pbx.start()
        server = AriServer("127.0.0.1", pbx.http_port, "router", SECRET)
        uvloop.install()
        rows = asyncio.run(measured(server, rounds))
    finally:
        pbx.stop()
    return [Table("Ways of a request to ARI", sorted(rows, key=lambda row: str(row["what"])))]


if __name__ == "__main__":
    print("\n".join(map(markdown, run(*map(int, sys.argv[1:])))))
