"""`[trust]`: how far a number must be believed before it opens something; below, a caller is what they can prove.

Nothing here ends or delays a call: a privilege that is withheld leaves the caller with what a stranger gets who rings
from the same place at the same moment, and the reason of the decision says which one fell away and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ...callers.trust import E0, E1, E2, E3
from ..class_rules import ClassRules
from ..facts.table import TRUST_LEVELS
from ..file.entries import Entries

UNPROVEN = "~ "
"""Put before a screen name that rests on a number nobody vouches for."""


class TrustTable(NamedTuple):
    """The least trust of each privilege, and the bounds of those enjoyed on a bare claim, which is one below E2."""

    incident: int = E0
    """To be treated as an incident (a class of the branch `incident`)."""
    head_start: int = E1
    """To get more head start than a stranger, and to pre-empt."""
    names: int = E3
    """To hear a greeting that tells who they are, to have the card shown, and a screen name without a tilde."""
    mobile: int = E3
    """To have the agent's mobile rung; the desk rings at any level."""
    decoy: int = E2
    """To be sent to the decoy: whose number may be another's is not."""
    claimed_share: int = 50
    """How many percent of those who wait in a queue may stand there with more head start on a claim; 100: no bound."""
    incidents_per_number: int = 6
    """Incidents an hour from one number, on a claim, that go before everyone; 0: no bound."""
    incidents_per_line: int = 60
    """The same on one line."""


FLOORS: Final[Mapping[str, int]] = {"incident": E0, "head_start": E1, "names": E1, "mobile": E1, "decoy": E2}
"""Privileges, and the level below which no policy can put each."""

_NEVER_LOWER = {
    "head_start": "nobody can be told apart at E0",
    "names": "nobody can be told apart at E0",
    "mobile": "nobody can be told apart at E0",
    "decoy": "the number of somebody else would send them there",
}


def trust_table_of(entries: Entries) -> TrustTable:
    """`[trust]` of a policy, with what holds where it says nothing; faults added to `entries`."""
    entry = entries.one("trust")
    if entry is None:
        return TrustTable()
    table = TrustTable(**entry.fields)
    for name, floor in FLOORS.items():
        if getattr(table, name) < floor:
            problem = f"{name}: {TRUST_LEVELS[getattr(table, name)]} is too low, {_NEVER_LOWER[name]}"
            entries.faults.append(entry.fault(name, problem, f'write "{TRUST_LEVELS[floor]}" or higher'))
    if table.claimed_share > 100:
        problem = f"claimed_share: {table.claimed_share} is no percentage"
        entries.faults.append(entry.fault("claimed_share", problem, "write 0 to 100; 100 sets no bound"))
    return table


class Gets(NamedTuple):
    """What the rules that won give, before anything is withheld."""

    won: tuple[int, ...]
    """The rules, as `Policy.walk` tells them."""
    fields: Mapping[str, Any]
    """The class's, refined."""
    head_start_s: int
    """With every bonus."""
    rules: ClassRules
    """What the class is owed, and may ask of others."""


class Withheld(NamedTuple):
    """What is taken out of an outcome; as it stands, nothing."""

    head_start_s: int | None = None
    """The head start in its place; None leaves it."""
    greeting: str | None = None
    """The greeting in its place; None leaves it."""
    names: bool = False
    """Whether the card is left out and the screen name marked."""
    mobile: bool = False
    """Whether the agent's mobile is left out."""
    why: str = ""
    """For the reason of the decision: `; withheld names (E1: needs E3)`."""


NOTHING = Withheld()
"""Nothing is withheld."""


def withheld_of(table: TrustTable, trust: int, own: Gets, stranger: Gets, least_s: int, refused: str = "") -> Withheld:
    """What `own` outcome loses at a trust, given what a stranger would get.

    `refused` is why a bound stands in the way of the privilege `bound_of` names; `least_s` is the head start of the
    closing default, which is what an incident beyond its rate keeps. A protected class keeps greeting and head start:
    the guard rails owe them to whoever may be an inspector or complain.
    """
    found, why = NOTHING, ""
    if own.fields["branch"] == "incident":
        if refused or trust < table.incident:
            found = found._replace(head_start_s=min(own.head_start_s, least_s))
            why += _why("incident", trust, table.incident, refused)
    elif _lifts(own, stranger) and (refused or trust < table.head_start):
        found = found._replace(head_start_s=min(own.head_start_s, stranger.head_start_s))
        why += _why("head_start", trust, table.head_start, refused)
    if trust < table.names and _tells(own, stranger):
        found = found._replace(greeting=_greeting(own, stranger), names=True)
        why += _why("names", trust, table.names)
    if trust < table.mobile and own.fields.get("agent", "none") != "none":
        found = found._replace(mobile=True)
    return found._replace(why=why)


def bound_of(table: TrustTable, trust: int, own: Gets, stranger: Gets) -> str:
    """The privilege that is enjoyed on a claim and so within a bound: `incident`, `head_start`, or none."""
    if trust >= E2:
        return ""
    if own.fields["branch"] == "incident":
        return "incident" if trust >= table.incident else ""
    return "head_start" if trust >= table.head_start and table.claimed_share < 100 and _lifts(own, stranger) else ""


def mobile_withheld(table: TrustTable, trust: int) -> str:
    """For the reason of a decision whose agent has a mobile that is not rung."""
    return _why("mobile", trust, table.mobile)


def held_back(reason: str) -> bool:
    """Whether the reason of a decision says that the caller was not put before others, so that nobody makes room."""
    return "; withheld head_start (" in reason or "; withheld incident (" in reason


def _lifts(own: Gets, stranger: Gets) -> bool:
    """Whether the caller comes before others by who they are; a protected class does by what they call about."""
    preempts = own.rules.preempts and not stranger.rules.preempts
    return (preempts or own.head_start_s > stranger.head_start_s) and not own.rules.protected


def _tells(own: Gets, stranger: Gets) -> bool:
    """Whether anything of what the caller gets depends on who they are; `stranger` is themselves when nobody is."""
    return own is not stranger and (own.won != stranger.won or bool(own.fields.get("card_url")))


def _greeting(own: Gets, stranger: Gets) -> str | None:
    """What is said instead: what a stranger hears in that branch; nothing where a stranger would not be in it."""
    branch = own.fields["branch"]
    if own.rules.protected or branch == "decoy" or own.fields.get("greeting", "") == "":
        return None
    return str(stranger.fields.get("greeting", "")) if stranger.fields["branch"] == branch else ""


def _why(privilege: str, trust: int, needed: int, refused: str = "") -> str:
    return f"; withheld {privilege} ({TRUST_LEVELS[trust]}: {refused or f'needs {TRUST_LEVELS[needed]}'})"
