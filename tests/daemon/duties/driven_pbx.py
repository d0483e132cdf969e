"""A PBX for duties: the independent model of app_queue, which carries out acts and tells a line what it did."""

from __future__ import annotations

from asterisk_router.queues.acts import Act, AddMember, ChangePriority, Done, RemoveMember, WithdrawCaller
from asterisk_router.queues.ageing import EPOCH_S, priority_of
from asterisk_router.queues.events import MemberListed
from asterisk_router.queues.live_line import LiveLine
from tests.queues.app_queue import ModelPbx

NOW_S = EPOCH_S + 25_000_000.0
"""When everything in these tests begins."""


class DrivenPbx(ModelPbx):
    """Offers what `queues.acts.LineActs` and a feed offer; `line` hears of it."""

    def __init__(self, *queues: str) -> None:
        super().__init__(queues)
        self.line = LiveLine("berlin")
        """What the daemon knows."""
        self.acted: list[Act] = []
        """Every act, in order."""
        self.refuses = ""
        """Why every act is refused; empty for none."""
        self.deaf = False
        """Takes acts and does nothing."""
        self.moves = True
        """Whether a changed priority moves the caller; not so on Asterisk 16."""
        self.asked = 0
        """How often a queue was asked for."""
        self._places: dict[str, list[str]] = {}
        self.line.apply(self.listed(), NOW_S)
        self.line.heard(NOW_S)

    async def act(self, act: Act) -> Done:
        """Carry an act out."""
        self.acted.append(act)
        if self.refuses:
            return Done(False, self.refuses)
        if not self.deaf:
            self._carry_out(act)
            self.tell()
        return Done(True)

    def _carry_out(self, act: Act) -> None:
        if isinstance(act, ChangePriority):
            if not self.moves:
                self._places.setdefault(act.queue, self.queues[act.queue].order)
            self.change_priority(act.queue, act.channel, act.priority)
        elif isinstance(act, WithdrawCaller):
            self.leave(act.queue, act.channel.removeprefix("PJSIP/"))
        elif isinstance(act, AddMember):
            self.put(act.queue, MemberListed(act.interface, act.name, status=1))
        elif isinstance(act, RemoveMember):
            self.remove(act.queue, act.interface)

    async def list_queue(self, queue: str) -> None:
        """Tell what is in a queue."""
        self.asked += 1
        listed = self.queues[queue].listed()
        if queue in self._places:  # numbers changed, places did not
            by_uniqueid = {caller.uniqueid: caller for caller in listed.waiting}
            listed = listed._replace(waiting=tuple(by_uniqueid[uniqueid] for uniqueid in self._places[queue]))
        self.line.apply(listed, NOW_S)

    def tell(self, at_s: float = NOW_S) -> None:
        """Tell the line everything that has happened."""
        while self.pipe:
            self.line.apply(self.pipe.popleft(), at_s)
        self.line.heard(at_s)

    def comes(self, queue: str, uniqueid: str, head_start_s: int = 0, **other: int) -> None:
        """Somebody enters a queue: by our dialplan unless another `priority` is given."""
        self.join(queue, uniqueid, other.get("priority", priority_of(head_start_s, NOW_S)))
        self.tell()

    def order(self, queue: str) -> list[str]:
        """Who waits there as the line knows it."""
        return [caller.uniqueid for caller in self.line.queues[queue].waiting]
