"""One AGI session as a table of transitions, without a socket: bytes in, a call out, one answer back.

    asking --block complete--> deciding --answer--> draining --end--> over

Asterisk speaks first and once. When the caller is gone, or the dialplan's guard, it says HANGUP and the call is over,
unless it is the report of a call that ended, which may well come with the HANGUP of its caller; whatever else comes
before our answer is not from Asterisk. After the answer it replies to every command, which nobody needs, says HANGUP
and closes: we wait for that end, so that no byte of the answer is lost to a reset.
"""

from __future__ import annotations

from typing import Literal

from .._native import kernel
from ..errors import CallRefusedError, RouterError
from .incoming_call import IncomingCall

State = Literal["asking", "deciding", "draining", "over"]
Event = Literal["part", "call", "late", "answer", "hangup", "end"]

_NEXT: dict[tuple[State, Event], State] = {
    ("asking", "part"): "asking",
    ("asking", "call"): "deciding",
    ("asking", "hangup"): "over",
    ("asking", "end"): "over",
    ("deciding", "late"): "deciding",
    ("deciding", "answer"): "draining",
    ("deciding", "hangup"): "over",
    ("deciding", "end"): "over",
    ("draining", "late"): "draining",
    ("draining", "end"): "over",
}

HANGUP = b"HANGUP\n"
"""What Asterisk says when it wants no answer any more (res_agi.c, run_agi; unless AGISIGHUP is `no`).

Under AGIEXITONHANGUP it says so once more before it closes: whoever reads late finds both.
"""

_parse = kernel("agi_environment").parse
_MOST_BYTES: int = kernel("agi_environment").MOST_BYTES
_new = tuple.__new__


class AsteriskAtFaultError(CallRefusedError):
    """The peer broke the protocol: it closed before its block was complete."""


class RouterAtFaultError(RouterError):
    """We broke the protocol: answered before the call was read, answered twice, or read past the end."""


def read_call(received: bytes) -> IncomingCall | None:
    """The call a block describes, clean or tainted; None while the block is incomplete."""
    fields = _parse(received)
    return None if fields is None else _new(IncomingCall, fields)


class AgiSession:
    """One session; feed it what arrived, and tell it when the answer is sent."""

    def __init__(self) -> None:
        self.state: State = "asking"
        """Where the session stands."""
        self._received = b""

    @property
    def full(self) -> bool:
        """Whether it has read as much as a block may have: more would change nothing, and is not to be kept."""
        return len(self._received) >= _MOST_BYTES

    def receive(self, data: bytes) -> IncomingCall | None:
        """Take what arrived (nothing at the end of the stream); returns a call when there is one to decide.

        HANGUP ends the session, but for the report of an end; other bytes before the answer give the same call again,
        now tainted. Raises AsteriskAtFaultError when the stream ends inside the block, RouterAtFaultError after it.
        """
        if not data:
            unfinished = self.state == "asking"
            self._go("end")
            if unfinished:
                raise AsteriskAtFaultError("closed before the environment was complete")
            return None
        if self.state == "draining":
            self._go("late")
            return None
        self._received += data
        block, blank, rest = self._received.partition(b"\n\n")
        gone = rest in (HANGUP, HANGUP + HANGUP)
        call = read_call(block + blank if gone else self._received)
        if gone and not (call and call.ended):
            self._go("hangup")
            return None
        self._go("late" if self.state == "deciding" else "part" if call is None else "call")
        return call

    def answered(self) -> None:
        """The answer has been sent; raises RouterAtFaultError unless exactly one was due."""
        self._go("answer")

    def _go(self, event: Event) -> None:
        try:
            self.state = _NEXT[self.state, event]
        except KeyError:
            raise RouterAtFaultError(f"{event} while {self.state}") from None
