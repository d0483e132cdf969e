"""What is said to whoever started the daemon and watches it: systemd, or the keeper of several workers.

The protocol is sd_notify(3): one datagram of `NAME=VALUE` lines to the socket named in the environment. Nobody there,
or nobody who reads, is no fault: no call waits for a service manager.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping
from contextlib import suppress


class ServiceManager:
    """Told how the daemon is, where one asked for it in the environment."""

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        """Takes what is meant for this process out of `environment`, so that no child of ours speaks in our name."""
        address = environment.pop("NOTIFY_SOCKET", "")
        beat_us, meant_for = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        watched = bool(address) and beat_us.isdigit() and meant_for in ("", str(os.getpid()))
        self.beat_s = int(beat_us) / 2_000_000 if watched else 0.0
        """How often `alive` is to be said; 0 where nobody waits for it."""

    def ready(self, status: str) -> None:
        """Calls are answered; after `reloading`: the policy is in force, or was refused."""
        self._say(f"READY=1\nSTATUS={status}")

    def reloading(self) -> None:
        """The policy is read again; `ready` follows."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """No more calls are taken."""
        self._say("STOPPING=1\nSTATUS=finishing the calls at hand")

    def alive(self, status: str) -> None:
        """The loop that answers calls goes round."""
        self._say(f"WATCHDOG=1\nSTATUS={status}")

    def ari_joined(self) -> None:
        """Calls handed over by ARI are answered here; systemd leaves aside what begins with `X_`, a keeper does not."""
        self._say("X_ARI_JOINED=1")

    def _say(self, text: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
            speaker.setblocking(False)  # a manager that does not read holds up no call
            speaker.sendto(text.encode(), self._address)
