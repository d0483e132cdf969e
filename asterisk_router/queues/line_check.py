"""Where a snapshot and the state kept from events say different things."""

from __future__ import annotations

from collections.abc import Mapping

from .events import LineListed, QueueListed
from .live_queue import LiveQueue


def differing(queues: Mapping[str, LiveQueue], listed: LineListed) -> list[str]:
    """Names of the queues that `listed` has otherwise than `queues`: not there, other callers or their order, other
    agents or what can be rung of them; sorted. Averages and counters are left out: no event tells them.
    """
    told = {queue.queue: _told(queue) for queue in listed.queues}
    kept = {name: _kept(queue) for name, queue in queues.items()}
    return sorted(name for name in told.keys() | kept.keys() if told.get(name) != kept.get(name))


def _told(queue: QueueListed) -> object:
    members = {member.interface: (member.paused, member.penalty, member.status) for member in queue.members}
    return members, [caller.uniqueid for caller in queue.waiting]


def _kept(queue: LiveQueue) -> object:
    listed = {interface: member.listed for interface, member in queue.members.items()}
    members = {interface: (member.paused, member.penalty, member.status) for interface, member in listed.items()}
    return members, [caller.uniqueid for caller in queue.waiting]
