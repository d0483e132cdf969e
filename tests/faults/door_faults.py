"""Peers at the door that are no PBX: many, silent, endless, slow."""

from __future__ import annotations

import resource
import socket
import struct
from contextlib import suppress

from tests.faults.fault import HUNG_MS, Fault
from tests.faults.stand import Stand

IDLE = 10_000
"""Connections that say nothing, opened at once."""
COMERS = 1000
"""Connections a second, opened and closed at once: 20,000 in a fault of 20 s."""
LINE = b"agi_network: " + b"x" * (1 << 20)
"""A megabyte and no end."""
LONG_LINES, DRIPS = 5, 200
RESET = struct.pack("ii", 1, 0)


class Peers:
    """Connections held open, from addresses of loopback in turn: one address has too few ports."""

    def __init__(self) -> None:
        self.held: list[socket.socket] = []
        self._count = 0

    def connect(self, stand: Stand) -> socket.socket | None:
        """One more; None where the daemon's backlog is full."""
        self._count += 1
        peer = socket.socket()
        peer.settimeout(0.2)
        try:
            peer.bind((f"127.0.{self._count // 200 % 100 + 1}.{self._count % 200 + 1}", 0))
            peer.connect(stand.address)
        except OSError:
            peer.close()
            return None
        return peer

    def hold(self, stand: Stand, count: int) -> None:
        """Open so many and say nothing."""
        self.held += [peer for _ in range(count) if (peer := self.connect(stand))]

    def close(self) -> None:
        """Close them all."""
        for peer in self.held:
            peer.close()
        self.held.clear()


def room_for(descriptors: int) -> None:
    """Let this process have so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < descriptors:
        most = max(hard, descriptors)  # only root may raise it, who runs the Asterisks of the tests
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, most))


def idle(stand: Stand) -> None:
    """Ten thousand at once, held until the fault is mended."""
    room_for(IDLE + 2000)
    peers = Peers()
    stand.open.callback(peers.close)
    peers.hold(stand, IDLE)


class Comers:
    """Who connect and close, every other one by a reset."""

    def __init__(self) -> None:
        self._peers = Peers()

    def __call__(self, stand: Stand) -> None:
        """As many as are due."""
        for at in stand.due(COMERS):
            peer = self._peers.connect(stand)
            if peer is not None:
                if at % 2:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                peer.close()


class LongLines:
    """Who send a megabyte without a line end."""

    def __init__(self) -> None:
        self._peers = Peers()

    def __call__(self, stand: Stand) -> None:
        """A few, one after the other."""
        for _ in range(LONG_LINES):
            peer = self._peers.connect(stand)
            if peer is not None:
                with suppress(OSError), peer:
                    peer.sendall(LINE)


class Drips:
    """Who say a letter at a time, and come back when they are turned away."""

    def __init__(self) -> None:
        self._peers = Peers()

    def go(self, stand: Stand) -> None:
        """They go away."""
        self._peers.close()

    def __call__(self, stand: Stand) -> None:
        """A letter of each."""
        held = self._peers.held
        self._peers.hold(stand, DRIPS - len(held))
        for peer in list(held):
            try:
                peer.send(LINE[:1])
            except OSError:
                peer.close()
                held.remove(peer)


_drips = Drips()

FAULTS = (
    Fault("peers-idle", "10,000 peers connect and say nothing", idle, lambda s: None, HUNG_MS),
    Fault(
        "peers-come-and-go",
        "{done:,} peers connect and close",
        lambda s: None,
        lambda s: None,
        meanwhile=Comers(),
    ),
    Fault(
        "line-of-1-mb",
        "peers send a megabyte without a line end",
        lambda s: None,
        lambda s: None,
        meanwhile=LongLines(),
    ),
    Fault("slow-drip", "200 peers send a letter every 50 ms", lambda s: None, _drips.go, meanwhile=_drips),
)
"""The door is on loopback; these stand for anything on the same host."""
