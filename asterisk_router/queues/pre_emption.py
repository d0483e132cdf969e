"""Who makes room for a first-class caller who finds no free agent: chosen here, done by `daemon/duties/pre_emption`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import NamedTuple, Protocol

from .acts import RedirectCaller, WithdrawCaller
from .live_queue import LiveQueue
from .waiting import WaitingCaller

CALL_BACK = "call-back"
"""What the dialplan reads in QUEUE_WITHDRAW_INFO: offer the caller a call-back."""

PUT_ASIDE = "router-put-aside"
"""Context of the dialplan that tells a caller whose agent was taken away, and offers a call-back."""


YIELDING = ("waiting", "talking")
"""What `Claim.yields` says of callers who make room while they wait."""


class Claim(Protocol):
    """What a caller's class may ask of others, and others of it."""

    @property
    def preempts(self) -> bool:
        """Whether somebody makes room for its callers."""

    @property
    def yields(self) -> str:
        """Whether its callers make room: `no`, `waiting`, or `talking`, which is waiting too."""

    @property
    def protected(self) -> bool:
        """Whether its callers never make room, whatever `yields` says."""


class Room(NamedTuple):
    """One caller makes room for another."""

    first: str
    """Uniqueid of the first-class caller."""
    yields: str
    """Uniqueid of the caller who makes room."""
    act: WithdrawCaller | RedirectCaller
    """How."""


class Line(NamedTuple):
    """What the choice is made from."""

    queues: Mapping[str, LiveQueue]
    """Every queue of the PBX by Asterisk's name."""
    free: Callable[[str], int | None]
    """Agents of a queue who could be rung now; None when unknown."""
    claim: Callable[[str], Claim]
    """Claim of a call by uniqueid; of a call nobody knows one that neither pre-empts nor yields."""
    talking_too: bool = False
    """Whether conversations may be ended for it at all (`[policy] preempt_talking`)."""


def rooms(line: Line, helped: Set[str], asked: Set[str] = frozenset()) -> list[Room]:
    """Who makes room for whom now: at most one for each first-class caller, nobody for those in `helped`.

    Nobody in `asked`, who has made room once and came back, is asked again.

    For a first-class caller in a queue without a free agent it is the caller for whom an agent of that queue is just
    rung; else one who stands before them; else, where conversations may be ended, one who talks with an agent of that
    queue. Of several it is the one of lowest rank, of talkers the one who began last. A caller for whom an agent is
    rung leaves only when the call is not taken up, unless their class yields while talking: then at once.
    """
    found: list[Room] = []
    gone = set(asked)
    for name, queue in line.queues.items():
        for place, first in enumerate(queue.waiting):
            if first.uniqueid in helped or first.rings or not line.claim(first.uniqueid).preempts:
                continue
            if line.free(name) != 0:
                break
            room = _room(line, queue, first, place, gone)
            if room is not None:
                gone.add(room.yields)
                found.append(room)
    return found


def _room(line: Line, queue: LiveQueue, first: WaitingCaller, place: int, gone: Set[str]) -> Room | None:
    rung = [
        (other.name, caller)
        for other in line.queues.values()
        for caller in other.waiting
        if not queue.members.keys().isdisjoint(caller.rings) and _makes_room(line, caller.uniqueid, gone)
    ]
    before = [(queue.name, caller) for caller in queue.waiting[:place] if _makes_room(line, caller.uniqueid, gone)]
    for candidates in (rung, before):
        if candidates:
            name, caller = min(candidates, key=lambda each: _rank(each[1]))
            if caller.rings and line.talking_too and line.claim(caller.uniqueid).yields == "talking":
                return Room(first.uniqueid, caller.uniqueid, RedirectCaller(caller.channel, PUT_ASIDE))
            return Room(first.uniqueid, caller.uniqueid, WithdrawCaller(name, caller.channel, CALL_BACK))
    talkers = list(_talkers(line, queue, gone)) if line.talking_too else []
    if not talkers:
        return None
    _, uniqueid = max(talkers)
    # Asterisk finds a channel by its unique ID as well as by its name (ast_channel_get_by_name)
    return Room(first.uniqueid, uniqueid, RedirectCaller(uniqueid, PUT_ASIDE))


def _talkers(line: Line, queue: LiveQueue, gone: Set[str]) -> Iterator[tuple[float, str]]:
    """Who talks with an agent of `queue`, whatever queue they came by, and may be cut off: since when, uniqueid."""
    for other in line.queues.values():
        for interface, member in other.members.items():
            uniqueid = member.talks_with
            if uniqueid and interface in queue.members and _makes_room(line, uniqueid, gone, ("talking",)):
                yield member.talks_since_s, uniqueid


def _makes_room(line: Line, uniqueid: str, gone: Set[str], words: tuple[str, ...] = YIELDING) -> bool:
    claim = line.claim(uniqueid)
    return claim.yields in words and not claim.protected and not claim.preempts and uniqueid not in gone


def _rank(caller: WaitingCaller) -> float:
    """Callers of one moment have ranks in the order of their priorities; one whose priority is unknown goes last."""
    return float("inf") if caller.priority is None else caller.priority
