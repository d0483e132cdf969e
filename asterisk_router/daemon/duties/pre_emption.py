"""Makes room for first-class callers who find no free agent: a caller of low class is offered a call-back."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ...queues.acts import LineActs
from ...queues.live_line import LiveLine
from ...queues.pre_emption import Claim, Line, rooms

LOG = logging.getLogger(__name__)


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

    async def turn(self, at_s: float) -> None:
        """Make room for every first-class caller who needs it and has not been helped before."""
        queues = self._line.queues
        self._helped &= {caller.uniqueid for queue in queues.values() for caller in queue.waiting}
        line = Line(queues, lambda name: self._line.free(name, at_s), self._claim, self._talking_too())
        for room in rooms(line, self._helped):
            self._helped.add(room.first)
            done = await self._acts.act(room.act)
            self.made += done.ok
            how = "makes room" if done.ok else f"does not make room ({done.said})"
            LOG.info("%s: call %s %s for call %s", self._line.pbx, room.yields, how, room.first)
