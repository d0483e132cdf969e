"""A queue's past brought back from its log, to be played again under another rule.

What is seen of a call stays with it, what is not is drawn anew in every replication:

- when a caller asked for an agent, and how long the agent talked, is seen. Who hung up never talked: their time is
  drawn from those of their class.
- the patience of those who hung up is seen. Who was answered had more than they waited: theirs is drawn from what
  Kaplan and Meier (1958) make of the class, given that it is longer; its end is exponential.
- agents are not seen, only their calls. One without a call for `AWAY_AFTER_S` while callers waited was away; one
  without a call while nobody waited was free (`agents_present`). A shorter pause while callers waited is work after
  the call.
- the class of a caller may be unknown to the log. Whether a caller finds an agent free has nothing to do with the
  class, so it is drawn from the classes of the callers of the same kind who had to wait.

So the past under its own rule must come out again, which shows whether the log was understood; and under another rule
the same callers meet it. Which rule a log was made under it can be asked itself (`overtaking`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, chain, pairwise
from math import inf, log
from typing import Final, NamedTuple

from .._native import kernel
from .queue_simulation import STREAMS, Arrivals, Shifts, doubles

AWAY_AFTER_S: Final = 300.0
"""Without a call for longer, while callers waited, an agent was away."""

TOGETHER_S: Final = 1.0
"""Logs are of whole seconds: who came less than this before an answer did not wait together with the one answered."""

MISSED_S: Final = 20.0
"""Callers who waited for longer than this were not left to an agent who was there: no ringing takes so long."""

QUANTILES: Final = 1000
"""By how many values a patience is told."""


class PastQueueCall(NamedTuple):
    """A call as the log of a queue has it."""

    at_s: float
    """When the caller asked for an agent, in seconds from a moment before all calls."""
    kind: str
    """What the log tells of every caller (a line, a queue): callers of one kind have the same chances of a class."""
    class_of: int | None
    """The class, counted from 0; None where the log does not tell."""
    waited_s: float
    """Seconds until the answer or the hang-up."""
    answered: bool
    """Whether an agent answered."""
    talked_s: float = 0.0
    """Seconds with the agent."""
    agent: str = ""
    """Who answered; empty where the log does not tell."""
    number: int = 0
    """Which call it is, for rules that know what was decided of each."""

    @property
    def answered_s(self) -> float:
        """When it was answered, or hung up."""
        return self.at_s + self.waited_s


def agents_present(calls: Iterable[PastQueueCall], away_after_s: float = AWAY_AFTER_S) -> Shifts:
    """How many agents were there from when on, by their calls: in, from the first until they are away."""
    calls = list(calls)
    queued = _Queued(calls)
    steps: dict[float, int] = {}
    for own in _by_agent(calls).values():
        for since_s, until_s in _spells(own, queued, away_after_s):
            steps[since_s] = steps.get(since_s, 0) + 1
            steps[until_s] = steps.get(until_s, 0) - 1
    changes_s, agents, now = array("d"), array("i"), 0
    for at_s in sorted(steps):
        now += steps[at_s]
        changes_s.append(at_s)
        agents.append(now)
    return Shifts(changes_s, agents)


def after_call_s(calls: Iterable[PastQueueCall], away_after_s: float = AWAY_AFTER_S) -> dict[PastQueueCall, float]:
    """Seconds from the end of a call to the agent's next one, of each call at whose end somebody waited."""
    calls = list(calls)
    queued = _Queued(calls)
    gaps = {}
    for own in _by_agent(calls).values():
        for one, other in pairwise(own):
            end_s = one.answered_s + one.talked_s
            if queued.at(end_s) and other.answered_s - end_s <= away_after_s:
                gaps[one] = max(other.answered_s - end_s, 0.0)
    return gaps


def patience_values(calls: Iterable[PastQueueCall], count: int = QUANTILES) -> array[float]:
    """Patience told by `count` equally likely values, ascending; `inf` where nobody hung up.

    Beyond the longest wait that is known patience goes on ending as often as in the mean of all seconds waited.
    """
    waits = sorted((call.waited_s, call.answered) for call in calls if call.waited_s > 0)  # hang-ups before answers
    hung_up = sum(not answered for _, answered in waits)
    if not hung_up:
        return array("d", [inf]) * count
    per_s = hung_up / sum(waited_s for waited_s, _ in waits)
    values, stay, still = array("d"), 1.0, len(waits)
    for waited_s, answered in waits:
        if not answered:
            stay *= 1 - 1 / still
            while len(values) < count and 1 - (len(values) + 0.5) / count >= stay:
                values.append(waited_s)
        still -= 1
    while len(values) < count:
        values.append(waits[-1][0] - log((1 - (len(values) + 0.5) / count) / stay) / per_s)
    return values


def overtaking(
    calls: Iterable[PastQueueCall], later: Callable[[PastQueueCall], bool], earlier: Callable[[PastQueueCall], bool],
    since_s: float, until_s: float,
) -> tuple[int, int]:  # fmt: skip
    """Whether the log shows a head start: of how many pairs who waited together the one who came later went first.

    Pairs of an answered call of each sort, the one of `later` having come from `since_s` to less than `until_s` after
    the other. Returns how often it was answered first, and how many pairs there were: all of them where the difference
    of head starts is at least `until_s`, none where it is below `since_s`.
    """
    waited = sorted((call for call in calls if call.answered and call.waited_s > 0), key=lambda call: call.at_s)
    came = [call.at_s for call in waited]
    first = pairs = 0
    for place, one in enumerate(waited):
        if earlier(one):
            for other in waited[
                bisect_left(came, one.at_s + since_s, place) : bisect_left(came, one.at_s + until_s, place)
            ]:
                if other is not one and later(other) and other.at_s < one.answered_s - TOGETHER_S:
                    pairs += 1
                    first += other.answered_s < one.answered_s
    return first, pairs


Rule = Callable[[PastQueueCall, float], float | None]
"""The head start of a call, whose class is told, in seconds; None sends the call elsewhere, past this queue.

It may depend on a chance between 0 and 1.
"""


class Past:
    """The calls of a past, to be drawn again and again."""

    def __init__(
        self, calls: Iterable[PastQueueCall], classes: int, away_after_s: float = AWAY_AFTER_S,
        seen: Sequence[PastQueueCall] | None = None,
    ) -> None:  # fmt: skip
        """`seen` are those by which it is known when agents were there, all of them if not said.

        Raises ValueError where a kind has nobody who waited and has a known class.
        """
        self.calls = sorted(calls, key=lambda call: call.at_s)
        self.shifts = agents_present(self.calls if seen is None else seen, away_after_s)
        self.classes = classes
        gap_s = after_call_s(self.calls if seen is None else seen, away_after_s)
        self._gap_s = [gap_s.get(call) for call in self.calls]
        self._gaps_s = array("d", gap_s.values() or [0.0])
        waited = [call for call in self.calls if call.waited_s > 0 and call.class_of is not None]
        unknown = {call.kind for call in self.calls if call.class_of is None}
        self._chances = {kind: self._shares(waited, kind) for kind in unknown}
        by_class = [[call for call in self.calls if call.class_of == number] for number in range(classes)]
        self._patience_s = [patience_values(own) for own in by_class]
        everybody_s = [call.talked_s for call in self.calls if call.answered]
        talked_s = [[call.talked_s for call in own if call.answered] or everybody_s for own in by_class]
        self._talked_s = array("d", chain.from_iterable(talked_s))
        self._ends = array("i", accumulate(map(len, talked_s)))

    def drawn(self, rule: Rule, seed: int, replication: int) -> Arrivals:
        """One possible past under a rule; what is drawn of a call is the same under every rule."""
        native, count = kernel("queue_day"), len(self.calls)
        classes, talks, patience, gaps = (native.Draws(seed, replication * STREAMS + use) for use in range(STREAMS))
        known = [self._with_class(call, classes.uniform()) for call in self.calls]
        class_of = array("i", [call.class_of or 0 for call in known])
        service_s, gap_s = doubles(count), doubles(count)
        talks.resampled(self._talked_s, self._ends, class_of, service_s)
        gaps.resampled(self._gaps_s, array("i", [len(self._gaps_s)]), array("i", bytes(4 * count)), gap_s)
        for place, (call, seen_s) in enumerate(zip(self.calls, self._gap_s, strict=True)):
            talked_s = call.talked_s if call.answered else service_s[place]
            service_s[place] = talked_s + (gap_s[place] if seen_s is None else seen_s)
        patience_s = [self._patience_of(call, patience.uniform()) for call in known]
        ranks = [rule(call, classes.uniform()) for call in known]
        came = [place for place, rank in enumerate(ranks) if rank is not None]
        return Arrivals(
            array("d", [known[place].at_s for place in came]),
            array("i", [class_of[place] for place in came]),
            array("d", [rank for rank in ranks if rank is not None]),
            array("d", [service_s[place] for place in came]),
            array("d", [patience_s[place] for place in came]),
        )

    def _patience_of(self, call: PastQueueCall, chance: float) -> float:
        """What was seen, or what is likely of somebody who waited so long and was answered."""
        if not call.answered:
            return call.waited_s
        values = self._patience_s[call.class_of or 0]
        first = bisect_right(values, call.waited_s)
        return values[first + int(chance * (len(values) - first))] if first < len(values) else inf

    def _shares(self, waited: list[PastQueueCall], kind: str) -> list[float]:
        of_kind = [call.class_of for call in waited if call.kind == kind]
        if not of_kind:
            raise ValueError(f"nobody of the kind {kind!r} waited and has a known class")
        return [
            sum(each <= number for each in of_kind if each is not None) / len(of_kind) for number in range(self.classes)
        ]

    def _with_class(self, call: PastQueueCall, chance: float) -> PastQueueCall:
        if call.class_of is not None:
            return call
        return call._replace(class_of=bisect_right(self._chances[call.kind], chance))


def _by_agent(calls: Iterable[PastQueueCall]) -> dict[str, list[PastQueueCall]]:
    found: dict[str, list[PastQueueCall]] = {}
    for call in sorted(calls, key=lambda each: each.answered_s):
        if call.answered and call.agent:
            found.setdefault(call.agent, []).append(call)
    return found


def _spells(own: Sequence[PastQueueCall], queued: _Queued, away_after_s: float) -> Iterable[tuple[float, float]]:
    """From when to when an agent was there."""
    since_s, until_s = own[0].answered_s, own[0].answered_s + own[0].talked_s
    for call in own[1:]:
        if call.answered_s - until_s > away_after_s and queued.between_s(until_s, call.answered_s) > MISSED_S:
            yield since_s, until_s
            since_s = call.answered_s
        until_s = max(until_s, call.answered_s + call.talked_s)
    yield since_s, until_s


class _Queued:
    """When anybody waited."""

    def __init__(self, calls: Iterable[PastQueueCall]) -> None:
        self._since_s: list[float] = []
        self._until_s: list[float] = []
        for since_s, until_s in sorted((call.at_s, call.answered_s) for call in calls if call.waited_s > 0):
            if self._until_s and since_s <= self._until_s[-1]:
                self._until_s[-1] = max(self._until_s[-1], until_s)
            else:
                self._since_s.append(since_s)
                self._until_s.append(until_s)

    def between_s(self, since_s: float, until_s: float) -> float:
        """For how many seconds from the one to the other somebody waited."""
        place, total_s = bisect_right(self._until_s, since_s), 0.0
        while place < len(self._since_s) and self._since_s[place] < until_s:
            total_s += min(self._until_s[place], until_s) - max(self._since_s[place], since_s)
            place += 1
        return total_s

    def at(self, moment_s: float) -> bool:
        """Whether anybody waited then."""
        place = bisect_right(self._until_s, moment_s)
        return place < len(self._since_s) and self._since_s[place] <= moment_s
