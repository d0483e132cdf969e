"""From the daemon's start to its first answered call, and what it holds when idle.

Started as an installed program is: with its bytecode at hand, so the start that writes it is not counted.
"""

from __future__ import annotations

import socket
import time
from statistics import median

from tests.live.ports import free_port

from . import servers
from .ground import Ground
from .machine import cores
from .processes import Process
from .report import Table, measured, say

PATIENCE_S = 20.0


def run(ground: Ground) -> list[Table]:
    """Start the daemon again and again."""
    environment = ground.load.environment()
    times_s, busy_s, memory_mb = [], [], []
    for turn in range(4 if ground.quick else 10):
        say(f"start: first answer, start {turn}")
        port = free_port()
        command = ["env", "-u", "PYTHONDONTWRITEBYTECODE", *servers.ours(port, ground.redis)]
        began = time.perf_counter()
        with Process(command, cores()[0], ground.directory / "start.log") as daemon:
            while not answered(port, environment):
                if time.perf_counter() - began > PATIENCE_S:
                    raise SystemExit(f"bench: no first answer; the daemon said:\n{daemon.log.read_text()[-2000:]}")
                time.sleep(0.001)
            if turn:
                times_s.append(time.perf_counter() - began)
                busy_s.append(daemon.cpu_s())
            time.sleep(1)  # what it loads after the first answer counts
            memory_mb.append(daemon.rss_mb())
    return [
        Table(
            "The daemon's start",
            [
                measured("first answer after exec, median", median(times_s), "s", None, 0.25),
                measured("first answer after exec, slowest", max(times_s), "s", None, 0.25),
                measured("processor time to the first answer, median", median(busy_s), "s", None, 0.25),
                measured("resident memory when idle", max(memory_mb), "MB", None, 40),
            ],
        )
    ]


def answered(port: int, environment: bytes) -> bool:
    """Whether a call is answered now, the sentinel last."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as call:
            call.sendall(environment)
            answer = b""
            while part := call.recv(65536):
                answer += part
            call.sendall(b"HANGUP\n")
    except OSError:
        return False
    return b"ROUTER_OK" in answer.rstrip(b"\n").rpartition(b"\n")[2]
