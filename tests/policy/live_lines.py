"""Live lines of the queue 400, fed by events as a PBX tells them."""

from __future__ import annotations

from asterisk_router.queues.events import CallerListed, LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from tests.policy.written_policy import AT_S

FREE, IN_USE = 1, 2


def listed(agents: dict[str, int], waiting: int = 0, queue: str = "400") -> QueueListed:
    """A queue with agents in some device state, and callers who have waited a minute each."""
    members = tuple(
        MemberListed(f"PJSIP/{name}", name, f"PJSIP/{name}", status=status, ring_in_use=False)
        for name, status in agents.items()
    )
    callers = tuple(CallerListed(f"1.{n}", f"PJSIP/trunk-{n}", n, waited_s=60) for n in range(1, waiting + 1))
    return QueueListed(queue, members, callers, talktime_s=120)


def line_of(agents: dict[str, int], waiting: int = 0, at_s: float = AT_S) -> LiveLine:
    """A line that was listed, and gave a sign of life, at `at_s`."""
    live = LiveLine("house")
    live.apply(LineListed((listed(agents, waiting),)), at_s)
    live.heard(at_s)
    live.heard(at_s)
    return live
