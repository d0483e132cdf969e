"""What one policy decides of past calls: those that no rule of it can tell apart share one decision."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..policy.guard.claims import Claims
from .decisions import Side

if TYPE_CHECKING:
    from ..callers.caller import History
    from ..policy.decision import Decision
    from ..policy.facts.table import FactUse
    from ..policy.guard.privileges import TrustTable
    from ..policy.policy import Policy
    from ..policy.situation import Situation

MOST_ALIKE = 20_000
"""Kinds of calls whose decision is remembered before starting afresh, some 8 MB; rules won likewise."""

_TOLD = frozenset(
    (
        "attestation", "choice", "country", "degraded", "identified", "language", "last_agent", "missed_since_answer",
        "number_kind", "numbered", "open_matter", "orders", "own_agent", "redirected", "seen", "tag", "trunk", "trust",
        "value",
    )
)  # fmt: skip
"""Facts of call and caller that follow from what `PastDecisions.of_kind` is told, or are the same in every log."""


class ClaimsThen(Claims):
    """What bare numbers claim is granted, but for the one privilege that was refused; nothing is noted."""

    def __init__(self, refused: str) -> None:
        """`refused` is a word of `Claims.refuses`; empty for none."""
        super().__init__()
        self._refused = refused

    def refuses(self, bound: str, queue: str, s: Situation, table: TrustTable) -> str:
        """As it was then."""
        return "as then" if bound == self._refused else ""


class PastDecisions:
    """The decisions of one policy about past calls."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        """The policy."""
        space = policy.compiled.space
        self._window_s = _longest_window_s((*space.labels, *(dimension.use for dimension in space.dimensions)))
        self._alike: dict[tuple[Any, ...], Side] = {}
        self._by_rules: dict[tuple[int, ...], Side] = {}
        self._trusted = max(policy.trust.incident, policy.trust.head_start)  # nothing else changes what is compared
        self._claims: dict[str, ClaimsThen] = {}

    def kind_of(self, at_s: int, line: str, history: History, told: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What is the same of calls that are decided alike; None for one that must be looked at by itself.

        `told` is what the log says of it, kind and country of its number in the place of the number. Of a history in
        which every call is older than any window the rules ask, there is left whether it is empty, and how the
        calls ended since one was answered. The moment is left as what the clock says then.
        """
        window_s = self._window_s
        if window_s is None or at_s - history.last_at_s <= window_s:
            return None
        since_answer = ""
        for past in reversed(history.recent):
            if past.outcome == "answered":
                break
            since_answer += past.outcome[0]
        return self.policy.gatherer.clock_of(at_s), line, history.calls > 0, since_answer, told

    def of_kind(self, kind: tuple[Any, ...]) -> Side | None:
        """What was decided of a call of this kind before; None where there was none."""
        return self._alike.get(kind)

    def decide(self, situation: Situation, kind: tuple[Any, ...] | None, refused: str = "") -> Side:
        """What the policy decides, by the program that decides live; kept for calls of the same kind.

        Below the trust that a privilege needs it is withheld as live. What is claimed is granted, for no log tells how
        many others waited on a claim; unless it is the one that the log says was `refused`.
        """
        if refused or situation.trust < self._trusted:
            side = self._withheld(situation, refused)
        else:
            side = self._in_full(situation)
        if kind is not None:
            if len(self._alike) >= MOST_ALIKE:
                self._alike.clear()
            self._alike[kind] = side
        return side

    def _in_full(self, situation: Situation) -> Side:
        won = self.policy.walk(situation)
        side = self._by_rules.get(won)
        if side is None:  # what is compared depends on the rules that won alone
            if len(self._by_rules) >= MOST_ALIKE:
                self._by_rules.clear()
            side = self._by_rules[won] = _side_of(self.policy.in_full(situation, won))
        return side

    def _withheld(self, situation: Situation, refused: str) -> Side:
        claims = self._claims.get(refused)
        if claims is None:
            claims = self._claims[refused] = ClaimsThen(refused)
        return _side_of(self.policy.decide_as_it_stands(situation, claims))


def _side_of(made: Decision) -> Side:
    return Side(made.caller_class, made.branch, made.head_start_s, made.queue)


def _longest_window_s(uses: Iterable[FactUse]) -> int | None:
    """Over how many seconds rules count past calls, at most; None where a rule asks what makes each call its own.

    That is the number itself (`prefix`, `share`), a schedule of the line, days since the last call, and how many calls
    there ever were.
    """
    longest_s = 0
    for use in uses:
        if use.fact.arguments == "window" and use.argument:
            longest_s = max(longest_s, int(use.argument))
        elif use.fact.name not in _TOLD and use.fact.source not in ("clock", "line", "live"):
            return None
    return longest_s
