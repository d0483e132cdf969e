"""Calls from the moment a daemon answers, a call every 5 ms, with Redis well and with Redis frozen at that moment.

`python -m tests.bench.bench_frozen` prints the rows; `run` gives them to whoever makes the tables. The daemon has its
bytecode at hand as an installed one does, so the start that writes it is not counted: one that compiles what it loads
beside the calls keeps them waiting for that.
"""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess

Row = dict[str, Any]

ENVIRONMENT = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()
"""A call as Asterisk says it."""

EVERY_S, FOR_S, STARTS = 0.005, 2.5, 5
"""A call comes so often, for so long, after so many starts."""

NOTICED_S = 0.4
"""From then on a daemon knows that its store is frozen."""

DEGRADED = b'ROUTER_DEGRADED "1"'
SENTINEL = b'ROUTER_OK "1"\n'


class Asked(NamedTuple):
    """One call."""

    at_s: float
    """Since the daemon said that it listens."""
    took_ms: float
    """Until its whole answer."""
    said: bytes
    """The answer."""


def run() -> list[Row]:
    """Both, in turns."""
    server = RedisServer().start()
    calls: dict[bool, list[Asked]] = {False: [], True: []}
    try:
        after_a_start(server, frozen=False)
        for _ in range(STARTS):
            for frozen in calls:
                calls[frozen] += after_a_start(server, frozen)
    finally:
        server.stop()
    rows = []
    for frozen, asked in calls.items():
        store = "Redis frozen" if frozen else "Redis well"
        for when, some in (
            (f"first {NOTICED_S:.1f} s", [call for call in asked if call.at_s < NOTICED_S]),
            ("from then on", [call for call in asked if call.at_s >= NOTICED_S]),
        ):
            took_ms = sorted(call.took_ms for call in some)
            for name, figure in (
                ("median", median(took_ms)), ("of 100 the longest", took_ms[len(took_ms) * 99 // 100]),
                ("longest", took_ms[-1]),
            ):  # fmt: skip
                rows.append({"what": f"{store}, {when}, {name}", "figure": round(figure, 1), "unit": "ms"})
        for name, count in (
            ("calls", len(asked)),
            ("without their caller", sum(DEGRADED in call.said for call in asked)),
            ("without an answer", sum(not call.said.endswith(SENTINEL) for call in asked)),
        ):
            rows.append({"what": f"{store}, {name}", "figure": count, "unit": ""})
    return rows


def after_a_start(server: RedisServer, frozen: bool) -> list[Asked]:
    """The calls of one daemon's first seconds."""
    asked: list[Asked] = []
    with tempfile.TemporaryDirectory() as folder:
        router = RouterProcess(free_port(), server.unix_url, Path(folder))
        router.start()
        began_s = time.monotonic()
        if frozen:
            server.freeze()
        callers = []
        try:
            while time.monotonic() - began_s < FOR_S:
                callers.append(threading.Thread(target=_call, args=(router.port, began_s, asked)))
                callers[-1].start()
                time.sleep(EVERY_S)
            for caller in callers:
                caller.join()
        finally:
            server.thaw()
            router.stop()
    return asked


def _call(port: int, began_s: float, asked: list[Asked]) -> None:
    at_s = time.monotonic()
    said = b""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(ENVIRONMENT)
        while part := line.recv(65536):
            said += part
    asked.append(Asked(at_s - began_s, (time.monotonic() - at_s) * 1000, said))


if __name__ == "__main__":
    for row in run():
        print(f"{row['what']:48} {row['figure']:>8} {row['unit']}")
