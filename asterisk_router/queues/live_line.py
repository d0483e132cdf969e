"""The live line of one PBX: one state, changed by one method, carrying its age."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, ClassVar, Final

from .ageing import priority_of
from .events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    AgentRungInVain,
    CallerAbandoned,
    CallerJoined,
    CallerLeft,
    Event,
    LineListed,
    MemberChanged,
    MemberRemoved,
    QueueListed,
)
from .expected_wait import expected_wait_s
from .live_queue import LiveQueue, QueueFacts

NO_FACTS: Final = QueueFacts()
"""The policy says nothing of the queue."""


class LiveLine:
    """Queues, agents and waiting callers of one PBX, as far as known.

    Every answer is None when unknown: never listed, lost, older than allowed, or no such queue or agent. An answer may
    be kept while `turn` stays the same and the time is not past `good_until_s`.

    Events before the first snapshot, and after `lost` before the next, are dropped: whatever they tell is in the
    snapshot, which Asterisk takes later (measured: nothing after a snapshot is ever delivered before it).
    """

    __slots__ = (
        "_expected", "_expected_at", "_facts", "_listed", "_shared_last_call", "_sharing", "doubtful",
        "good_until_s", "losses", "pbx", "queues", "stale_after_s", "turn",
    )  # fmt: skip

    UNKNOWN: ClassVar[LiveLine]
    """The line of no PBX: knows nothing, whatever it is told."""

    pbx: str
    """Name of the PBX (its `systemname`)."""
    turn: int
    """Changes whenever any answer may have changed."""
    losses: int
    """How often it was lost: what one remembers of it from before says nothing about it now."""
    good_until_s: float
    """When the state turns unknown unless the PBX gives a sign of life before; seconds since 1970 UTC."""
    queues: dict[str, LiveQueue]
    """Every queue by its name in Asterisk."""
    doubtful: set[str]
    """Queues whose self-check failed: to be asked again. A QueueListed or LineListed settles it."""
    stale_after_s: float
    """How long the state is good after a sign of life."""

    def __init__(self, pbx: str, *, stale_after_s: float = 5.0) -> None:
        self.pbx = pbx
        self.stale_after_s = stale_after_s
        self.turn = self.losses = 0
        self.good_until_s = 0.0
        self.queues = {}
        self.doubtful = set()
        self._listed = False
        self._facts: Mapping[str, QueueFacts] = {}
        self._sharing: dict[str, list[LiveQueue]] | None = None
        self._shared_last_call = False
        self._expected: dict[tuple[str, int], int] = {}
        self._expected_at = (-1, -1)

    # what happened

    def set_queue_facts(self, facts: Mapping[str, QueueFacts]) -> None:
        """Take over what the policy says of queues, by Asterisk's names."""
        self._facts = facts
        for queue in self.queues.values():
            queue.set_facts(facts.get(queue.name, NO_FACTS))
        self.turn += 1

    def apply(self, event: Event, at_s: float) -> None:
        """Change the state by what happened, heard at `at_s`: in the order heard, twice is as good as once."""
        if self._listed or event.__class__ is LineListed:
            self.turn += 1
            _APPLY[event.__class__](self, event, at_s)

    def heard(self, at_s: float) -> None:
        """The PBX is alive, and what happened there until `at_s` was applied: the one thing that keeps the state good.

        So for an answered ping `at_s` is when the ping left. An answer, an event or a snapshot that a frozen link held
        back does not make the state younger than it is. Nothing before the first snapshot.
        """
        if self._listed:
            self.good_until_s = max(self.good_until_s, at_s + self.stale_after_s)

    def lost(self) -> None:
        """The connection is gone: unknown at once, until the next LineListed."""
        self._listed = False
        self.good_until_s = 0.0
        self.doubtful.clear()
        self.turn += 1
        self.losses += 1

    def tick(self, at_s: float) -> None:
        """Time passed: waits grew, wrap-ups ended."""
        self.turn += 1

    # what is asked

    def known(self, at_s: float) -> bool:
        """Whether the state may be believed at `at_s`."""
        return at_s <= self.good_until_s

    def free(self, queue: str, at_s: float) -> int | None:
        """Agents Asterisk would ring for the next caller."""
        live = self._queue(queue, at_s)
        return None if live is None else live.free(at_s)

    def waiting(self, queue: str, at_s: float) -> int | None:
        """Callers waiting."""
        live = self._queue(queue, at_s)
        return None if live is None else len(live.waiting)

    def waiting_among(self, queue: str, uniqueids: Set[str], at_s: float) -> int:
        """How many of those calls wait in the queue; 0 when unknown."""
        live = self._queue(queue, at_s)
        return 0 if live is None else len(live.by_uniqueid.keys() & uniqueids)

    def longest_wait_s(self, queue: str, at_s: float) -> int | None:
        """Seconds the caller who waits longest has waited; 0 when nobody waits."""
        live = self._queue(queue, at_s)
        return None if live is None else live.longest_wait_s(at_s)

    def expected_wait_s(self, queue: str, at_s: float, head_start_s: int = 0) -> int | None:
        """Seconds until a caller who enters now with that head start is answered; a day when nobody is logged in."""
        live = self._queue(queue, at_s)
        if live is None:
            return None
        if self._expected_at != (self.turn, int(at_s)):
            self._expected_at = (self.turn, int(at_s))
            self._expected.clear()
        key = (queue, head_start_s)
        if key not in self._expected:
            priority = priority_of(head_start_s, at_s)
            self._expected[key] = round(expected_wait_s(live, self.sharing(), priority, at_s))
        return self._expected[key]

    def agent_free(self, interface: str, at_s: float) -> bool | None:
        """Whether an agent could be rung now: free in one of their queues, and on the telephone for none."""
        if at_s > self.good_until_s:
            return None
        words = {
            queue.members[interface].state(queue.facts.wrap_up_s, at_s)
            for queue in self.sharing().get(interface, ())
        }  # fmt: skip
        return words <= {"free", "paused"} and "free" in words if words else None

    def caller_of(self, event: AgentCompleted) -> str:
        """Uniqueid of the caller of a conversation that ended, also where Asterisk could not name them any more."""
        queue = self.queues.get(event.queue)
        member = queue.members.get(event.interface) if queue is not None else None
        return event.uniqueid or (member.spoke_with if member is not None else "")

    def sharing(self) -> Mapping[str, list[LiveQueue]]:
        """The queues of each agent, by interface."""
        if self._sharing is None:
            self._sharing = {}
            for queue in self.queues.values():
                for interface in queue.members:
                    self._sharing.setdefault(interface, []).append(queue)
        return self._sharing

    def _queue(self, queue: str, at_s: float) -> LiveQueue | None:
        return self.queues.get(queue) if at_s <= self.good_until_s else None

    # one method for each kind of event

    def _told_of(self, name: str) -> LiveQueue:
        """The queue of an event; one that is not known yet is to be listed."""
        queue = self.queues.get(name)
        if queue is None:
            queue = self.queues[name] = LiveQueue(name, self._facts.get(name, NO_FACTS))
            self.doubtful.add(name)
        return queue

    def _line_listed(self, event: LineListed, at_s: float) -> None:
        anew, self._listed = not self._listed, True
        self.queues = {listed.queue: self._told_of(listed.queue) for listed in event.queues}
        for listed in event.queues:
            self.queues[listed.queue].list(listed, at_s, anew=anew)
        self._sharing = None
        self._shared_last_call = _share_last_calls(self.sharing())
        self.doubtful.clear()

    def _queue_listed(self, event: QueueListed, at_s: float) -> None:
        self._told_of(event.queue).list(event, at_s, anew=False)
        self._sharing = None
        self.doubtful.discard(event.queue)

    def _caller_joined(self, event: CallerJoined, at_s: float) -> None:
        if not self._told_of(event.queue).join(event, at_s):
            self.doubtful.add(event.queue)

    def _caller_left(self, event: CallerLeft, at_s: float) -> None:
        if not self._told_of(event.queue).leave(event.uniqueid, event.callers):
            self.doubtful.add(event.queue)

    def _caller_abandoned(self, event: CallerAbandoned, at_s: float) -> None:
        self._told_of(event.queue).abandoned += 1

    def _agent_rung(self, event: AgentRung, at_s: float) -> None:
        self._told_of(event.queue).ring(event.interface, event.uniqueid, at_s)

    def _agent_rung_in_vain(self, event: AgentRungInVain, at_s: float) -> None:
        self._told_of(event.queue).ring_in_vain(event.interface, event.uniqueid, at_s)

    def _agent_connected(self, event: AgentConnected, at_s: float) -> None:
        self._told_of(event.queue).connect(event.interface, event.uniqueid, event.rang_s, at_s)

    def _agent_completed(self, event: AgentCompleted, at_s: float) -> None:
        self._told_of(event.queue).complete(event.interface, event.uniqueid, event.talked_s, at_s)
        if self._shared_last_call:
            for queue in self.sharing().get(event.interface, ()):
                queue.wrap_up(event.interface, at_s)

    def _member_changed(self, event: MemberChanged, at_s: float) -> None:
        if self._told_of(event.queue).put(event.member, at_s):
            self._sharing = None

    def _member_removed(self, event: MemberRemoved, at_s: float) -> None:
        self._told_of(event.queue).remove(event.interface)
        self._sharing = None


def _share_last_calls(sharing: Mapping[str, list[LiveQueue]]) -> bool:
    """Whether a conversation's end begins the wrap-up in all queues of the agent (`shared_lastcall` of queues.conf).

    Asterisk does not tell, and gives the new LastCall to the other queues without an event; but a snapshot in which
    everybody in several queues has the same one in all of them says so.
    """
    told = [{queue.members[name].listed.last_call_at_s for queue in queues} for name, queues in sharing.items()]
    several = [moments for moments, queues in zip(told, sharing.values(), strict=True) if len(queues) > 1]
    return all(len(moments) == 1 for moments in several) and any(moments != {0} for moments in several)


_APPLY: Final[Mapping[type, Any]] = {
    LineListed: LiveLine._line_listed,
    QueueListed: LiveLine._queue_listed,
    CallerJoined: LiveLine._caller_joined,
    CallerLeft: LiveLine._caller_left,
    CallerAbandoned: LiveLine._caller_abandoned,
    AgentRung: LiveLine._agent_rung,
    AgentRungInVain: LiveLine._agent_rung_in_vain,
    AgentConnected: LiveLine._agent_connected,
    AgentCompleted: LiveLine._agent_completed,
    MemberChanged: LiveLine._member_changed,
    MemberRemoved: LiveLine._member_removed,
}


class _UnknownLine(LiveLine):
    """Hears nothing, so that the one null object of the process stays one."""

    __slots__ = ()

    def apply(self, event: Event, at_s: float) -> None:
        """Change nothing."""


LiveLine.UNKNOWN = _UnknownLine("")
