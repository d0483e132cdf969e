"""Calls at a steady rate, as Asterisk would make them, whatever happens to the daemon; and what became of each."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

BLOCK = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()

GUARD_S = 0.3
"""After so long the dialplan sends the call to its default."""

CONNECT_S = 2.0
"""How long Asterisk lets a connect take, whatever the guard says."""

UNHEARD = "unheard"
"""Fault of a call whose patience ended."""

LOOK_S = 0.005

SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'


class Call(NamedTuple):
    """One call."""

    took_s: float
    """From its connect to the end of the answer."""
    heard: bytes
    """The answer."""
    fault: str
    """Why there is none; empty if there is."""
    began_s: float
    """When it came, by the clock of `time.monotonic`."""

    @property
    def fate(self) -> str:
        """What the dialplan makes of it."""
        if self.fault:
            return f"failed: {self.fault}"
        if not self.heard.endswith(SENTINEL):
            return "no decision"
        return "late" if self.took_s > GUARD_S else "routed"

    def said(self, name: str) -> str:
        """The value of a channel variable."""
        begin = self.heard.find(b'SET VARIABLE %s "' % name.encode())
        return self.heard[begin:].split(b'"')[1].decode() if begin >= 0 else ""


class SteadyCalls:
    """Calls from a thread of its own, from `with` to its end; then `calls` has them all.

    Each waits `patience_s` for its answer. With GUARD_S it does what a call under the guard of the dialplan does: it
    says HANGUP and closes, as Asterisk does then; the guard does not end a connect, as it does not there.
    """

    def __init__(self, port: int, a_second: int, patience_s: float = 5.0) -> None:
        self.calls: list[Call] = []
        self.stalled_s = 0.0
        """How long at most these calls were kept waiting by their own machine."""
        self._port, self._a_second, self._patience_s = port, a_second, patience_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._play()))

    def __enter__(self) -> SteadyCalls:
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._stop.set()
        self._thread.join()

    def fates(self) -> Counter[str]:
        """How many calls met which fate."""
        return Counter(call.fate for call in self.calls)

    async def _play(self) -> None:
        began_s = time.monotonic()
        at_hand: set[asyncio.Task[None]] = set()
        serial = 0
        watching = asyncio.create_task(self._watch())
        while not self._stop.is_set():
            due_s = began_s + serial / self._a_second
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            task = asyncio.create_task(self._call(serial))
            at_hand.add(task)
            task.add_done_callback(at_hand.discard)
            serial += 1
        await asyncio.gather(*at_hand)
        watching.cancel()

    async def _watch(self) -> None:
        """Take the time of a sleep that was too long."""
        while True:
            before_s = time.monotonic()
            await asyncio.sleep(LOOK_S)
            self.stalled_s = max(self.stalled_s, time.monotonic() - before_s - LOOK_S)

    async def _call(self, serial: int) -> None:
        unique = b"%d.%d" % (time.time(), serial)
        block = BLOCK.replace(b"1795413703.0", unique).replace(b"42125550100", b"4212555%04d" % (serial % 10_000))
        heard, fault, began_s = b"", "", time.monotonic()
        try:
            connect_s = max(CONNECT_S, self._patience_s)
            reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", self._port), connect_s)
            writer.write(block)
            try:
                left_s = began_s + self._patience_s - time.monotonic()
                heard = await asyncio.wait_for(reader.read(-1), max(0.0, left_s))
            except asyncio.TimeoutError:
                fault = UNHEARD
                writer.write(b"HANGUP\n")
            writer.close()
        except (OSError, asyncio.TimeoutError) as met:
            fault = type(met).__name__
        self.calls.append(Call(time.monotonic() - began_s, heard, fault, began_s))
