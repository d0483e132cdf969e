"""How long each field of what is kept of callers is kept, and what is left of a caller after that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..errors import SettingsError
from .caller import Caller, History

DAY_S = 86_400

DAYS_MAX = 36_500
"""Longest time that can be asked for: a century."""


class Keep(NamedTuple):
    """Days each field is kept; 0: for as long as there is room."""

    numbers: int = 0
    """The number in the registry of calls: after that a keyed pseudonym stands in its place."""
    facts: int = 0
    """What a decision saw of the call and its caller; the rules that took part stay."""
    history: int = 0
    """The calls of a caller, from the last one on. A caller of whom nothing else is known goes with them."""
    call_backs: int = 0
    """Settled call-backs, from the day they were settled."""
    evidence: int = 0
    """Tags that have expired, with their evidence, from the day they did."""


FIELDS = {name.replace("_", "-"): name for name in Keep._fields}
"""What each field is called by people."""


def parse_keep(texts: Iterable[str]) -> Keep:
    """Read `FIELD=DAYS`, several of them; raises SettingsError.

    >>> parse_keep(["numbers=90", "call-backs=30"])
    Keep(numbers=90, facts=0, history=0, call_backs=30, evidence=0)
    """
    keep = Keep()
    for text in texts:
        name, _, days = text.partition("=")
        if name not in FIELDS or not (days.isascii() and days.isdigit() and int(days) <= DAYS_MAX):
            remedy = f"write FIELD=DAYS, FIELD one of {', '.join(FIELDS)}, DAYS a whole number"
            raise SettingsError(f"{text!r} does not say how long what is kept", remedy=remedy)
        keep = keep._replace(**{FIELDS[name]: int(days)})
    return keep


def left_of(caller: Caller, keep: Keep, now_s: float) -> Caller:
    """What is still to be kept of a caller; `Caller.UNKNOWN` for nothing.

    >>> left_of(Caller(("+12025550100",), history=History(1, 5, 5)), Keep(history=1), 1e9) == Caller.UNKNOWN
    True
    """
    left = caller
    if keep.evidence:
        until_s = now_s - keep.evidence * DAY_S
        left = left._replace(tags=tuple(tag for tag in left.tags if not 0 < tag.expires_at_s < until_s))
    if keep.history and 0 < left.history.last_at_s < now_s - keep.history * DAY_S:
        left = left._replace(history=History())
    if left != caller and left._replace(numbers=()) == Caller.UNKNOWN:
        return Caller.UNKNOWN
    return left
