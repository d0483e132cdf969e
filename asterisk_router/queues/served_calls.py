"""Who spoke with whom: kept from the queues' events until the call ends."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from .events import AgentCompleted, AgentConnected, CallerJoined, CallerLeft, Ending, Event


class ServiceFields(NamedTuple):
    """How a call was served in the queues."""

    agent: str = ""
    """Interface of the agent who spoke last; empty for nobody."""
    name: str = ""
    """What people call the agent."""
    waited_s: float = 0.0
    """Time in queues until the last answer, of all queues the call stood in; talking between them is not waiting."""
    talked_s: float = 0.0
    """Whole seconds spoken with agents of queues, all conversations that are over."""
    ending: Ending | str = ""
    """Who ended the last conversation (`agent`, `caller`, `transfer`); empty while it lasts."""


class Service(ServiceFields):
    """How a call was served in the queues; there is no None: nobody served it is `Service.NONE`."""

    __slots__ = ()
    NONE: ClassVar[Service]
    """Nobody took the call up from a queue."""


Service.NONE = Service()


class _Stay:
    """One call from its first queue on."""

    __slots__ = ("counted", "joined_s", "service", "waited_s")

    def __init__(self) -> None:
        self.waited_s = 0.0
        self.joined_s = 0.0  # 0 while the call stands in no queue
        self.counted = False  # whether waited_s has the stay the next answer ends
        self.service = Service.NONE


class ServedCalls:
    """Services of calls that have not been taken yet; bounded, the oldest forgotten first.

    A call that is transferred to another queue is one call: the last agent counts, waits and talks add up.
    """

    def __init__(self, *, limit: int = 10_000) -> None:
        self._limit = limit
        self._stays: dict[str, _Stay] = {}

    def __len__(self) -> int:
        """Calls remembered."""
        return len(self._stays)

    def apply(self, event: Event, at_s: float) -> None:
        """Remember what the event, heard at `at_s`, says about a call."""
        if isinstance(event, CallerJoined):
            stay = self._stay(event.uniqueid)
            stay.joined_s = stay.joined_s or at_s
        elif isinstance(event, CallerLeft):
            left = self._stays.get(event.uniqueid)
            if left is not None and left.joined_s:
                left.waited_s += max(at_s - left.joined_s, 0.0)
                left.joined_s, left.counted = 0.0, True
        elif isinstance(event, AgentConnected):
            self._connected(event)
        elif isinstance(event, AgentCompleted) and event.uniqueid:
            self._completed(event)

    def take(self, uniqueid: str) -> Service:
        """The service of a call that ended, forgotten here afterwards; `Service.NONE` when nobody served it."""
        stay = self._stays.pop(uniqueid, None)
        return Service.NONE if stay is None else stay.service

    def _connected(self, event: AgentConnected) -> None:
        stay = self._stay(event.uniqueid)
        if not stay.counted:  # we began to listen after they joined
            stay.waited_s += event.waited_s
        stay.counted = False
        stay.service = Service(event.interface, event.name, stay.waited_s, stay.service.talked_s, "")

    def _completed(self, event: AgentCompleted) -> None:
        stay = self._stay(event.uniqueid)
        before = stay.service
        talked_s = before.talked_s + event.talked_s
        if before.agent not in ("", event.interface):  # an earlier conversation, told after the next one began
            stay.service = before._replace(talked_s=talked_s)
            return
        waited_s = before.waited_s if before.agent else event.waited_s
        stay.service = Service(event.interface, event.name, waited_s, talked_s, event.ending)

    def _stay(self, uniqueid: str) -> _Stay:
        stay = self._stays.get(uniqueid)
        if stay is None:
            if len(self._stays) >= self._limit:
                del self._stays[next(iter(self._stays))]
            stay = self._stays[uniqueid] = _Stay()
        return stay
