"""Calls people back when an agent is free: the agent first, through the queue with the caller's rank, then the caller.

No one is called twice at once: each attempt is taken in the store before anything is dialled, by one daemon. Whatever
fails, the entry is free again after the pause or, where nothing is ever heard of the call, after the lease.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from typing import TYPE_CHECKING, Final, Protocol

from ...callers.call_back import CallBack, CallBackTerms
from ...callers.calling_back import next_to_dial, waits_since_s
from ...errors import StoreError
from ...numbering.number import masked
from ...queues.acts import LineActs, OriginateCall
from ...queues.ageing import priority_of
from ...queues.live_line import LiveLine
from ...queues.live_queue import LiveQueue
from ...wire.answer import text, token

if TYPE_CHECKING:
    from ...policy.policy import Policy

LOG = logging.getLogger(__name__)

LEASE_S: Final = 3600.0
"""How long an attempt is the dialler's unless its end is reported before: longer than people talk."""

LOOK_S: Final = 1.0
"""How often it is looked whom to call: one call at a time, so that the line shows the agent taken before the next."""

REFUSED_S: Final = 30.0
"""How long nobody is dialled after the PBX refused to: a right it does not give fails every time."""

AGENT_CONTEXT: Final = "router-call-back-agent"
"""Context of the dialplan in which the extension is the queue whose agent is rung; it gives up after a minute."""

CALLER_CONTEXT: Final = "router-call-back-caller"
"""Context in which the extension is the number to call once the agent is there."""

AGENT_WAIT_MS: Final = 90_000
"""How long Asterisk waits for the agent in all; longer than the dialplan's minute, so that this reports its end."""

AT_WORK: Final = frozenset({"free", "ringing", "talking", "wrap-up"})
"""What agents do who take calls, now or soon."""

MOST_NAME: Final = 80
"""Longest name shown to the agent, in characters."""

_NO_BRACKETS = str.maketrans("", "", "<>")  # they set the number off in a caller ID


class Dialled(Protocol):
    """The call-backs, as far as they are dialled."""

    async def entries(self) -> list[CallBack]:
        """All that are open; raises StoreError."""

    async def dial(self, number: str, owner: str, for_s: float, terms: CallBackTerms) -> CallBack:
        """Take one for an attempt of `owner`; CLOSED when it is not due, or somebody else's; raises StoreError."""

    async def undo(self, number: str, owner: str, pause_s: float) -> CallBack:
        """Take back an attempt in which nobody was rung; raises StoreError."""


class Dialler:
    """Dials the call-backs of one PBX, where the policy has them dialled and inside its calling hours."""

    def __init__(
        self,
        line: LiveLine,
        acts: LineActs,
        call_backs: Dialled,
        policy: Callable[[], Policy],
        *,
        on_the_line: Callable[[], Set[str]],
        name: str,
    ) -> None:
        self.made = 0
        """Attempts begun."""
        self._line = line
        self._acts = acts
        self._call_backs = call_backs
        self._policy = policy
        self._on_the_line = on_the_line  # numbers of everybody who calls the house at this moment
        self._name = name
        self._next_look_s = 0.0

    async def turn(self, at_s: float) -> None:
        """Dial the first in order that is due and has an agent, and is not calling the house at this very moment.

        Without the store nobody is dialled.
        """
        rules = self._policy().call_back_rules
        if not rules.dial or at_s < self._next_look_s or not rules.is_open(at_s):
            return
        self._next_look_s = at_s + LOOK_S
        try:
            entries = await self._call_backs.entries()
            calling = self._on_the_line()
            away = [entry for entry in entries if calling.isdisjoint(entry.numbers)]
            entry = next_to_dial(away, at_s, rules, lambda entry: self._has_agent(entry, at_s))
            if entry.is_open:
                await self._dial(entry, at_s, rules)
        except StoreError as fault:
            LOG.warning("%s: nobody is called back: %s", self._line.pbx, fault.problem)  # where it is may be a number

    def _has_agent(self, entry: CallBack, at_s: float) -> bool:
        """Whether an agent is free for the person now; of who asked, also whether the next one to be free is theirs.

        For these the first half of the call waits in the queue, where they would: so they keep their rank among
        those on the line, who would otherwise take each agent the moment they are free.
        """
        if not entry.number.startswith("+"):
            return False  # an extension of the house, which people call back themselves
        queue = self._line.queues.get(self._queue_of(entry))
        free = self._line.free(queue.name, at_s) if queue else None
        if queue is None or free is None or not any(member.word in AT_WORK for member in queue.members.values()):
            return False
        left = agents_left(queue, free, priority_of(entry.head_start_s, waits_since_s(entry, at_s)))
        return left > 0 or (left == 0 and entry.reason == "asked")

    async def _dial(self, entry: CallBack, at_s: float, terms: CallBackTerms) -> None:
        attempt = f"dialler of {self._line.pbx}#{self._name}/{at_s:.0f}"
        taken = await self._call_backs.dial(entry.person, attempt, LEASE_S, terms)
        if not taken.is_open:
            return  # somebody was quicker
        self.made += 1
        done = await self._acts.act(call_to(taken, self._queue_of(taken), at_s))
        if done.ok:
            LOG.info("%s: calls %s back, attempt %d", self._line.pbx, masked(taken.number), taken.attempts)
        else:
            LOG.warning("%s: %s is not called back: %s", self._line.pbx, masked(taken.number), done.said)
            self._next_look_s = at_s + REFUSED_S
            await self._call_backs.undo(taken.person, attempt, terms.pause_s)

    def _queue_of(self, entry: CallBack) -> str:
        """Asterisk's name of the queue whose agents call the person back."""
        rules = self._policy().queue_rules.get(entry.queue)
        return rules.asterisk if rules else entry.queue


def agents_left(queue: LiveQueue, free: int, priority: int) -> int:
    """Free agents whom nobody in the queue takes before a call-back of that priority.

    Before it come callers of the same or a higher priority, and call-backs under way, whatever theirs: one call for
    each free agent. A caller for whom an agent's telephone rings takes none that is free.
    """
    before = [
        caller
        for caller in queue.waiting
        if not caller.rings
        and (caller.priority is None or caller.priority >= priority or f"@{AGENT_CONTEXT}" in caller.channel)
    ]
    return free - len(before)


def call_to(entry: CallBack, queue: str, at_s: float) -> OriginateCall:
    """The call that rings an agent of `queue` (Asterisk's name) and then the person.

    The names in it are those of the dialplan's own contexts; what people wrote is cleaned as in every answer.
    """
    name = text(entry.name)[:MOST_NAME].translate(_NO_BRACKETS)
    return OriginateCall(
        f"Local/{queue}@{AGENT_CONTEXT}/n",
        CALLER_CONTEXT,
        entry.number,
        {
            "__ROUTER_CALL_BACK_OF": token(entry.person),
            "__ROUTER_WAITS_SINCE": str(int(waits_since_s(entry, at_s))),
            "__ROUTER_HEAD_START": str(entry.head_start_s),
            "__ROUTER_CLASS": token(entry.caller_class),
            "__ROUTER_QUEUE": token(entry.queue),
            "__ROUTER_DID": token(entry.line),
            "__ROUTER_SCREEN_NAME": name or entry.number,
        },
        caller_id=f"{name} <{entry.number}>",
        timeout_ms=AGENT_WAIT_MS,
    )
