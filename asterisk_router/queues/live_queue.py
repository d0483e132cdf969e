"""One queue of a PBX right now: its agents, its callers in app_queue's order, and what its calls take."""

from __future__ import annotations

from typing import NamedTuple

from .events import CallerJoined, CallerListed, MemberListed, QueueListed
from .handling_time import Handling, HandlingTime
from .members import LiveMember
from .waiting import WaitingCaller


class QueueFacts(NamedTuple):
    """What Asterisk does not tell of a queue, from the policy."""

    wrap_up_s: int = 0
    """Pause after each conversation (`wrapuptime` of queues.conf)."""
    handling_s: int = 0
    """How long a conversation with its wrap-up takes, until that is learned; 0 for not said."""


class LiveQueue:
    """Agents and waiting callers of one queue, fed by the live line.

    Everything that happens is a set operation keyed by the caller's uniqueid or the member's interface: a join of
    somebody who is there and a leave of somebody who is not change nothing. So events that were under way when a
    snapshot was taken do no harm: app_queue sends them in order, and each caller's last one wins. Somebody who is shown
    by a join that the snapshot has overtaken is gone with the leave behind it, and contradicts the counts until then.
    """

    __slots__ = (
        "_free", "_free_at", "_free_until_s", "_handling", "_learned", "_members_changed", "abandoned", "by_uniqueid",
        "completed", "facts", "holdtime_s", "members", "name", "strategy", "talktime_s", "waiting", "weight",
    )  # fmt: skip

    name: str
    """Its name in Asterisk."""
    members: dict[str, LiveMember]
    """Its agents by interface."""
    waiting: list[WaitingCaller]
    """Its callers, first in line first."""
    by_uniqueid: dict[str, WaitingCaller]
    """The same callers by uniqueid."""
    facts: QueueFacts
    """What the policy says of the queue."""
    strategy: str
    """Ring strategy."""
    weight: int
    """Weight against other queues that share agents."""
    holdtime_s: int
    """app_queue's own average wait, of the last snapshot."""
    talktime_s: int
    """app_queue's own average conversation, of the last snapshot."""
    completed: int
    """Calls answered since the queue was loaded."""
    abandoned: int
    """Calls that left it unanswered since then."""

    def __init__(self, name: str, facts: QueueFacts = QueueFacts()) -> None:  # noqa: B008
        self.name = name
        self.facts = facts
        self.members = {}
        self.waiting = []
        self.by_uniqueid = {}
        self.strategy = ""
        self.weight = self.holdtime_s = self.talktime_s = self.completed = self.abandoned = 0
        self._learned = HandlingTime()
        self._handling: Handling | None = None
        self._members_changed = 0
        self._free = 0
        self._free_at = -1
        self._free_until_s = 0.0

    def set_facts(self, facts: QueueFacts) -> None:
        """What the policy says of the queue changed."""
        self.facts = facts
        self._handling = None
        self._members_changed += 1

    # callers

    def join(self, event: CallerJoined, at_s: float) -> bool:
        """A caller entered; False when their place or the count contradicts what is known here."""
        known = self.by_uniqueid.get(event.uniqueid)
        if known is not None:
            known.joined_before(event)
            return True
        caller = WaitingCaller(event, at_s)
        waiting = self.waiting
        place = event.position - 1
        sound = event.callers == len(waiting) + 1 and 0 <= place <= len(waiting) and self._fits(caller, place)
        waiting.insert(max(place, 0), caller)
        self.by_uniqueid[event.uniqueid] = caller
        return sound

    def leave(self, uniqueid: str, callers: int) -> bool:
        """A caller is gone; False when the count contradicts what is known here."""
        caller = self.by_uniqueid.pop(uniqueid, None)
        if caller is None:
            return True
        self.waiting.remove(caller)
        for interface in caller.rings:
            self.stop_ringing(interface, uniqueid)
        return callers == len(self.waiting)

    def _fits(self, caller: WaitingCaller, place: int) -> bool:
        """Whether app_queue would insert the caller there: behind the last of at least their priority."""
        mine, waiting = caller.priority, self.waiting
        if mine is None:
            return True
        before = waiting[place - 1].priority if place else None
        behind = waiting[place].priority if place < len(waiting) else None
        return (before is None or before >= mine) and (behind is None or behind < mine)

    # members

    def put(self, listed: MemberListed, at_s: float) -> bool:
        """A member is as listed now; whether they are new to the queue."""
        member = self.members.get(listed.interface)
        new = member is None
        if member is None:
            member = self.members[listed.interface] = LiveMember(listed, at_s)
        else:
            rung_for = member.rung_for
            member.replace(listed, at_s)
            if rung_for and not member.rung_for:
                self._no_longer_rings(listed.interface, rung_for)
        self.touch(member, at_s)
        return new

    def remove(self, interface: str) -> None:
        """A member is gone from the queue."""
        member = self.members.pop(interface, None)
        if member is not None:
            self._no_longer_rings(interface, member.rung_for)
        self._members_changed += 1

    def touch(self, member: LiveMember, at_s: float) -> None:
        """Something about the member changed."""
        member.see(self.facts.wrap_up_s, at_s)
        self._members_changed += 1

    def ring(self, interface: str, uniqueid: str, at_s: float) -> None:
        """An agent's telephone began to ring for a caller."""
        caller, member = self.by_uniqueid.get(uniqueid), self.members.get(interface)
        if caller is None or member is None:
            return
        if interface not in caller.rings:
            caller.rings.append(interface)
        member.rung_for = uniqueid
        self.touch(member, at_s)

    def stop_ringing(self, interface: str, uniqueid: str) -> None:
        """An agent's telephone no longer rings for a caller."""
        member = self.members.get(interface)
        if member is not None and member.rung_for == uniqueid:
            member.rung_for = ""
            self._members_changed += 1

    def ring_in_vain(self, interface: str, uniqueid: str, at_s: float) -> None:
        """It rang and was not taken up."""
        self._no_longer_rings(interface, uniqueid)
        member = self.members.get(interface)
        if member is not None and member.rung_for == uniqueid:
            member.rung_for = ""
            self.touch(member, at_s)

    def connect(self, interface: str, uniqueid: str, rang_s: float, at_s: float) -> None:
        """Caller and agent talk."""
        self._learned.learn_ring(rang_s)
        self._handling = None
        member = self.members.get(interface)
        if member is not None:
            member.rung_for = ""
            member.talks_with = member.spoke_with = uniqueid
            member.talks_since_s = at_s
            self.touch(member, at_s)

    def complete(self, interface: str, uniqueid: str, talked_s: float, at_s: float) -> None:
        """The conversation ended; the wrap-up begins, whether or not app_queue has told the new LastCall yet."""
        self._learned.learn_talk(talked_s)
        self._handling = None
        self.completed += 1
        member = self.members.get(interface)
        if member is not None and (not uniqueid or member.talks_with in ("", uniqueid)):
            member.talks_with, member.talks_since_s = "", 0.0
            member.listed = member.listed._replace(in_call=False)
            self.wrap_up(interface, at_s)

    def wrap_up(self, interface: str, at_s: float) -> None:
        """The pause after a conversation of the agent begins."""
        member = self.members.get(interface)
        if member is not None:
            member.last_call_s = max(member.last_call_s, float(int(at_s)))
            self.touch(member, at_s)

    def _no_longer_rings(self, interface: str, uniqueid: str) -> None:
        caller = self.by_uniqueid.get(uniqueid)
        if caller is not None and interface in caller.rings:
            caller.rings.remove(interface)

    # snapshots

    def list(self, listed: QueueListed, at_s: float, *, anew: bool) -> None:
        """Become what the snapshot says; `anew` after a gap, when nothing of our own making may be believed."""
        self.strategy, self.weight = listed.strategy, listed.weight
        self.holdtime_s, self.talktime_s = listed.holdtime_s, listed.talktime_s
        self.completed, self.abandoned = listed.completed, listed.abandoned
        self._handling = None
        known = self.by_uniqueid
        self.waiting = [_relisted(known.get(caller.uniqueid), caller, at_s) for caller in listed.waiting]
        self.by_uniqueid = {caller.uniqueid: caller for caller in self.waiting}
        members, self.members = self.members, {}
        for one in listed.members:
            if not anew and one.interface in members:
                self.members[one.interface] = members[one.interface]
            self.put(one, at_s)
            member = self.members[one.interface]
            if member.rung_for and member.rung_for not in self.by_uniqueid:
                member.rung_for = ""
                self.touch(member, at_s)
        rung = {(name, member.rung_for) for name, member in self.members.items()}
        for caller in self.waiting:
            caller.rings = [name for name in caller.rings if (name, caller.uniqueid) in rung]
        self._members_changed += 1

    # answers

    def free(self, at_s: float) -> int:
        """Agents Asterisk would ring for the next caller; counted once until somebody's state changes."""
        if self._free_at != self._members_changed or at_s >= self._free_until_s:
            wrap_up_s = self.facts.wrap_up_s
            free, until_s = 0, float("inf")
            for member in self.members.values():
                word = member.state(wrap_up_s, at_s)
                if word == "free":
                    free += 1
                elif word == "wrap-up":
                    until_s = min(until_s, member.wrap_up_ends_s(wrap_up_s))
            self._free, self._free_at, self._free_until_s = free, self._members_changed, until_s
        return self._free

    def longest_wait_s(self, at_s: float) -> int:
        """Seconds the caller who waits longest has waited; 0 when nobody waits."""
        first_s = min((caller.since_s for caller in self.waiting), default=at_s)
        return max(int(at_s - first_s), 0)

    @property
    def handling(self) -> Handling:
        """What one call takes of an agent's time."""
        if self._handling is None:
            facts = self.facts
            self._handling = self._learned.estimate(
                facts.wrap_up_s, facts.handling_s, self.talktime_s, self.completed
            )  # fmt: skip
        return self._handling


def _relisted(known: WaitingCaller | None, listed: CallerListed, at_s: float) -> WaitingCaller:
    if known is None:
        return WaitingCaller(listed, at_s - listed.waited_s)
    known.listed_again(listed, at_s)
    return known
