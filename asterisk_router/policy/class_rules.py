"""What a class is owed and what may be asked of it while others need its place."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .file.entries import Entries, Entry

Yields = Literal["no", "waiting", "talking"]
"""Whether a caller makes room: never, while waiting, while talking too."""

PROTECTED_BRANCHES = ("incident", "inspector", "complaint")
"""Classes of these branches are protected whatever the policy says."""


class ClassRules(NamedTuple):
    """Of one class; as it stands, of one the policy does not know: owed a call-back, never asked to yield."""

    call_back: bool = True
    """Whether a missed call is owed a call-back."""
    preempts: bool = False
    """Whether somebody makes room for its callers when no agent is free."""
    yields: Yields = "no"
    """Whether its callers make room."""
    protected: bool = False
    """Whether it is never asked to yield and never under a value bar."""


def class_rules_of(entries: Entries) -> dict[str, ClassRules]:
    """The rules of every class, faults added to `entries`."""
    head = entries.one("policy")
    may_cut = bool(head and head.fields.get("preempt_talking", False))
    return {entry.name: _rules(entries, entry, may_cut) for entry in entries.of("classes")}


def _rules(entries: Entries, entry: Entry, may_cut: bool) -> ClassRules:
    fields = entry.fields
    always = fields.get("branch") in PROTECTED_BRANCHES
    rules = ClassRules(
        fields.get("call_back", True),
        fields.get("preempts", False),
        fields.get("yields", "no"),
        always or fields.get("protected", False),
    )

    def refuse(key: str, problem: str, remedy: str) -> None:
        entries.faults.append(entry.fault(key, f"{key}: {problem}", remedy))

    if always and not fields.get("protected", True):
        refuse("protected", f"the branch {fields['branch']!r} is always protected", "leave it out")
    if rules.yields != "no":
        if rules.protected:
            refuse("yields", "a protected class is never asked to yield", "write yields = 'no'")
        if rules.preempts:
            refuse("yields", "a class that pre-empts others does not yield", "leave out preempts or yields")
        if not rules.call_back:
            refuse("yields", "whoever yields is offered a call-back", "leave out call_back = false, or yields")
    if rules.yields == "talking" and not may_cut:
        refuse("yields", "conversations are not cut here", "write 'waiting', or [policy] preempt_talking = true")
    return rules
