"""Holds a policy against the queues of a PBX: they are there, somebody is in them, and somebody has each skill."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ...errors import PolicyFault
from ...policy.file.words import nearest

if TYPE_CHECKING:
    from ...policy.file.entries import Entries, Entry
    from ...policy.policy import Policy
    from ...queues.events import LineListed, MemberListed


class _Use(NamedTuple):
    """A queue as the policy names it somewhere."""

    name: str
    """The queue."""
    entry: Entry
    """Where."""
    keys: tuple[str, ...]
    """The keys that lead to it there."""

    def fault(self, problem: str, remedy: str) -> PolicyFault:
        """A fault of it."""
        return self.entry.document.fault_inside((*self.entry.path, *self.keys), f"queue: {problem}", remedy)


def find_unserved(policy: Policy, entries: Entries, pbx: str, listed: LineListed) -> list[PolicyFault]:
    """Queues the policy sends calls to that `pbx` does not have (errors), that nobody is a member of now, and skills
    that none of their members has (warnings)."""
    return sorted(_unserved(policy, entries, pbx, {queue.queue: queue.members for queue in listed.queues}))


def _unserved(
    policy: Policy, entries: Entries, pbx: str, members: dict[str, tuple[MemberListed, ...]]
) -> Iterator[PolicyFault]:
    told: set[str] = set()
    for use in _uses(entries):
        if use.name in told:
            continue
        told.add(use.name)
        asterisk = policy.queue_rules[use.name].asterisk
        named = f"{use.name!r}" if asterisk == use.name else f"{use.name!r} ({asterisk!r} in Asterisk)"
        if asterisk not in members:
            yield use.fault(f"{named} is no queue of {pbx}", nearest(asterisk, members))
        elif not members[asterisk]:
            remedy = "add a member in queues.conf, or let agents log in; joinempty and leavewhenempty save the caller"
            yield use.fault(f"{named} has no agent on {pbx} now", remedy)._replace(severity="warning")
        else:
            yield from _lacking(policy, entries, use.name, members[asterisk])


def _lacking(policy: Policy, entries: Entries, queue: str, members: tuple[MemberListed, ...]) -> Iterator[PolicyFault]:
    """Skills by penalties that no member of a queue has."""
    entry = entries.named("queues").get(queue)
    if entry is None:
        return
    has = sorted({member.penalty for member in members})
    for skill in policy.queue_rules[queue].skills.values():
        most = skill.max_penalty or has[-1]
        if skill.queue or any(skill.min_penalty <= penalty <= most for penalty in has):
            continue
        problem = f"skills: no agent of the queue has {skill.name!r}"
        remedy = f"its members have the penalties {', '.join(map(str, has))}"
        path = (*entry.path, "skills", skill.name)
        yield entry.document.fault_inside(path, problem, remedy)._replace(severity="warning")


def _uses(entries: Entries) -> Iterator[_Use]:
    """Every place from which calls or agents come to a queue."""
    for entry in [*entries.of("classes"), *entries.of("treat"), *entries.of("reserve")]:
        if entry.fields.get("queue"):
            yield _Use(entry.fields["queue"], entry, ("queue",))
    for entry in entries.of("queues"):
        for name, skill in entry.fields.get("skills", {}).items():
            if skill.get("queue"):
                yield _Use(skill["queue"], entry, ("skills", name, "queue"))
