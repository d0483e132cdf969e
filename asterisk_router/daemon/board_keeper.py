"""Shows the line of one PBX to people and other daemons: the live line, and what only the daemon knows of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import time
from typing import TYPE_CHECKING, Protocol

from ..queues.board import board
from ..queues.live_line import LiveLine
from ..queues.shared_board import ReserveOnBoard, SharedBoard

if TYPE_CHECKING:
    from ..callers.registered_call import BeganCall
    from ..policy.policy import Policy

LOG = logging.getLogger(__name__)

SHOW_S = 0.25
"""A board is shown no more often than this."""

BEAT_S = 1.0
"""And at least so often, as a sign of life."""

SHOW_SHARE = 50
"""A board that took long to make is followed by so many times as long without one: calls are decided meanwhile."""


class Boards(Protocol):
    """Where boards are shown."""

    def publish(self, pbx: str, board: SharedBoard) -> None:
        """Send one off and return at once; where the store is slow or away it is dropped."""


class Source(Protocol):
    """What the board needs to know of the PBX besides its line."""

    @property
    def why(self) -> str:
        """Why the line is not heard; empty while it is."""


class Lead(Protocol):
    """Whether this daemon leads on the PBX."""

    @property
    def is_leader(self) -> bool:
        """True only while no other can believe that it does."""


class BoardKeeper:
    """The board of one PBX. Whoever leads shows it; a deaf daemon shows that it is deaf, where nobody shows more."""

    def __init__(
        self,
        line: LiveLine,
        source: Source,
        lead: Lead,
        *,
        name: str,
        policy: Callable[[], Policy],
        call_of: Callable[[str], BeganCall],
        reserves: Callable[[], list[ReserveOnBoard]],
        clock: Callable[[], float] = time,
    ) -> None:
        self._line = line
        self._source = source
        self._lead = lead
        self._name = name
        self._policy = policy
        self._call_of = call_of
        self._reserves = reserves
        self._clock = clock

    async def show(self, boards: Boards) -> None:
        """Show the line whenever it has changed, and once a second as a sign of life; until cancelled."""
        now_s = asyncio.get_running_loop().time
        shown, beat_s = (-1, False, False), 0.0
        while True:
            at_s, pause_s = self._clock(), SHOW_S
            state = (self._line.turn, self._line.known(at_s), self._lead.is_leader)
            if (state != shown or now_s() >= beat_s) and (state[2] or not state[1]):
                began_s = now_s()
                try:
                    boards.publish(self._line.pbx, self.made(at_s))
                except Exception:
                    LOG.exception("%s: a fault of ours in its board; it goes on", self._line.pbx)
                pause_s = max(pause_s, (now_s() - began_s) * SHOW_SHARE)
                shown, beat_s = state, began_s + BEAT_S
            await asyncio.sleep(pause_s)

    def made(self, at_s: float) -> SharedBoard:
        """The board at `at_s`."""
        policy, plain = self._policy(), board(self._line, at_s)
        asterisk = {name: rules.asterisk for name, rules in policy.queue_rules.items()}
        words = policy.pressures(self._line, at_s)
        callers = [caller for queue in plain["queues"] for caller in queue["callers"]]
        calls = [self._call_of(caller["uniqueid"]) for caller in callers]
        for caller, call in zip(callers, calls, strict=True):
            if call.caller_class and not call.number:  # withheld; Asterisk tells the manager interface all the same
                caller["number"] = caller["name"] = ""
        return SharedBoard(
            **plain,
            daemon=self._name,
            leads=self._lead.is_leader,
            why=self._source.why,
            policy_names={queue: name for name, queue in asterisk.items()},
            pressures={asterisk[name]: word for name, word in words.items() if name in asterisk},
            classes={call.uniqueid: call.caller_class for call in calls if call.caller_class},
            reserves=self._reserves(),
        )
