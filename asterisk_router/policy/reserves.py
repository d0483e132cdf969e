"""Agents who help out in a queue: who they are, and when a rule pulls them in and lets them go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..callers.caller import Caller
from ..numbering.number import Number
from ..wire.incoming_call import IncomingCall
from .facts.table import FactUse, Value
from .file.entries import Entries, Entry
from .rules.conditions import Condition, ConditionReader, truth_of
from .rules.vocabulary import Vocabulary
from .situation import Line, LiveAnswers, Situation
from .treatment import Agent

_NO_CALL = (IncomingCall(), Number("withheld", ""), Caller.UNKNOWN)

ValuesOf = Callable[[Situation], Callable[[FactUse], Value]]
"""Reads the facts of one moment."""


class WrittenReserve(NamedTuple):
    """A `[[reserve]]` with its conditions read."""

    entry: Entry
    """As written."""
    when: Condition | None
    """What pulls in; None for nothing."""
    until: Condition | None
    """What lets go; None where it is not written."""


class Reserve:
    """One `[[reserve]]` of a policy in force."""

    def __init__(self, written: WrittenReserve, agents: Mapping[str, Agent], values_of: ValuesOf) -> None:
        fields = written.entry.fields
        self.name: str = fields["name"]
        """What people call it."""
        self.queue: str = fields["queue"]
        """Queue they are pulled into, as the policy calls it."""
        self.agents = tuple(agents[name] for name in fields["agents"])
        """Who."""
        self.ask: bool = fields.get("ask", False)
        """Whether each of them is rung first and must accept."""
        self.where = written.entry.where
        """`file:line` of its heading."""
        self._when = written.when
        self._until = written.until
        self._values_of = values_of

    def wanted(self, live: LiveAnswers, at_s: float) -> bool | None:
        """Whether a rule wants them in the queue at `at_s`: True pull them in, False let them go, None as they are.

        What is asked of an unknown live line holds neither way, so a lost PBX moves nobody. Without `until` they are
        let go when `when` definitely does not hold; a reserve without `when` is pulled in by command only.
        """
        value_of = self._values_of(Situation(*_NO_CALL, at_s, 0, True, Line(), False, live))
        holds = None if self._when is None else truth_of(self._when, value_of)
        if holds:
            return True
        if self._until is None:
            return holds
        return False if truth_of(self._until, value_of) else None


def reserves_of(entries: Entries, known: Mapping[str, Iterable[str]]) -> list[WrittenReserve]:
    """Every `[[reserve]]` with its conditions read; faults are added to `entries`."""
    vocabulary = Vocabulary(known, step="reserve")
    found = []
    first: dict[str, Entry] = {}
    for entry in entries.of("reserve"):
        earlier = first.setdefault(entry.fields.get("name", entry.where), entry)
        if earlier is not entry:
            problem = f"two [[reserve]] are named {entry.fields['name']!r}"
            entries.faults.append(entry.fault("name", problem, f"the other is at {earlier.where}"))
        if entry.fields.get("agents") == ():
            entries.faults.append(entry.fault("agents", "agents: nobody is named", 'write agents = ["anna"]'))
        when, until = (_read(entries, entry, key, vocabulary) for key in ("when", "until"))
        found.append(WrittenReserve(entry, when, until))
    return found


def _read(entries: Entries, entry: Entry, key: str, vocabulary: Vocabulary) -> Condition | None:
    if key not in entry.fields:
        return None

    def complain(problem: str, remedy: str, index: int) -> None:
        entries.faults.append(entry.fault(key, f"{key}: {problem}", remedy, index))

    return ConditionReader(vocabulary, entry.fields[key], complain).read()
