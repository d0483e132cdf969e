"""Plays a queue's calls through its agents, and draws the chances of them; the twin of `ext/queue_day.pyx`.

The queue is Asterisk's under `QUEUE_PRIO = head start - moment of arrival`: the caller with the most seconds of waiting
and head start together is answered first, equal ones in the order of arrival. Agents are alike, finish their call when
their shift ends, and nobody is interrupted.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from heapq import heappop, heappush
from math import inf, isfinite, log
from typing import Final

SERVED: Final = 0
"""Fate of a call: an agent answered."""
HUNG_UP: Final = 1
"""Fate of a call: patience ended first."""
LEFT: Final = 2
"""Fate of a call: endless patience, and no agent ever again."""

TALLIED: Final = ("offered", "served", "hung_up", "left", "in_time", "had_to_wait", "served_wait_s", "hung_up_wait_s")
"""What is counted of each class, in this order; the last two are sums of seconds."""

_WORD: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


def check_day(
    at_s: Sequence[float],
    by_call: Sequence[Sequence[float]],
    changes_s: Sequence[float],
    agents: Sequence[int],
    promised_s: Sequence[float],
    tally: Sequence[float],
) -> None:
    """Raise ValueError where what belongs together has not the same length, or the shifts are none."""
    if any(len(each) != len(at_s) for each in by_call):
        raise ValueError("not one of everything a call")
    if len(changes_s) != len(agents) or any(number < 0 for number in agents):
        raise ValueError("not one number of agents, at least 0, a change of shift")
    if not all(map(isfinite, changes_s)) or any(changes_s[at] < changes_s[at - 1] for at in range(1, len(changes_s))):
        raise ValueError("the changes of shift are not in order")
    if len(tally) != len(promised_s) * len(TALLIED):
        raise ValueError("the tally does not fit the number of classes")


def play(
    at_s: Sequence[float],
    class_of: Sequence[int],
    head_start_s: Sequence[float],
    service_s: Sequence[float],
    patience_s: Sequence[float],
    changes_s: Sequence[float],
    agents: Sequence[int],
    promised_s: Sequence[float],
    counted_from_s: float,
    waited_s: MutableSequence[float],
    fates: MutableSequence[int],
    tally: MutableSequence[float],
) -> None:
    """Play the calls, in order of arrival, and write how long each waited, its fate, and the tally of each class.

    From `changes_s[k]` on `agents[k]` agents are there, before the first none. `service_s` is how long each call takes
    an agent, `patience_s` after how long the caller hangs up (`inf`: never), `promised_s` by class the wait within
    which an answer is in time. Calls before `counted_from_s` are played and not tallied. All are buffers: of doubles,
    of C ints (classes, agents) and of signed chars (fates). Raises ValueError for what cannot be played.
    """
    by_call = (class_of, head_start_s, service_s, patience_s, waited_s, fates)
    check_day(at_s, by_call, changes_s, agents, promised_s, tally)
    _check_calls(at_s, class_of, head_start_s, service_s, patience_s, len(promised_s))
    _answer(at_s, head_start_s, service_s, patience_s, changes_s, agents, waited_s, fates)
    _count(at_s, class_of, promised_s, counted_from_s, waited_s, fates, tally)


def _answer(
    at_s: Sequence[float],
    head_start_s: Sequence[float],
    service_s: Sequence[float],
    patience_s: Sequence[float],
    changes_s: Sequence[float],
    agents: Sequence[int],
    waited_s: MutableSequence[float],
    fates: MutableSequence[int],
) -> None:
    """Arrivals, changes of shift and ends of calls in their order; at one moment a change first, an arrival last."""
    waiting: list[tuple[float, int]] = []
    releases: list[float] = []
    call = step = free = wanted = 0
    while call < len(at_s) or waiting:
        arrival = at_s[call] if call < len(at_s) else inf
        done = releases[0] if releases else inf
        change = changes_s[step] if step < len(changes_s) else inf
        if arrival < done and arrival < change:
            if free:
                free -= 1
                waited_s[call], fates[call] = 0.0, SERVED
                heappush(releases, arrival + service_s[call])
            else:
                heappush(waiting, (arrival - head_start_s[call], call))
            call += 1
            continue
        if change <= done:
            if change == inf:
                break  # nobody will ever be free again
            wanted = agents[step]
            free = max(0, wanted - len(releases))
            step += 1
            done = change
        else:
            heappop(releases)
            free += len(releases) + free < wanted
        while free and waiting:
            each = heappop(waiting)[1]
            waited_s[each], fates[each] = done - at_s[each], SERVED
            if waited_s[each] > patience_s[each]:
                waited_s[each], fates[each] = patience_s[each], HUNG_UP
            else:
                free -= 1
                heappush(releases, done + service_s[each])
    for _, each in waiting:
        waited_s[each], fates[each] = patience_s[each], HUNG_UP if patience_s[each] < inf else LEFT


def _check_calls(
    at_s: Sequence[float],
    class_of: Sequence[int],
    head_start_s: Sequence[float],
    service_s: Sequence[float],
    patience_s: Sequence[float],
    classes: int,
) -> None:
    last_s = 0.0
    for each, arrival_s in enumerate(at_s):
        if (
            not last_s <= arrival_s < inf
            or not 0 <= class_of[each] < classes
            or head_start_s[each] != head_start_s[each]
            or not 0 <= service_s[each] < inf
            or not patience_s[each] >= 0
        ):
            raise ValueError(f"call {each} cannot be played: not in order of arrival, or a value that is none")
        last_s = arrival_s


def _count(
    at_s: Sequence[float],
    class_of: Sequence[int],
    promised_s: Sequence[float],
    counted_from_s: float,
    waited_s: Sequence[float],
    fates: Sequence[int],
    tally: MutableSequence[float],
) -> None:
    for place in range(len(tally)):
        tally[place] = 0.0
    for call, arrival_s in enumerate(at_s):
        if arrival_s >= counted_from_s:
            row, fate = class_of[call] * len(TALLIED), fates[call]
            tally[row] += 1
            tally[row + 1 + fate] += 1
            tally[row + 4] += fate == SERVED and waited_s[call] <= promised_s[class_of[call]]
            if fate != LEFT:
                tally[row + 5] += waited_s[call] > 0
                tally[row + 6 + fate] += waited_s[call]


def _mixed(z: int) -> int:
    """The finish of splitmix64 (Steele, Lea, Flood 2014)."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _WORD
    return z ^ (z >> 31)


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _WORD


class Draws:
    """Chances that the seed and the stream decide: xoshiro256++ (Blackman, Vigna 2019), begun by splitmix64.

    Both are whole numbers of 64 bits. Streams of one seed are unrelated.
    """

    def __init__(self, seed: int, stream: int) -> None:
        if not (0 <= seed <= _WORD and 0 <= stream <= _WORD):
            raise OverflowError("seed and stream are whole numbers of 64 bits")
        at = _mixed(_mixed(seed + _GOLDEN & _WORD) ^ (stream + _GOLDEN & _WORD))
        self._state = [_mixed(at + place * _GOLDEN & _WORD) for place in (1, 2, 3, 4)]

    def uniform(self) -> float:
        """A number between 0 and 1, never either."""
        a, b, c, d = self._state
        drawn = (_turned((a + d) & _WORD, 23) + a) & _WORD
        c ^= a
        d ^= b
        self._state = [a ^ d, b ^ c, c ^ (b << 17 & _WORD), _turned(d, 45)]
        return ((drawn >> 12) + 0.5) * 2.0**-52

    def arrivals(self, gap_s: float, into: MutableSequence[float]) -> None:
        """Fill `into` with the moments of calls that come at random, `gap_s` apart in the mean, from 0 on."""
        at_s = 0.0
        for call in range(len(into)):
            at_s += gap_s * -log(self.uniform())
            into[call] = at_s

    def classes(self, up_to: Sequence[float], into: MutableSequence[int]) -> None:
        """Fill `into` with classes; `up_to` has by class the share of its calls and of those before it, the last 1."""
        last = len(up_to) - 1
        for call in range(len(into)):
            drawn, found = self.uniform(), 0
            while found < last and drawn >= up_to[found]:
                found += 1
            into[call] = found

    def exponential(self, mean_s: Sequence[float], class_of: Sequence[int], into: MutableSequence[float]) -> None:
        """Fill `into` with exponential times, `mean_s` of its class each (an infinite mean is for ever)."""
        _check_classes(class_of, len(into), len(mean_s))
        for call in range(len(into)):
            into[call] = mean_s[class_of[call]] * -log(self.uniform())

    def resampled(
        self, values: Sequence[float], ends: Sequence[int], class_of: Sequence[int], into: MutableSequence[float]
    ) -> None:
        """Fill `into` with values drawn from those of the class, which end in `values` at `ends`."""
        _check_classes(class_of, len(into), len(ends))
        starts = [0, *ends[:-1]]
        for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
            if not start < end <= len(values):
                raise ValueError(f"class {at} has no values to draw from")
        for call in range(len(into)):
            start, end = starts[class_of[call]], ends[class_of[call]]
            into[call] = values[start + int(self.uniform() * (end - start))]


def _check_classes(class_of: Sequence[int], calls: int, classes: int) -> None:
    if len(class_of) != calls:
        raise ValueError("not one class a call")
    for call, kind in enumerate(class_of):
        if not 0 <= kind < classes:
            raise ValueError(f"call {call} has a class that is not there")
