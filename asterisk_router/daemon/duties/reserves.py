"""Puts reserve agents into queues and takes them off again, by the policy's rules and as people ask.

What counts as done is that Asterisk says so: the agent is seen in the queue, or no longer there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from time import time
from typing import TYPE_CHECKING, Protocol

from ...errors import RouterError
from ...queues.acts import Act, AddMember, Done, LineActs, OriginateCall, RemoveMember
from ...queues.live_line import LiveLine
from ...queues.reserves import RULE, STAY_S, Helper, Place, Pulled, due

if TYPE_CHECKING:
    from ...policy.policy import Policy
    from ...queues.shared_board import ReserveOnBoard

LOG = logging.getLogger(__name__)

SEEN_S = 5.0
"""How long Asterisk may take to say that a member came or went."""

LOOK_S = 0.02
"""How often it is looked for."""

ASKED_S = 30.0
"""How long an agent who is asked has to accept on the telephone."""

GAP_S = 2.0
"""After a gap between turns another daemon may have led, or Asterisk restarted: who is pulled is read anew."""

ASK = "router-reserve"
"""Context of the dialplan that asks an agent to help out in the queue of the extension, and on 1 puts them into it."""


class Kept(Protocol):
    """Where it is kept who helps out, over restarts and changes of the lead."""

    async def read(self) -> list[Pulled]:
        """All of them; raises StoreError."""

    async def add(self, pulled: Pulled) -> None:
        """Note that an agent helps out; raises StoreError."""

    async def remove(self, place: Place) -> None:
        """Note that they do no more; raises StoreError."""


class Reserves:
    """The reserve agents of one PBX."""

    def __init__(
        self,
        line: LiveLine,
        acts: LineActs,
        kept: Kept,
        policy: Callable[[], Policy],
        *,
        clock: Callable[[], float] = time,
    ) -> None:
        self._line = line
        self._acts = acts
        self._kept = kept
        self._policy = policy
        self._clock = clock  # of what people ask, which may come before the first turn of a new leader
        self._pulled: dict[Place, Pulled] = {}
        self._asked: dict[Place, Pulled] = {}
        self._resting: dict[Place, float] = {}  # until when
        self._left_alone: set[Place] = set()  # until the rule wants them no more for once
        self._turned_s = 0.0

    async def turn(self, at_s: float) -> None:
        """Take note of who came and went, then move whom the rules want moved; without the store nobody is."""
        try:
            if not 0 <= at_s - self._turned_s < GAP_S:
                await self._read_anew()
            self._turned_s = at_s
            await self._take_note(at_s)
            helpers = list(self._helpers(at_s))
            self._left_alone &= {helper.place for helper in helpers if helper.wanted}
            now = due(helpers, {**self._asked, **self._pulled}, self._members, self._rests, at_s)
            for helper in now.pull:
                self._say(helper.place, await self._pull(helper.place, helper.shown, helper.ask, RULE, at_s))
            for place in now.release:
                self._say(place, await self._release(place, at_s, alone=False))
        except RouterError as fault:
            LOG.warning("%s: reserve agents stay where they are: %s", self._line.pbx, fault)

    async def pull(self, agent: str, queue: str, ask: bool, author: str) -> Done:
        """Put an agent into a queue because a person asks; no rule releases them then."""
        place, shown = self._place(agent, queue)
        members = self._members(place.queue)
        if members is None:
            return Done(False, f"there is no queue {queue}")
        if place.interface in members:
            return Done(False, f"{agent} is in {queue} already")
        return await self._pull(place, shown, ask, author or "somebody", self._clock())

    async def release(self, agent: str, queue: str) -> Done:
        """Take an agent off a queue because a person asks; no rule that goes on wanting them pulls them back."""
        place, _ = self._place(agent, queue)
        if not self._is_in(place):
            return Done(False, f"{agent} is not in {queue}")
        if self._line.queues[place.queue].members[place.interface].listed.membership != "dynamic":
            return Done(False, f"{agent} belongs to {queue} by queues.conf: pause them instead")
        return await self._release(place, self._clock(), alone=True)

    def rows(self) -> list[ReserveOnBoard]:
        """Every reserve agent of the policy in force, for the board."""
        return [
            {
                "reserve": helper.reserve,
                "agent": helper.agent,
                "queue": helper.queue,
                "state": self._state(helper.place),
                "why": self._pulled[helper.place].why if helper.place in self._pulled else "",
                "ask": helper.ask,
            }
            for helper in self._helpers(self._turned_s)
        ]

    def _state(self, place: Place) -> str:
        if self._is_in(place):
            return "in"
        return "asked" if place in self._asked else "away"

    def _helpers(self, at_s: float) -> Iterator[Helper]:
        policy = self._policy()
        for reserve in policy.reserves:
            queue = policy.queue_rules[reserve.queue].asterisk
            wanted = reserve.wanted(self._line, at_s)
            for agent in reserve.agents:
                place, shown = Place(queue, agent.desk), agent.full_name or agent.name
                yield Helper(place, agent.name, shown, reserve.name, reserve.queue, reserve.ask, wanted)

    def _place(self, agent: str, queue: str) -> tuple[Place, str]:
        """Whom and where a person means, by the policy's names or Asterisk's; and what people call the agent."""
        policy = self._policy()
        known, rules = policy.agents.get(agent), policy.queue_rules.get(queue)
        place = Place(rules.asterisk if rules else queue, known.desk if known else agent)
        return place, (known.full_name or known.name) if known else ""

    def _members(self, queue: str) -> Collection[str] | None:
        found = self._line.queues.get(queue)
        return None if found is None else found.members.keys()

    def _is_in(self, place: Place) -> bool:
        return place.interface in (self._members(place.queue) or ())

    async def _read_anew(self) -> None:
        """Who helps out after a gap; who was lost by it (Asterisk restarted) may be pulled in again at once."""
        self._pulled = {pulled.place: pulled for pulled in await self._kept.read()}
        for place in [place for place in self._pulled if self._members(place.queue) is not None]:
            if not self._is_in(place):
                del self._pulled[place]
                await self._kept.remove(place)

    async def _take_note(self, at_s: float) -> None:
        """Who was asked and came; who was asked in vain; who went without us, and is left alone."""
        for place, asked in list(self._asked.items()):
            if self._is_in(place):
                del self._asked[place]
                await self._note(asked._replace(at_s=at_s))
            elif at_s > asked.at_s + ASKED_S:
                del self._asked[place]
                self._let_rest(place, at_s, alone=True)
                self._say(place, Done(False, "asked to help out and did not accept"))
        for place, pulled in list(self._pulled.items()):
            members = self._members(place.queue)
            if members is not None and place.interface not in members and at_s > pulled.at_s + SEEN_S:
                await self._forget(place, at_s, alone=True)

    def _let_rest(self, place: Place, at_s: float, *, alone: bool) -> None:
        """Rules leave the agent some time; `alone`, when that was the agent's or a person's will, for longer."""
        self._resting[place] = at_s + STAY_S
        if alone:
            self._left_alone.add(place)

    def _rests(self, place: Place) -> bool:
        return place in self._left_alone or self._resting.get(place, 0.0) > self._turned_s

    async def _pull(self, place: Place, shown: str, ask: bool, why: str, at_s: float) -> Done:
        pulled = Pulled(place, why, at_s)
        if ask:
            self._asked[place] = pulled
            variables = {"ROUTER_RESERVE_INTERFACE": place.interface, "ROUTER_RESERVE_NAME": shown}
            done = await self._acts.act(OriginateCall(place.interface, ASK, place.queue, variables))
            if not done.ok:
                del self._asked[place]
                self._let_rest(place, at_s, alone=True)
            return done._replace(said="asked: their telephone rings") if done.ok else done
        await self._note(pulled)  # first, so that a daemon that dies here leaves nobody in the queue for ever
        done = await self._done(AddMember(place.queue, place.interface, shown), place, there=True)
        if not done.ok:
            await self._forget(place, at_s, alone=False)
        return done

    async def _release(self, place: Place, at_s: float, *, alone: bool) -> Done:
        done = await self._done(RemoveMember(place.queue, place.interface), place, there=False)
        if done.ok:
            await self._forget(place, at_s, alone=alone)
        return done

    async def _done(self, act: Act, place: Place, there: bool) -> Done:
        """Act, and wait until Asterisk says that the member is there, or is not."""
        done = await self._acts.act(act)
        if not done.ok:
            return done
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + SEEN_S
        while self._is_in(place) is not there:
            if now_s() >= until_s:
                return Done(False, "Asterisk took it and was not seen to do it")
            await asyncio.sleep(LOOK_S)
        return Done(True, f"{place.interface} is {'in' if there else 'off'} {place.queue}")

    async def _note(self, pulled: Pulled) -> None:
        self._pulled[pulled.place] = pulled
        await self._kept.add(pulled)

    async def _forget(self, place: Place, at_s: float, *, alone: bool) -> None:
        self._pulled.pop(place, None)
        self._let_rest(place, at_s, alone=alone)
        await self._kept.remove(place)

    def _say(self, place: Place, done: Done) -> None:
        level = logging.INFO if done.ok else logging.WARNING
        LOG.log(level, "%s: reserve agent %s, queue %s: %s", self._line.pbx, place.interface, place.queue, done.said)
