"""What is said to whoever started the daemon and watches it: systemd, or the keeper of several workers.

The protocol is sd_notify(3): one datagram of `NAME=VALUE` lines to the socket named in the environment. Nobody there,
or nobody who reads, is no fault: no call waits for a service manager.
"""

from __future__ import annotations

import array
import logging
import os
import socket
import time
from collections.abc import MutableMapping, Sequence

LOG = logging.getLogger(__name__)

KEEP_S = 1.0
"""How long at most a start waits until the service manager takes a socket; who calls waits in the kernel meanwhile."""


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

    def keep(self, name: str, ours: socket.socket) -> bool:
        """Have a socket kept for our next life, which inherits it under `name`; whether there is somebody who may.

        Kept are the connections that wait in it, too. systemd does so where the unit has `FileDescriptorStoreMax=`,
        until the service is stopped; told not to poll it (246 and later), it does not mind one that is shut. What it
        has already it does not take twice.
        """
        return self._say(f"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", KEEP_S, [ours.fileno()])

    def let_go(self, name: str) -> None:
        """Keep what was kept under `name` no longer."""
        self._say(f"FDSTOREREMOVE=1\nFDNAME={name}", KEEP_S)

    def _say(self, text: str, patience_s: float = 0.0, descriptors: Sequence[int] = ()) -> bool:
        """Say it; whether it was taken. As a rule at once or never: a manager that does not read holds up no call."""
        if not self._address:
            return False
        beside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
                speaker.settimeout(patience_s)
                speaker.sendmsg([text.encode()], beside, 0, self._address)
        except OSError as fault:
            if patience_s:
                LOG.warning("the service manager was not told %s: %s", text.replace("\n", " "), fault)
            return False
        return True
