"""One PBX whose queues are followed, from its connection to the duties done there, as one task."""

from __future__ import annotations

import asyncio
from typing import NamedTuple, Protocol

from .board_keeper import BoardKeeper, Boards
from .duties.roster import Roster
from .endless import endless
from .line_keeper import LineKeeper, Lists


class Feed(Lists, Protocol):
    """The connection to a PBX."""

    def open(self) -> None:
        """Connect, and again whenever it is lost; what is heard goes to the keeper."""

    async def close(self) -> None:
        """Disconnect for good."""


class FollowedPbx(NamedTuple):
    """All that is done about one PBX; without any of it calls go on, with facts about its queues unknown."""

    keeper: LineKeeper
    """Keeps its line."""
    feed: Feed
    """Hears it."""
    roster: Roster
    """Acts on it."""
    board_keeper: BoardKeeper
    """Shows it."""
    boards: Boards
    """Where it is shown."""

    async def run(self) -> None:
        """Follow the PBX until cancelled: then the duties end first, the lead is given up, the connection closed."""
        pbx = self.keeper.line.pbx
        self.feed.open()
        try:
            await asyncio.gather(
                endless(lambda: self.keeper.keep(self.feed), f"keeping the line of {pbx}"),
                endless(lambda: self.board_keeper.show(self.boards), f"showing the line of {pbx}"),
                self.roster.run(),
            )
        finally:
            await self.feed.close()
