"""A wire between a daemon and its server that a test can cut, freeze, slow down and spoil, beside the test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress


class Wire:
    """Passes bytes on between whoever connects and a port of loopback; `with` closes it."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        """Where to connect."""
        self.sent = bytearray()
        """Everything that whoever connected has said."""
        self.spoil: Callable[[bytes], bytes] | None = None
        """What becomes of a piece that the server says; None: it is passed on as it is."""
        self._flows = threading.Event()
        self._flows.set()
        self._delay_s = 0.0
        self._fast = threading.Event()
        self._fast.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *fault: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.thaw()
        self.slow(0)
        self.cut()

    def lead_to(self, port: int) -> None:
        """Where new connections go from now on; those that are there are cut."""
        self._to = port
        self.cut()

    def cut(self) -> None:
        """End every connection; new ones are let in."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def freeze(self) -> None:
        """Pass nothing on: connections stay open, as over a network that has gone away."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on again, what was held back first."""
        self._flows.set()

    def slow(self, delay_s: float) -> None:
        """Pass each piece the server says on so much later; 0: at once, what was held back first."""
        self._delay_s = delay_s
        if delay_s:
            self._fast.clear()
        else:
            self._fast.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                self._pairs.append((near, far))
                threading.Thread(target=self._pass_on, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(far, near, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, ours: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                self._flows.wait()
                if ours:
                    self.sent += piece
                else:
                    self._fast.wait(self._delay_s)
                    piece = self.spoil(piece) if self.spoil else piece
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
