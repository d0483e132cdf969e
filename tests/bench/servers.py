"""The servers that are compared, ours among them, each started on the same core."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from .ground import Ground, Redis, key_around
from .machine import cores
from .processes import Process, free_port

ROUTER = Path(sys.executable).with_name("asterisk-router")

FLOOR, OURS, SAME_JOB = "floor (C, epoll)", "asterisk-router", "asterisk-router, no call registered"
WORKERS, HANDED_OVER = "two workers on one core", "one process, its socket handed over"
PROTOCOL, STREAMS = "asyncio protocol (uvloop)", "asyncio streams (uvloop)"
PANORAMISK = "panoramisk FastAGI"
FOUND = "Jana"
"""In every answer of ours that saw the caller's record, for the caller ID has another name."""
BARE = "without a look-up"


class Server(NamedTuple):
    """One server under load."""

    name: str
    """As the tables call it."""
    process: Process
    """What runs."""
    port: int
    """Where it answers."""
    expected: str = ""
    """What every answer must hold, besides the sentinel."""


def ours(port: int, redis: Redis, *program: str) -> list[str]:
    """The daemon as a sysadmin starts it."""
    command = [*(program or [str(ROUTER)]), "serve", "--policy", "shop", "--listen", f"127.0.0.1:{port}"]
    return [*command, "--redis", redis.url, "--state-dir", str(redis.socket.with_suffix(f".{port}"))]


def peer(module: str) -> Callable[[int, Ground], list[str]]:
    """A Python peer with a look-up."""
    return lambda port, ground: [sys.executable, "-m", f"tests.bench.peers.{module}", str(port), *look_up(ground)]


def look_up(ground: Ground) -> tuple[str, str, str]:
    """Where a peer finds the callers."""
    return (str(ground.redis.socket), *key_around())


COMMANDS: dict[str, Callable[[int, Ground], list[str]]] = {
    FLOOR: lambda port, ground: [str(ground.floor), str(port), *look_up(ground)],
    SAME_JOB: lambda port, ground: ours(
        port, ground.redis, sys.executable, "-m", "tests.bench.peers.router_without_registry"
    ),
    OURS: lambda port, ground: ours(port, ground.redis),
    WORKERS: lambda port, ground: [*ours(port, ground.redis), "--workers", "2"],
    HANDED_OVER: lambda port, ground: [
        *(sys.executable, "-m", "tests.bench.peers.handed_over", str(port)),
        *(sys.executable, *ours(port, ground.redis)),
    ],
    PROTOCOL: peer("protocol"),
    STREAMS: peer("streams"),
    PANORAMISK: peer("panoramisk_fastagi"),
    f"{FLOOR}, {BARE}": lambda port, ground: [str(ground.floor), str(port)],
}
"""Every server, by the name the tables give it."""


@contextmanager
def running(name: str, ground: Ground) -> Iterator[Server]:
    """One server, from the moment it listens to its end."""
    port = free_port()
    with Process(COMMANDS[name](port, ground), cores()[0], ground.directory / f"server-{port}.log") as process:
        process.wait_for(f":{port}")
        yield Server(name, process, port, FOUND if name in (OURS, SAME_JOB, WORKERS, HANDED_OVER) else "")
