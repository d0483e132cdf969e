"""How long a conversation of one queue takes: learned from each that ends, seeded by what is known before."""

from __future__ import annotations

from typing import Final, NamedTuple

MEMORY_CALLS: Final = 50
"""Calls that are remembered: a new one always counts for at least one in fifty, so that a change is learned."""

OUTLIER: Final = 5
"""A conversation counts as at most this many times the usual one: a receiver left beside the telephone is no trend."""

POLICY_CALLS: Final = 5
"""How many calls the policy's `handling_time` is worth."""

APP_QUEUE_CALLS: Final = 7
"""How many calls app_queue's `TalkTime` is worth at most: it forgets a quarter with each (`update_queue()`)."""

UNKNOWN_S: Final = 180
"""A conversation nobody has told anything about."""

SPREAD_CALLS: Final = 10
"""How many calls the assumption is worth that conversations spread as widely as exponential ones."""


class Handling(NamedTuple):
    """What one call of a queue takes of an agent's time."""

    mean_s: float
    """Ringing, conversation and wrap-up together."""
    ring_s: float
    """The ringing alone."""
    spread: float
    """Standard deviation of conversations by their mean, at most 1: 0 all alike, 1 as if drawn by lot."""


class HandlingTime:
    """Conversations and ringing of one queue, as learned."""

    __slots__ = ("_calls", "_ring_s", "_rings", "_square", "_talk_s")

    def __init__(self) -> None:
        self._calls = self._rings = 0
        self._talk_s = self._square = self._ring_s = 0.0

    def learn_talk(self, talked_s: float) -> None:
        """A conversation ended."""
        if self._calls >= SPREAD_CALLS:
            talked_s = min(talked_s, OUTLIER * max(self._talk_s, 1.0))
        self._calls = min(self._calls + 1, MEMORY_CALLS)
        self._talk_s += (talked_s - self._talk_s) / self._calls
        self._square += (talked_s * talked_s - self._square) / self._calls

    def learn_ring(self, rang_s: float) -> None:
        """An agent took a call up after `rang_s`."""
        self._rings = min(self._rings + 1, MEMORY_CALLS)
        self._ring_s += (rang_s - self._ring_s) / self._rings

    def estimate(self, wrap_up_s: int, policy_s: int, app_queue_talk_s: int, app_queue_completed: int) -> Handling:
        """What a call takes: our own calls first; app_queue's average and the policy fill up what they lack."""
        own = self._calls
        theirs = max(0, min(app_queue_completed, APP_QUEUE_CALLS) - own) if app_queue_talk_s else 0
        said = max(0, POLICY_CALLS - own - theirs) if policy_s else 0
        calls = own + theirs + said
        ring_s = self._ring_s
        if not calls:
            return Handling(UNKNOWN_S + wrap_up_s + ring_s, ring_s, 1.0)
        conversations = own * self._talk_s + theirs * app_queue_talk_s
        talk_s = (conversations + said * max(policy_s - wrap_up_s, 1)) / calls
        return Handling(max(talk_s + wrap_up_s + ring_s, 1.0), ring_s, self._spread())

    def _spread(self) -> float:
        mean = max(self._talk_s, 1.0)
        ours = float(max(self._square - self._talk_s * self._talk_s, 0.0) ** 0.5) / mean
        return min((self._calls * ours + SPREAD_CALLS) / (self._calls + SPREAD_CALLS), 1.0)
