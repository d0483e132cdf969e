"""Who spoke with whom: kept from the queues' events until the call ends."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from .events import Ending, Event


class ServiceFields(NamedTuple):
    """How a call was served in the queues."""

    agent: str = ""
    """Interface of the agent who spoke; empty for nobody."""
    name: str = ""
    """What people call the agent."""
    waited_s: int = 0
    """Whole seconds in queues until the answer (of all queues the call stood in)."""
    talked_s: int = 0
    """Whole seconds they spoke; 0 while they still speak."""
    ending: Ending | str = ""
    """Who ended it (`agent`, `caller`, `transfer`); empty while they still speak."""


class Service(ServiceFields):
    """How a call was served in the queues; there is no None: nobody served it is `Service.NONE`."""

    __slots__ = ()
    NONE: ClassVar[Service]
    """Nobody took the call up from a queue."""


Service.NONE = Service()


class ServedCalls:
    """Services of calls that have not been taken yet; bounded, oldest forgotten first."""

    def __init__(self, *, limit: int = 10_000) -> None:
        self._limit = limit

    def apply(self, event: Event, at_s: float) -> None:
        """Remember what the event says about a call."""
        raise NotImplementedError

    def take(self, uniqueid: str) -> Service:
        """The service of a call that ended, forgotten here afterwards; `Service.NONE` when nobody served it."""
        raise NotImplementedError
