"""Makes room for first-class callers who find no free agent: a caller of low class is offered a call-back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ...queues.acts import LineActs
from ...queues.live_line import LiveLine
from ...queues.pre_emption import Claim, Line, rooms

LOG = logging.getLogger(__name__)

ONCE_S = 3600.0
"""Whoever has made room is not asked again for so long: who declines the call-back and waits on has waited for it."""


class PreEmption:
    """On one PBX. What who makes room hears is the dialplan's: an announcement and the offer of a call-back."""

    def __init__(
        self, line: LiveLine, acts: LineActs, *, claim: Callable[[str], Claim], talking_too: Callable[[], bool]
    ) -> None:
        self.made = 0
        """Callers who were told to make room."""
        self._line = line
        self._acts = acts
        self._claim = claim
        self._talking_too = talking_too
        self._helped: set[str] = set()
        self._asked: dict[str, float] = {}  # and when

    async def turn(self, at_s: float) -> None:
        """Make room for every first-class caller who needs it and has not been helped before."""
        queues = self._line.queues
        self._helped &= {caller.uniqueid for queue in queues.values() for caller in queue.waiting}
        self._asked = {uniqueid: asked_s for uniqueid, asked_s in self._asked.items() if at_s < asked_s + ONCE_S}
        line = Line(queues, lambda name: self._line.free(name, at_s), self._claim, self._talking_too())
        for room in rooms(line, self._helped, self._asked.keys()):
            self._helped.add(room.first)
            self._asked[room.yields] = at_s
            done = await self._acts.act(room.act)
            self.made += done.ok
            if not done.ok:  # gone or answered meanwhile, as a rule: another may make room, this one is not tried again
                self._helped.discard(room.first)
            how = "makes room" if done.ok else f"does not make room ({done.said})"
            LOG.info("%s: call %s %s for call %s", self._line.pbx, room.yields, how, room.first)
