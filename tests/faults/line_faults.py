"""Faults of the manager interface, by which the daemon follows the queues."""

from __future__ import annotations

import itertools
import re

from tests.faults.fault import Fault
from tests.faults.stand import Stand

_BLOCK_OF_A_QUEUE = re.compile(rb"Event: Queue(?:Caller|Member)[^\r]*\r\n(?:[^\r]+\r\n)+\r\n")


def without_events(piece: bytes) -> bytes:
    """What the PBX said without whole events of its queues."""
    return _BLOCK_OF_A_QUEUE.sub(b"", piece)


class Forger:
    """Adds events to what the PBX says: callers who are not there, joins of queues that are not, halves of blocks."""

    def __init__(self) -> None:
        self._serial = itertools.count()

    def __call__(self, piece: bytes) -> bytes:
        """The piece and, where a block ends with it, a forged one."""
        if not piece.endswith(b"\r\n\r\n"):
            return piece
        serial = next(self._serial)
        forged = (
            "Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nChannel: PJSIP/forged-%d\r\nUniqueid: 1.%d\r\n"
            "Linkedid: 1.%d\r\nQueue: sales\r\nPosition: 1\r\nCount: 999\r\nCallerIDNum: 12\r\n\r\n",
            "Event: QueueMemberStatus\r\nQueue: sales\r\nInterface: Local/ring@test-agent\r\nStatus: 5\r\n\r\n",
            "Event: QueueCallerLeave\r\nQueue: support\r\nCount: -3\r\n\r\n",
            "Event: Shutdown\r\nShutdown: Cleanly\r\nRestart: False\r\n\r\n",
            "Response: Success\r\nActionID: 7\r\nEvent: FullyBooted\r\n\r\n\r\n",
        )[serial % 5]
        return piece + (forged % ((serial,) * forged.count("%d"))).encode()


def forge(stand: Stand) -> None:
    """Events are forged from now on."""
    stand.ami_wire.spoil = Forger()


def lose(stand: Stand) -> None:
    """Events are lost from now on."""
    stand.ami_wire.spoil = without_events


def as_said(stand: Stand) -> None:
    """What the PBX says arrives as it is."""
    stand.ami_wire.spoil = None


FAULTS = (
    Fault(
        "ami-reset",
        "the manager connection is cut, 20 times a second",
        lambda s: s.ami_wire.cut(),
        lambda s: None,
        meanwhile=lambda s: s.ami_wire.cut(),
    ),
    Fault(
        "ami-half-open",
        "the manager connection stands and nothing comes through",
        lambda s: s.ami_wire.freeze(),
        lambda s: s.ami_wire.thaw(),
    ),
    Fault("ami-forged", "an event is forged for each that comes", forge, as_said),
    Fault("ami-lost", "events of the queues are lost", lose, as_said),
)
"""While any of them lasts calls are decided as ever, or as the policy decides when load is unknown."""
