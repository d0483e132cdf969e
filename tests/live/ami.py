"""Watches the dialplan run, through Asterisk's manager interface: every step and every variable of every call."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from asterisk_router.wire.channel_variables import SENTINEL
from tests.live.pbx import Pbx


class Step(NamedTuple):
    """One step of the dialplan as it was about to run."""

    at_s: float
    """Asterisk's clock."""
    context: str
    extension: str
    application: str
    data: str


@dataclass
class SeenCall:
    """What the dialplan did with one channel."""

    channel: str
    caller_number: str = ""
    steps: list[Step] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    answers: int = 0
    """How often it had a whole answer of the router."""

    @property
    def branches(self) -> list[str]:
        """The extensions of the branches it entered, in order."""
        entered = [s.extension for s in self.steps if s.context in ("router-branches", "router-branches-custom")]
        return [name for at, name in enumerate(entered) if at == 0 or entered[at - 1] != name]

    @property
    def over(self) -> bool:
        """Whether it has hung up, and everything it did before has been seen."""
        return any(event["Event"] == "Hangup" for event in self.events)

    def reached(self, context: str, extension: str = "") -> bool:
        """Whether it ran a step of that extension (any, when none is named) of that context."""
        return any(s.context == context and extension in ("", s.extension) for s in self.steps)

    def ran(self, application: str) -> list[str]:
        """The arguments of each run of `application`, in order."""
        return [step.data for step in self.steps if step.application == application]


class Watcher:
    """Reads the events of one Asterisk in a thread of its own and keeps them by channel."""

    def __init__(self, pbx: Pbx) -> None:
        self.calls: dict[str, SeenCall] = {}
        self._socket = socket.create_connection(("127.0.0.1", pbx.ami_port), timeout=10)
        self._send({"Action": "Login", "Username": "watcher", "Secret": "watcher"})
        self._socket.settimeout(None)
        self._changed = threading.Condition()
        self._rows: list[dict[str, str]] = []
        self._listed = False
        self._marks = 0
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        self._pbx = pbx
        pbx.catch_up = self.catch_up

    def close(self) -> None:
        """Stop watching."""
        self._pbx.catch_up = None
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def wait_for_the_end(self) -> None:
        """Wait until Asterisk has ended the connection, as it does when it restarts."""
        self._thread.join(30)
        assert not self._thread.is_alive(), "Asterisk did not restart"
        self._socket.close()

    def catch_up(self) -> None:
        """Return when all that has happened by now has been seen: a busy Asterisk tells of it seconds later."""
        with self._changed:
            wanted = self._marks + 1
            self._send({"Action": "UserEvent", "UserEvent": "mark"})
            assert self._changed.wait_for(lambda: self._marks >= wanted, 60), "Asterisk tells nothing"

    def forget(self) -> None:
        """Drop what was seen so far."""
        with self._changed:
            self.calls = {}

    def asked(self) -> list[SeenCall]:
        """Every call the router was asked about, in the order of their coming."""
        with self._changed:
            return [call for call in self.calls.values() if call.reached("router-ask")]

    def call_from(self, number: str) -> SeenCall:
        """The one call of that caller number."""
        found = [call for call in self.asked() if call.caller_number == number]
        assert len(found) == 1, f"{len(found)} calls from {number!r}, not 1"
        return found[0]

    def wait(self, true: Callable[[], bool], timeout_s: float = 90) -> None:
        """Wait until `true` of what has been seen; an error when it does not come true in time."""
        until = time.monotonic() + timeout_s
        while not true():
            left = until - time.monotonic()
            assert left > 0, "Asterisk was not seen to do it in time"
            with self._changed:
                self._changed.wait(min(left, 0.2))

    def originate(self, channel: str, context: str, exten: str, variables: dict[str, str]) -> None:
        """Call `channel` and send it to that extension, with those variables set."""
        lines = [f"Variable: {name}={value}" for name, value in variables.items()]
        lines += ["Action: Originate", f"Channel: {channel}", f"Context: {context}", f"Exten: {exten}", "Priority: 1"]
        self._socket.sendall("\r\n".join([*lines, "Async: true", "", ""]).encode())

    def act(self, **action: str) -> None:
        """Have Asterisk do it."""
        self._send(action)

    def waiting_in(self, queue: str) -> list[dict[str, str]]:
        """Ask Asterisk who waits in the queue: its QueueEntry rows, first caller first."""
        with self._changed:
            self._rows, self._listed = [], False
            self._send({"Action": "QueueStatus", "Queue": queue})
            assert self._changed.wait_for(lambda: self._listed, 30), "no list of the queue came"
            return sorted(self._rows, key=lambda row: int(row["Position"]))

    def _send(self, action: dict[str, str]) -> None:
        self._socket.sendall("".join(f"{k}: {v}\r\n" for k, v in action.items()).encode() + b"\r\n")

    def _follow(self) -> None:
        for event in self._events():
            with self._changed:
                if event.get("Event") == "QueueEntry":
                    self._rows.append(event)
                elif event.get("Event") == "QueueStatusComplete":
                    self._listed = True
                elif event.get("Event") == "UserEvent":
                    self._marks += 1
                elif "Uniqueid" in event:
                    self._note(event)
                self._changed.notify_all()

    def _events(self) -> Iterator[dict[str, str]]:
        held = b""
        while piece := self._received():
            *blocks, held = (held + piece).split(b"\r\n\r\n")
            for block in blocks:
                lines = (line.partition(": ") for line in block.decode(errors="replace").split("\r\n"))
                yield {name: value for name, _, value in lines}

    def _received(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except ConnectionResetError:  # an event was on its way when we closed
            return b""

    def _note(self, event: dict[str, str]) -> None:
        call = self.calls.setdefault(event["Uniqueid"], SeenCall(event.get("Channel", "")))
        kind = event.get("Event", "")
        if kind == "Newexten":
            call.steps.append(
                Step(
                    float(event["Timestamp"]),
                    event["Context"],
                    event["Extension"],
                    event["Application"],
                    event["AppData"],
                )
            )
            call.caller_number = call.caller_number or event.get("CallerIDNum", "").replace("<unknown>", "")
        elif kind == "VarSet":
            call.variables[event["Variable"]] = event["Value"]
            call.answers += event["Variable"] == SENTINEL and event["Value"] == "1"
        else:
            call.events.append(event)
