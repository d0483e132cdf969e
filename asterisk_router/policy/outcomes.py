"""What the rules that won give, less what the trust in the number does not open: made once, then remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..callers.trust import E2
from .claims import Claims
from .class_rules import ClassRules
from .guard_rails import NOTHING_HELD, Held
from .privileges import FLOORS, Gets, bound_of, mobile_withheld, withheld_of
from .situation import Situation
from .skills import laid_over
from .treatment import Desks, Outcome, Won

if TYPE_CHECKING:
    from .policy import Parts

MOST_OUTCOMES = 4096
"""Combinations of winning rules remembered before starting afresh."""

Winners = tuple[int, ...]
"""The winning classify rule, treat rule (-1 for none), and every bonus rule, by index: what `Policy.walk` tells."""

NOBODY: Winners = ()
"""In place of the stranger's winners where the caller is nobody anybody knows."""

_UNKNOWN_CLASS = ClassRules()


class Granted(NamedTuple):
    """What a caller gets at their trust."""

    outcome: Outcome
    """Without what is withheld."""
    bound: str
    """The privilege in it that is enjoyed on a claim, and within a bound: `incident`, `head_start`, or none."""
    queue: str
    """Where the call waits, by the queue's name in Asterisk; empty when the outcome names none."""


class Outcomes:
    """The outcomes of one policy."""

    def __init__(self, parts: Parts, desks: Desks) -> None:
        self.default: Winners = (len(parts.rules["classify"]) - 1, -1)
        """The closing classify rule alone."""
        self.enough = max(E2, *parts.trust[: len(FLOORS)])
        """The trust from which on nothing is withheld and nothing is a mere claim."""
        self._parts = parts
        self._desks = desks
        self._full: dict[Winners | tuple[Winners, Held], Outcome] = {}
        self._granted: dict[tuple[Winners, Winners, int, str, Held], Granted] = {}

    def of(self, won: Winners, held: Held = NOTHING_HELD) -> Outcome:
        """What those rules give to whoever is trusted enough; `held` is what guard rails did before they won."""
        key = won if held is NOTHING_HELD else (won, held)
        outcome = self._full.get(key)
        if outcome is None:
            outcome = Outcome(*self._given(won), self._desks, self._parts.bonus_limit_s, held=held)
            if len(self._full) >= MOST_OUTCOMES:
                self._full.clear()
            self._full[key] = outcome
        return outcome

    def granted(
        self, s: Situation, won: Winners, stranger: Winners, claims: Claims, held: Held = NOTHING_HELD
    ) -> Outcome:
        """What they give at the trust of that call, where `stranger` won for the same call from a number nobody knows.

        What is enjoyed on a claim is asked of `claims`, and noted there.
        """
        key = (won, stranger, s.trust, "", held)
        granted = self._granted.get(key) or self._grant(*key)
        if granted.bound:
            refused = claims.refuses(granted.bound, granted.queue, s, self._parts.trust)
            if refused:
                key = (won, stranger, s.trust, refused, held)
                granted = self._granted.get(key) or self._grant(*key)
        return granted.outcome

    def _grant(self, won: Winners, stranger: Winners, trust: int, refused: str, held: Held) -> Granted:
        parts, table = self._parts, self._parts.trust
        own = self._gets(won)
        other = self._gets(stranger) if stranger else own
        withheld = withheld_of(table, trust, own, other, self.of(self.default).head_start_s, refused)
        rules, fields = self._given(won)
        if withheld.decoy:
            withheld = withheld._replace(why=f"{withheld.why} of {rules[0].name}")
            own = other = other if other.fields["branch"] != "decoy" else self._gets(self.default)
            rules, fields = self._given(own.won)
        queue = parts.queues.get(fields.get("queue", ""))
        granted = Granted(
            Outcome(rules, fields, self._desks, parts.bonus_limit_s, withheld, mobile_withheld(table, trust), held),
            bound_of(table, trust, own, other),
            queue.asterisk if queue is not None else "",
        )
        if len(self._granted) >= MOST_OUTCOMES:
            self._granted.clear()
        self._granted[won, stranger, trust, refused, held] = granted
        return granted

    def _gets(self, won: Winners) -> Gets:
        rules, fields = self._given(won)
        protected = self._parts.class_rules.get(rules[0].fields["class"], _UNKNOWN_CLASS).protected
        return Gets(won, fields, self.of(won).head_start_s, protected)

    def _given(self, won: Winners) -> tuple[list[Won], dict[str, Any]]:
        """The rules that won, and the fields of the class, refined."""
        parts = self._parts
        steps = ["classify", "treat", *["bonus"] * (len(won) - 2)]
        rules = [parts.rules[step][index] for step, index in zip(steps, won, strict=True) if index >= 0]
        refined = next((rule.fields for rule in rules if rule.step == "treat"), {})
        fields = laid_over(parts.classes[rules[0].fields["class"]], refined, parts.queues)
        return [Won(rule.step, rule.name, rule.where, rule.fields) for rule in rules], fields
