"""The live line of one PBX: one state, changed by one method, carrying its age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from .events import Event
from .live_queue import LiveQueue, QueueFacts


class LiveLine:
    """Queues, agents and waiting callers of one PBX, as far as known.

    Every answer is None when unknown: never listed, lost, older than allowed, or no such queue or agent.
    A kept answer holds while `turn` stays the same and the time is not past `good_until_s`.
    """

    __slots__ = ("pbx", "turn", "good_until_s", "queues", "doubtful", "stale_after_s", "_listed", "_facts")

    UNKNOWN: ClassVar[LiveLine]
    """The line of no PBX: knows nothing, ever."""

    pbx: str
    """Name of the PBX (its `systemname`)."""
    turn: int
    """Changes whenever any answer may have changed."""
    good_until_s: float
    """When the state turns unknown unless the PBX gives a sign of life before; seconds since 1970 UTC."""
    queues: dict[str, LiveQueue]
    """Every queue by its name in Asterisk."""
    doubtful: set[str]
    """Queues whose self-check failed: to be asked again. A QueueListed takes its queue out."""
    stale_after_s: float
    """How long the state is good after a sign of life."""

    def __init__(self, pbx: str, *, stale_after_s: float = 5.0) -> None:
        self.pbx = pbx
        self.stale_after_s = stale_after_s
        self.turn = 0
        self.good_until_s = 0.0
        self.queues = {}
        self.doubtful = set()
        self._listed = False
        self._facts: Mapping[str, QueueFacts] = {}

    def set_queue_facts(self, facts: Mapping[str, QueueFacts]) -> None:
        """Take over what the policy says of queues, by Asterisk's names."""
        self._facts = facts
        self.turn += 1

    def apply(self, event: Event, at_s: float) -> None:
        """Change the state by what happened; idempotent, in the order heard."""
        raise NotImplementedError

    def heard(self, at_s: float) -> None:
        """The PBX is alive and everything that happened there until `at_s` was applied."""
        if self._listed:
            self.good_until_s = max(self.good_until_s, at_s + self.stale_after_s)

    def lost(self) -> None:
        """The connection is gone: unknown at once, until the next LineListed."""
        self._listed = False
        self.good_until_s = 0.0
        self.turn += 1

    def tick(self, at_s: float) -> None:
        """Time passed: waits grew, wrap-ups ended."""
        self.turn += 1

    def known(self, at_s: float) -> bool:
        """Whether the state may be believed at `at_s`."""
        return at_s <= self.good_until_s

    def free(self, queue: str, at_s: float) -> int | None:
        """Agents Asterisk would ring for the next caller."""
        return None

    def waiting(self, queue: str, at_s: float) -> int | None:
        """Callers waiting."""
        return None

    def longest_wait_s(self, queue: str, at_s: float) -> int | None:
        """Seconds the caller who waits longest has waited; 0 when nobody waits."""
        return None

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        """Seconds a caller who enters now with that head start will wait; None also when nobody could answer."""
        return None

    def agent_free(self, interface: str, at_s: float) -> bool | None:
        """Whether an agent could be rung now, by their interface in any queue."""
        return None


LiveLine.UNKNOWN = LiveLine("")
