"""An independent model of what app_queue.c does with its lists, and of the pipe its events come through.

Nothing of the package is used but the words of `queues.events`. Lists are rebuilt by sorting, not by insertion.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from asterisk_router.queues.events import (
    CallerJoined,
    CallerLeft,
    CallerListed,
    Event,
    LineListed,
    MemberChanged,
    MemberListed,
    MemberRemoved,
    QueueListed,
)


class ModelQueue:
    """One queue: callers are kept sorted by (priority, order of arrival or of the last change)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.callers: dict[str, tuple[int, int]] = {}
        self.members: dict[str, MemberListed] = {}

    @property
    def order(self) -> list[str]:
        """Uniqueids, first in line first."""
        return sorted(self.callers, key=lambda uniqueid: (-self.callers[uniqueid][0], self.callers[uniqueid][1]))

    def listed(self) -> QueueListed:
        """What QueueStatus says now."""
        waiting = tuple(
            CallerListed(uniqueid, f"PJSIP/{uniqueid}", place, priority=self.callers[uniqueid][0])
            for place, uniqueid in enumerate(self.order, 1)
        )
        return QueueListed(self.name, tuple(self.members.values()), waiting)


class ModelPbx:
    """Several queues; whatever happens puts its event into the pipe."""

    def __init__(self, names: Iterable[str]) -> None:
        self.queues = {name: ModelQueue(name) for name in names}
        self.pipe: deque[Event] = deque()
        self.moment = 0

    def join(self, queue: str, uniqueid: str, priority: int, *, told: bool = True) -> None:
        """A caller comes; `told` whether channelvars let the priority through."""
        self.moment += 1
        model = self.queues[queue]
        model.callers[uniqueid] = (priority, self.moment)
        place = model.order.index(uniqueid) + 1
        shown = priority if told else None
        self.pipe.append(CallerJoined(queue, uniqueid, uniqueid, f"PJSIP/{uniqueid}", place, len(model.callers), shown))

    def leave(self, queue: str, uniqueid: str) -> None:
        """A caller goes."""
        model = self.queues[queue]
        del model.callers[uniqueid]
        self.pipe.append(CallerLeft(queue, uniqueid, len(model.callers)))

    def change_priority(self, queue: str, channel: str, priority: int) -> None:
        """QueueChangePriorityCaller with Immediate: re-inserted at once, and no event."""
        self.moment += 1
        self.queues[queue].callers[channel.removeprefix("PJSIP/")] = (priority, self.moment)

    def put(self, queue: str, member: MemberListed) -> None:
        """A member is added or changed."""
        self.queues[queue].members[member.interface] = member
        self.pipe.append(MemberChanged(queue, member))

    def remove(self, queue: str, interface: str) -> None:
        """A member is removed."""
        del self.queues[queue].members[interface]
        self.pipe.append(MemberRemoved(queue, interface))

    def listed(self) -> LineListed:
        """What QueueStatus says now."""
        return LineListed(tuple(model.listed() for model in self.queues.values()))
