"""Two queues that share four agents on a real Asterisk, and whatever can befall them.

Two agents have telephones (Asterisk calls itself over SIP, so they ring and are in use as telephones are), two are
Local channels, one of those is in queues.conf. They take a call up when told to, callers come by SIPp and by Originate.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.live.pbx import Pbx
from tests.live.plain_ami import Fields, PlainAmi
from tests.live.ports import free_port, sipp_ports
from tests.live.site import configuration
from tests.live.trunk import SCENARIOS

QUEUES = ("sales", "support")
AGENTS = ("PJSIP/agnes", "PJSIP/bela", "Local/cyril@floor-in/n", "Local/dora@floor-in/n")
STATIC = AGENTS[3]
"""Stands in queues.conf: never added or removed."""

MOST_WAITING = 12
"""Callers of both queues; more would only make the run longer."""

MOST_PAUSE_S = 0.06
"""Longest pause after a step: time for telephones to ring in vain and callers to look again."""

DIALPLAN = """
[floor-in]
; an agent: rings until told to take the call
exten => _[abcd].,1,Ringing()
 same => n(look),GotoIf($["${GLOBAL(TAKES_${EXTEN})}" = "1"]?take)
 same => n,Wait(0.05)
 same => n,Goto(look)
 same => n(take),Set(GLOBAL(TAKES_${EXTEN})=0)
 same => n,Answer()
 same => n,Wait(3600)
; a caller of the priority given, or by SIPp: answered, which waits half a second for sound, and of the priority that
; the last two digits of the number say
exten => _s.,1,ExecIf($["${PRIO}" = ""]?Answer())
 same => n,Set(QUEUE_PRIO=${IF($["${PRIO}" = ""]?${CALLERID(num):-2}:${PRIO})})
 same => n,Queue(${EXTEN},,,,3600)
 same => n,Hangup()
"""

QUEUES_CONF = """
[general]
persistentmembers = yes
force_longest_waiting_caller = prio
[floor](!)
strategy = leastrecent
timeout = 4
retry = 1
ringinuse = no
autofill = yes
[sales](floor)
member => Local/dora@floor-in/n,0,Dora
[support](floor)
member => Local/dora@floor-in/n,0,Dora
"""

TELEPHONE = """
[{name}]
type = endpoint
context = floor-in
disallow = all
allow = ulaw
direct_media = no
aors = {name}
[{name}]
type = aor
contact = sip:{name}@127.0.0.1:{port}
"""


def floor_pbx(testbed: Path) -> Pbx:
    """An Asterisk with the floor's dialplan, queues and telephones, not started yet."""
    files = configuration("plain", free_port())
    files["extensions.conf"] += DIALPLAN
    files["queues.conf"] = QUEUES_CONF
    pbx = Pbx(testbed, "floor-in", files)
    with (pbx.home / "etc/pjsip.conf").open("a") as pjsip:
        pjsip.writelines(TELEPHONE.format(name=name, port=pbx.sip_port) for name in ("agnes", "bela"))
    pbx.own()
    return pbx


class CallFloor:
    """Does one random step after another; each waits for its effect on Asterisk, as seen by a connection of its own."""

    def __init__(self, pbx: Pbx, seed: int) -> None:
        self.pbx = pbx
        self.ami = PlainAmi(self._happened)
        self.done: Counter[str] = Counter()
        """Steps by name."""
        self._dice = random.Random(seed)
        self._seen: Counter[str] = Counter()
        self._changed = asyncio.Event()
        self._ringing: dict[str, str] = {}  # interface -> uniqueid of the caller
        self._talking: dict[
            str, tuple[str, str, str]
        ] = {}  # caller's uniqueid -> caller's channel, agent's channel, agent
        self._sipp: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="floor-")

    async def open(self) -> None:
        """Connect, and put every agent who is not there into both queues."""
        await self.ami.open(self.pbx.ami_port)
        shown = await self.ami.queues()
        for queue in QUEUES:
            there = {member[0] for member in shown[queue].members}
            for agent in AGENTS:
                if agent not in there:
                    await self.ami.ask(Action="QueueAdd", Queue=queue, Interface=agent)

    async def close(self) -> None:
        """Disconnect and end every SIPp."""
        await self.ami.close()
        for sipp in self._sipp:
            sipp.kill()
            sipp.wait()
        self._folder.cleanup()

    async def step(self) -> str:
        """Do one random step, wait for its effect, and at times a little longer; its name."""
        waiting = sum(len(queue.callers) for queue in (await self.ami.queues()).values())
        steps: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (30 if waiting < MOST_WAITING else 0, self._join),
            (25 if self._ringing else 0, self._answer),
            (12 if self._talking else 0, self._end),
            (10 if self._talking else 0, self._transfer),
            (8 if waiting else 0, self._hang_up),
            (8, self._pause),
            (6, self._add_or_remove),
            (4, self._penalty),
            (3, self._reload),
        ]  # fmt: skip
        (step,) = self._dice.choices([one for _, one in steps], [weight for weight, _ in steps])
        await step()
        await asyncio.sleep(self._dice.choice((0, 0, self._dice.random() * MOST_PAUSE_S)))
        name = step.__name__.strip("_")  # type: ignore[attr-defined]
        self.done[name] += 1
        return name

    # the steps

    async def _join(self) -> None:
        queue, priority = self._dice.choice(QUEUES), self._dice.randrange(100)
        number = f"+421255501{priority:02d}"
        if self._dice.random() < 0.2:
            self._place_call(queue, number)  # SIPp takes half a second to begin: the caller comes some steps later
            return
        called = self.ami.ask(
            Action="Originate", Channel=f"Local/{queue}@floor-in/n", Application="Wait", Data="3600", Async="true",
            Timeout="3600000",
            Variable=f"PRIO={priority}", CallerID=number,
        )  # fmt: skip
        await self._until_one_more(called, "QueueCallerJoin")

    async def _answer(self) -> None:
        agent = self._dice.choice(sorted(self._ringing))
        name = agent.partition("/")[2].partition("@")[0]
        told = self.ami.ask(Action="Setvar", Variable=f"TAKES_{name}", Value="1")
        await self._until_one_more(told, "AgentConnect", "AgentRingNoAnswer", "QueueCallerAbandon")

    async def _end(self) -> None:
        caller = self._dice.choice(sorted(self._talking))
        hung_up = self.ami.ask(Action="Hangup", Channel=self._dice.choice(self._talking[caller][:2]))
        await self._until_one_more(hung_up, "AgentComplete")

    async def _transfer(self) -> None:
        caller = self._dice.choice(sorted(self._talking))
        _, agent, _ = self._talking[caller]
        queue = self._dice.choice(QUEUES)
        asked = self.ami.ask(Action="BlindTransfer", Channel=agent, Context="floor-in", Exten=queue)
        await self._until_one_more(asked, "QueueCallerJoin")

    async def _hang_up(self) -> None:
        queues = await self.ami.queues()
        waiting = [caller for queue in QUEUES for caller in queues[queue].callers]
        if waiting:
            hung_up = self.ami.ask(Action="Hangup", Channel=self._dice.choice(waiting))
            await self._until_one_more(hung_up, "QueueCallerLeave")

    async def _pause(self) -> None:
        agent, queue = self._dice.choice(AGENTS), self._dice.choice((*QUEUES, ""))
        action = {"Action": "QueuePause", "Interface": agent, "Paused": str(self._dice.random() < 0.4).lower()}
        await self.ami.ask(**action, **({"Queue": queue} if queue else {}))

    async def _add_or_remove(self) -> None:
        agent, queue = self._dice.choice(AGENTS[:3]), self._dice.choice(QUEUES)
        members = {member[0] for member in (await self.ami.queues())[queue].members}
        if agent in members and len(members) > 2:
            await self.ami.ask(Action="QueueRemove", Queue=queue, Interface=agent)
        else:
            await self.ami.ask(Action="QueueAdd", Queue=queue, Interface=agent, Penalty="1")

    async def _penalty(self) -> None:
        agent, queue = self._dice.choice(AGENTS[:3]), self._dice.choice(QUEUES)
        await self.ami.ask(
            Action="QueuePenalty", Interface=agent, Queue=queue, Penalty=str(self._dice.randrange(4))
        )  # fmt: skip

    async def _reload(self) -> None:
        await self.ami.ask(Action="Command", Command="queue reload all")

    # what is seen of them

    def _happened(self, event: Fields) -> None:
        kind, caller, agent = event.get("Event", ""), event.get("Uniqueid", ""), event.get("Interface", "")
        if kind == "AgentCalled":
            self._ringing[agent] = caller
        elif kind in ("AgentRingNoAnswer", "AgentConnect"):
            self._ringing.pop(agent, None)
            if kind == "AgentConnect":
                self._talking[caller] = event["Channel"], event["DestChannel"], agent
        elif kind == "QueueCallerLeave":
            self._ringing = {agent: rung for agent, rung in self._ringing.items() if rung != caller}
        elif kind == "AgentComplete":
            # without the caller's channel when that was gone before Asterisk told the end
            ended = next((who for who, talk in self._talking.items() if talk[2] == agent), caller)
            self._talking.pop(caller or ended, None)
        self._seen[kind] += 1
        self._changed.set()

    async def _until_one_more(self, act: Awaitable[object], *kinds: str, within_s: float = 2.0) -> None:
        """Do it and wait for one more of these events; what came to nothing (the caller went first) is a step too."""
        before = sum(self._seen[kind] for kind in kinds)
        await act
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        while sum(self._seen[kind] for kind in kinds) == before and loop.time() < until_s:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), until_s - loop.time())
            except asyncio.TimeoutError:
                self.done["in vain"] += 1

    def _place_call(self, queue: str, number: str) -> None:
        command = [
            "sipp", f"127.0.0.1:{self.pbx.sip_port}", *sipp_ports(), "-nostdin",
            "-sf", str(SCENARIOS / "waits.xml"), "-key", "caller", number, "-key", "called", queue, "-m", "1",
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        self._sipp.append(subprocess.Popen(command, cwd=self._folder.name, stdin=quiet, stdout=quiet, stderr=quiet))
