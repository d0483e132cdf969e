"""Ports for the servers of tests: nobody else comes by one between its being chosen and its being taken.

They lie below those the system gives to outgoing connections, and each of the processes of tests side by side has its
own. A port that is let go of and taken again, as of a server that is killed and started, stays its owner's therefore.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress


def free_port(kind: int = socket.SOCK_STREAM, together: int = 1) -> int:
    """Return a port of 127.0.0.1 nobody has now, below those the system gives to outgoing connections.

    It is the lowest of so many `together` that nobody has. One given out comes again only after all others: who asked
    for it may take it long after somebody else asked for the next.
    """
    for _ in range(200):
        ports = [next(_PORTS) for _ in range(together)]
        with ExitStack() as probes, suppress(OSError):
            if ports[-1] - ports[0] == together - 1:
                for port in ports:
                    probes.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
                return ports[0]
    raise RuntimeError(f"no {together} free ports together near {ports[0]}")


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses everybody meanwhile: it is taken, and nobody listens at it or can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        yield taken.getsockname()[1]


def is_refused(port: int) -> bool:
    """Whether who rings at a port is refused."""
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


def sipp_ports() -> list[str]:
    """Return the options that give a SIPp ports of its own: one for SIP, and for media one and the second above it."""
    lowest = free_port(socket.SOCK_DGRAM, together=4)
    return ["-i", "127.0.0.1", "-p", str(lowest), "-mp", str(lowest + 1)]


def _ports() -> Iterator[int]:
    """Every port for tests in turn; each of the test processes side by side has its own."""
    lowest = 20000 + 3000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4)
    first = random.randrange(3000)
    while True:
        yield from range(lowest + first, lowest + 3000)
        yield from range(lowest, lowest + first)


_PORTS = _ports()
