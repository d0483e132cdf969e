"""What a person sees of the demo: every decision as it is made, then the day by class, then what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..cli import tables

if TYPE_CHECKING:
    from .agi_client import Answer
    from .day_of_calls import PlannedCall

COLUMNS = "{:<30} {:<16} {:<13} {:<17} {:<15} {:<9} {:>10} {:>6}  {}"
HEADERS = ("Who calls", "Caller ID", "Number", "Class", "Branch", "Queue", "Head start", "us", "Why")

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

    @property
    def in_full(self) -> bool:
        """Whether the whole answer came and nothing was missing for the decision."""
        return self.answer.complete and self.answer.variables.get("ROUTER_DEGRADED") == "0"

    def variable(self, name: str) -> str:
        """A channel variable of the router without its prefix; empty if it was not set."""
        return self.answer.variables.get(f"ROUTER_{name}", "")

    def as_plain(self) -> dict[str, Any]:
        """Everything, for JSON."""
        call = self.planned.call
        return {
            "who": self.planned.kind.row,
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

    def say(self, text: str) -> None:
        """Print a line of prose, for people only."""
        if not self.as_json:
            click.echo(text)

    def show(self, call: AnsweredCall) -> None:
        """Print one decision, under the headers if it is the first."""
        if not self.calls:
            self.say(COLUMNS.format(*HEADERS))
        self.calls.append(call)
        kind, shown = call.planned.kind, call.variable
        row = (
            f"{kind.row:<3} {kind.what}"[:30],
            call.planned.call.caller_number[:16] or "-",
            shown("NUMBER") or "-",
            shown("CLASS"),
            shown("BRANCH"),
            shown("QUEUE") or "-",
            f"{shown('HEAD_START')} s",
            round(call.answer.took_us),
            shown("REASON") if call.in_full else "NOT ANSWERED IN FULL",
        )
        self.say(COLUMNS.format(*row))

    @property
    def failures(self) -> str:
        """What went wrong and what it may mean, in a sentence; empty when every call was answered in full."""
        silent = sum(not call.answer.complete for call in self.calls)
        degraded = sum(not call.in_full for call in self.calls) - silent
        if not silent and not degraded:
            return ""
        return (
            f"{silent} calls got no answer and {degraded} were answered without their caller: "
            "either this machine is very busy, and the demo should be run again, or something is broken"
        )

    def end(self) -> None:
        """Print the day by class, the times, and what to do next; or the JSON document."""
        times_us = sorted(call.answer.took_us for call in self.calls)
        failed = sum(not call.in_full for call in self.calls)
        if self.as_json:
            tables.print_json(
                {
                    "calls": [call.as_plain() for call in self.calls],
                    "classes": {caller_class: len(calls) for caller_class, calls in self._by_class().items()},
                    "not_answered_in_full": failed,
                    "p50_us": round(_share(times_us, 0.50)),
                    "p99_us": round(_share(times_us, 0.99)),
                }
            )
            return
        self.say("")
        rows = [_class_row(caller_class, calls) for caller_class, calls in self._by_class().items()]
        tables.print_table(("Class", "Calls", "Who", "Branches", "p50 us", "p99 us"), rows, "class", "classes")
        self.say(
            f"\n{len(self.calls)} calls, {failed} of them not answered in full; "
            f"p50 {_share(times_us, 0.50):.0f} us, p99 {_share(times_us, 0.99):.0f} us,\n"
            "each from connecting to the last byte of the answer, as Asterisk would wait for it."
        )
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


def _share(ordered: list[float], share: float) -> float:
    """The value below which `share` of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
