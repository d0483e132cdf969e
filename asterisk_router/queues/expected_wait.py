"""How long a caller who enters a queue now will wait: the estimate promised to callers and shown to people.

Let c agents be logged in (neither paused nor unreachable), f of them free, a callers of at least the new one's
priority wait for whom nobody is rung yet (who is rung is as good as talking), and let a call take m of an agent's time
(ringing, conversation, wrap-up). The new caller is answered when the n = (a + 1 - f)th agent becomes free; with a < f
that is now, after the ringing. Busy agent i has r_i left: `m - (1 - s) * elapsed`, where s is the spread of
conversations: if all are alike (s = 0) the elapsed part is over, if they are as if drawn by lot (s = 1, exponential)
it says nothing. Of two estimates

    by lot:  1 / sum(1 / r_i) + (n - 1) * m / c             exact for exponential times
    alike:   the nth release, when every agent released takes m again    exact for equal times

the wait is their mean weighted by s and 1 - s. `HandlingTime` learns m and s.

Agents shared with other queues: a caller there goes first if their priority is at least as high (app_queue with
`force_longest_waiting_caller=prio`; without it they are served in an order nobody can foretell, and this is the fair
one). An agent's turns are shared out between the agent's queues by how many each of them asks of each of its agents,
and n grows by one through the share left for this queue; m is that of the callers ahead, whatever queue they are in.
Four agents of two queues, 3 ahead here and 4 there: (3 + 1) / (1 / 2) = 8 turns of 4 agents, as if it were one queue.

Not foreseen: callers with a greater head start who come later; `ageing.wait_bound_s` bounds what they can cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final, NamedTuple

from .live_queue import LiveQueue
from .members import LiveMember, MemberState
from .waiting import WaitingCaller

DAY_S: Final = 86_400
"""Stands for never: nobody is logged in. No wait is said to be longer."""

MOMENT_S: Final = 1.0
"""What an agent still has left who should have been free long ago."""


def expected_wait_s(queue: LiveQueue, sharing: Mapping[str, Sequence[LiveQueue]], priority: int, at_s: float) -> float:
    """Seconds from `at_s` until a newcomer of `priority` is answered in `queue`; DAY_S when nobody is logged in.

    `sharing` has all queues of each interface.
    """
    return Outlook(queue, sharing, at_s).wait_s(priority, callers_ahead(queue, priority, at_s))


class Outlook:
    """What the agents of a queue are about at one moment: looked at once, for however many callers wait there."""

    def __init__(self, queue: LiveQueue, sharing: Mapping[str, Sequence[LiveQueue]], at_s: float) -> None:
        wrap_up_s = queue.facts.wrap_up_s
        self._queue, self._at_s = queue, at_s
        self._agents = self._free = 0
        self._busy_s: list[float] = []
        self._elsewhere: dict[
            tuple[str, ...], tuple[list[LiveQueue], int]
        ] = {}  # other queues, and how many share them
        taken: set[str] = set()
        for member in queue.members.values():
            word = member.state(wrap_up_s, at_s)
            if not _stays(member, word):
                continue
            self._agents += 1
            queues = sharing.get(member.listed.interface, ())
            others = [other for other in queues if other is not queue]
            names = tuple(other.name for other in others)
            self._elsewhere[names] = others, self._elsewhere.get(names, (others, 0))[1] + 1
            if word == "ringing" and member.rung_for:
                if member.rung_for in taken:  # rung with others for one caller, who takes one of them
                    word = "free"
                taken.add(member.rung_for)
            if word == "free":
                self._free += 1
            else:
                self._busy_s.append(_left_s(queue, member, word, queues, at_s))
        self._busy_s.sort()

    def wait_s(self, priority: int, ahead: int) -> float:
        """Seconds until a caller of `priority`, with `ahead` who take a turn before them, is answered."""
        agents, handling = self._agents, self._queue.handling
        if not agents:
            return DAY_S
        asked: dict[str, _Asked] = {}
        shares, turns, work_s = 0.0, float(ahead), ahead * handling.mean_s
        for others, count in self._elsewhere.values():
            here = there = (ahead + 1) / agents
            for other in others:
                more = asked[other.name] if other.name in asked else _asked(other, priority, self._at_s, asked)
                there += more.turns
                turns += more.turns * count
                work_s += more.turns * more.mean_s * count
            shares += here / there * count
        mean_s = work_s / turns if turns else handling.mean_s
        left_s = self._busy_s + [mean_s] * self._free
        wait_s = _until_release_s((ahead + 1) * agents / shares - self._free, left_s, mean_s, handling.spread)
        return min(wait_s + handling.ring_s, DAY_S)


def callers_ahead(queue: LiveQueue, priority: int, at_s: float) -> int:
    """Waiting callers who take an agent's turn before a newcomer of `priority`; those of unknown priority count."""
    return sum(
        1
        for caller in queue.waiting
        if (caller.priority is None or caller.priority >= priority)
        and not (caller.rings and has_an_agent(queue, caller, at_s))
    )


def has_an_agent(queue: LiveQueue, caller: WaitingCaller, at_s: float) -> bool:
    """Whether an agent's telephone rings for the caller: then that agent's turn is theirs, and they take no other.

    One who talks and is rung all the same (`ringinuse=yes`) is nobody's yet.
    """
    rung = [queue.members[interface] for interface in caller.rings if interface in queue.members]
    return any(member.state(queue.facts.wrap_up_s, at_s) == "ringing" for member in rung)


def _until_release_s(wanted: float, left_s: list[float], mean_s: float, spread: float) -> float:
    """Seconds until the `wanted`th time that one of the agents, who have `left_s` to go, becomes free."""
    if wanted <= 0:
        return 0.0
    agents = len(left_s)
    by_lot = min(wanted, 1.0) / sum(1 / one for one in left_s) + max(wanted - 1.0, 0.0) * mean_s / agents
    rounds, place = divmod(max(ceil(wanted - 1e-9), 1) - 1, agents)
    alike = sorted(left_s)[place] + rounds * mean_s
    return spread * by_lot + (1 - spread) * alike


def _stays(member: LiveMember, word: MemberState) -> bool:
    """Whether the agent will take further calls: not away, and not paused while they still talk."""
    return word != "unreachable" and not member.listed.paused


class _Asked(NamedTuple):
    """What callers ahead in another queue ask of each of its agents."""

    turns: float
    """Calls each."""
    mean_s: float
    """Time a call takes there."""


def _asked(queue: LiveQueue, priority: int, at_s: float, known: dict[str, _Asked]) -> _Asked:
    ahead = callers_ahead(queue, priority, at_s)
    wrap_up_s = queue.facts.wrap_up_s
    agents = sum(_stays(member, member.state(wrap_up_s, at_s)) for member in queue.members.values()) if ahead else 1
    asked = known[queue.name] = _Asked(ahead / max(agents, 1), queue.handling.mean_s)
    return asked


def _left_s(queue: LiveQueue, member: LiveMember, word: MemberState, queues: Sequence[LiveQueue], at_s: float) -> float:
    """Seconds until a busy agent is free again, in the mean."""
    if word == "wrap-up":
        return max(member.wrap_up_ends_s(queue.facts.wrap_up_s) - at_s, MOMENT_S)
    handling, since_s = queue.handling, member.talks_since_s
    if not since_s:  # rung, or talks with a caller of another queue, or of none
        for other in queues:
            there = other.members.get(member.listed.interface)
            if there is not None and there.talks_since_s:
                handling, since_s = other.handling, there.talks_since_s
    elapsed_s = max(at_s - since_s, 0.0) if since_s else 0.0
    return max(handling.mean_s - (1 - handling.spread) * elapsed_s, handling.spread * handling.mean_s, MOMENT_S)
