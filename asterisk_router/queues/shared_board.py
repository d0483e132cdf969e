"""A board on its way to people and other daemons: the live line with what only the daemon knows, and its age.

No call ever waits for one. Nobody can tell is `None` or a missing key everywhere, never zero.
"""

from __future__ import annotations

from typing import NamedTuple, TypedDict

from .board import Board

STALE_AFTER_S = 5.0
"""A board older than this says nothing of the line any more."""


class ReserveOnBoard(TypedDict):
    """One reserve agent and the queue they can help in."""

    reserve: str
    """Name of the policy's `[[reserve]]`."""
    agent: str
    """The agent, by name in the policy."""
    queue: str
    """The queue, by its name in the policy."""
    state: str
    """`away`, `asked` (their telephone rings, they have not agreed yet) or `in`."""
    why: str
    """Who or what pulled them in: a person's name, or `rule`; empty when away."""
    ask: bool
    """Whether the policy has them rung first: they join when they press 1."""


class SharedBoard(Board, total=False):
    """A board as it is published; each of these may be missing."""

    daemon: str
    """Who publishes."""
    leads: bool
    """Whether that daemon acts on the PBX."""
    why: str
    """Why the line is not heard, for people."""
    policy_names: dict[str, str]
    """Queue in Asterisk -> its name in the policy."""
    pressures: dict[str, str | None]
    """Queue in Asterisk -> `calm`, `busy` or `overloaded`."""
    classes: dict[str, str]
    """Uniqueid of a waiting caller -> class by the policy, where this daemon decided the call."""
    reserves: list[ReserveOnBoard]
    """Every reserve agent of the policy in force."""


class SeenBoard(NamedTuple):
    """A board as it was read."""

    board: SharedBoard
    """What was published."""
    age_s: float
    """How long ago it was published, by the store's own clock: a host whose clock is wrong changes nothing."""

    @property
    def stale(self) -> bool:
        """Whether nobody publishes it any more."""
        return self.age_s > STALE_AFTER_S

    @property
    def known(self) -> bool:
        """Whether it says how the line is now: it was known then, and has not run out since."""
        board = self.board
        return bool(board.get("known")) and not self.stale and self.age_s <= board["good_until_s"] - board["at_s"]
