"""What a person sees of the demo: every decision as it is made, then the day by class, then what to do next."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ...policy.file.words import duration_of
from ..cli import tables

if TYPE_CHECKING:
    from ...callers.call_back import CallBack
    from .agi_client import Answer
    from .day_of_calls import PlannedCall

COLUMNS = "{:<5}  {:<30}  {:<15}  {:<13}  {:<17}  {:<15}  {:>6}"
HEADERS = ("Time", "Who calls", "Caller ID", "Number", "Class", "Branch", "us")

OWED_FIELDS = ("number", "name", "class", "value", "missed")
OWED_HEADERS = tuple(map(str.capitalize, OWED_FIELDS))
OWED_SHOWN = 5
"""How many of those who are owed a call-back a person sees."""

MARGIN = " " * 7
"""What the second line of a call is indented by: the time stands alone."""

LEAST_WIDTH = 60
"""Characters in a line of prose, however narrow the terminal."""

ZONE = timezone(timedelta(hours=1))
"""Bratislava in November."""

NEXT_STEPS = """
What to do next
  see why a call goes where it goes     asterisk-router route +42125550100 --line +42120550000 --policy shop --explain
  write a policy of your own            asterisk-router check FILE
  see what Asterisk has to be told      asterisk-router dialplan --pbx plain        (or freepbx)
  answer real calls                     asterisk-router serve --policy FILE"""


class AnsweredCall(NamedTuple):
    """One call of the day and what the daemon said."""

    planned: PlannedCall
    """Who called."""
    answer: Answer
    """What the daemon set on the channel."""
    at_s: float
    """When it rang by the day's clock, in seconds since 1970 UTC."""

    @property
    def in_full(self) -> bool:
        """Whether the whole answer came and nothing was missing for the decision."""
        return self.answer.complete and self.answer.variables.get("ROUTER_DEGRADED") == "0"

    def variable(self, name: str) -> str:
        """A channel variable of the router without its prefix; empty if it was not set."""
        return self.answer.variables.get(f"ROUTER_{name}", "")

    def lines(self, width: int) -> list[str]:
        """The call for a terminal of that width: what it was and became, then why, in as many lines as it takes."""
        kind = self.planned.kind
        row = (
            f"{self._local:%H:%M}",
            f"{kind.row:<3} {kind.what}",
            self.planned.call.caller_number or "-",
            self.variable("NUMBER") or "-",
            self.variable("CLASS"),
            self.variable("BRANCH"),
            round(self.answer.took_us),
        )
        why = textwrap.wrap(self._why, max(width, LEAST_WIDTH) - len(MARGIN))
        return [COLUMNS.format(*row), *(MARGIN + line for line in why)]

    @property
    def _local(self) -> datetime:
        return datetime.fromtimestamp(self.at_s, ZONE)

    @property
    def _why(self) -> str:
        if not self.answer.complete:
            return "NO ANSWER: the dialplan would go on to the default branch"
        head_start_s = int(self.variable("HEAD_START"))
        waits = f"queue {self.variable('QUEUE')}" if self.variable("QUEUE") else "no queue"
        ahead = f", head start {duration_of(head_start_s)}" if head_start_s else ""
        degraded = "" if self.in_full else "DEGRADED, the caller was not looked up in time; "
        return f"{waits}{ahead}: {degraded}{self.variable('REASON')}"

    def as_plain(self) -> dict[str, Any]:
        """Everything, for JSON."""
        call = self.planned.call
        return {
            "who": self.planned.kind.row,
            "at": self._local.isoformat(timespec="seconds"),
            "caller_id": call.caller_number,
            "line": call.called_number,
            "microseconds": round(self.answer.took_us),
            **{name.removeprefix("ROUTER_").lower(): value for name, value in self.answer.variables.items()},
        }


@dataclass
class Screen:
    """Shows calls as they are answered and sums them up; for JSON it stays silent until the end."""

    as_json: bool
    """Whether one JSON document is printed at the end, and nothing before."""
    calls: list[AnsweredCall] = field(default_factory=list)
    """Every call so far."""
    owed: list[CallBack] = field(default_factory=list)
    """Who is owed a call-back when the day is over, whoever is to be called first at the front."""

    def say(self, text: str) -> None:
        """Print a line of prose, for people only."""
        if not self.as_json:
            click.echo(text)

    def show(self, call: AnsweredCall) -> None:
        """Print one decision, under the headers if it is the first."""
        if not self.calls:
            self.say(COLUMNS.format(*HEADERS))
        self.calls.append(call)
        for line in call.lines(shutil.get_terminal_size((120, 24)).columns):
            self.say(line)

    @property
    def failures(self) -> str:
        """How many calls got no answer, in a sentence; empty when every one did."""
        silent = sum(not call.answer.complete for call in self.calls)
        return f"{silent} of {len(self.calls)} calls got no answer" if silent else ""

    @property
    def degraded(self) -> int:
        """How many calls were answered without their caller, who was not found in time."""
        return sum(call.answer.complete and not call.in_full for call in self.calls)

    def end(self) -> None:
        """Print the day by class, the times, and what to do next; or the JSON document."""
        times_us = sorted(call.answer.took_us for call in self.calls)
        if self.as_json:
            tables.print_json(
                {
                    "calls": [call.as_plain() for call in self.calls],
                    "classes": {caller_class: len(calls) for caller_class, calls in self._by_class().items()},
                    "call_backs": [dict(zip(OWED_FIELDS, _owed_row(entry), strict=True)) for entry in self.owed],
                    "without_answer": sum(not call.answer.complete for call in self.calls),
                    "degraded": self.degraded,
                    "p50_us": round(_share(times_us, 0.50)),
                    "p99_us": round(_share(times_us, 0.99)),
                }
            )
            return
        self.say("")
        rows = [_class_row(caller_class, calls) for caller_class, calls in self._by_class().items()]
        tables.print_table(("Class", "Calls", "Who", "Branches", "p50 us", "p99 us"), rows, "class", "classes")
        self.say(
            f"\n{len(self.calls)} calls; p50 {_share(times_us, 0.50):.0f} us, p99 {_share(times_us, 0.99):.0f} us, "
            "each from connecting to the last byte of the answer,\nas Asterisk would wait for it."
        )
        if self.degraded:
            self.say(
                f"{self.degraded} of them were decided without their caller, who was not found within 20 ms:\n"
                "this machine was busy, and the call does not wait for it."
            )
        if self.owed:
            self.say("\nWho rang when the shop was closed is owed a call-back, one a person; the first to be called:\n")
            many = f"of {len(self.owed)} call-backs"
            tables.print_table(OWED_HEADERS, map(_owed_row, self.owed[:OWED_SHOWN]), many, many)
        self.say(NEXT_STEPS)

    def _by_class(self) -> dict[str, list[AnsweredCall]]:
        classes: dict[str, list[AnsweredCall]] = {}
        for call in self.calls:
            classes.setdefault(call.variable("CLASS") or "(none)", []).append(call)
        return dict(sorted(classes.items(), key=lambda entry: -len(entry[1])))


def _class_row(caller_class: str, calls: list[AnsweredCall]) -> tuple[object, ...]:
    times_us = sorted(call.answer.took_us for call in calls)
    rows = sorted({call.planned.kind.row for call in calls}, key=lambda row: int(row[1:]))
    branches = sorted({call.variable("BRANCH") for call in calls})
    return (caller_class, len(calls), rows, branches, round(_share(times_us, 0.50)), round(_share(times_us, 0.99)))


def _owed_row(entry: CallBack) -> tuple[object, ...]:
    return (entry.number, entry.name or "-", entry.caller_class, entry.value, entry.missed)


def _share(ordered: list[float], share: float) -> float:
    """The value below which `share` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
