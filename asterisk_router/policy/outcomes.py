"""What the rules that won give, less what the trust in the number does not open: made once, then remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..callers.trust import E2
from .class_rules import ClassRules
from .guard.claims import Claims
from .guard.guard_rails import NOTHING_HELD, Held
from .guard.privileges import FLOORS, Gets, bound_of, mobile_withheld, withheld_of
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

Key = TypeVar("Key")
Made = TypeVar("Made")


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
        self._granted: dict[tuple[Winners, Winners, int] | tuple[Winners, Winners, int, Held], Granted] = {}
        self._refused: dict[tuple[Winners, Winners, int, str, Held], Granted] = {}

    def of(self, won: Winners, held: Held = NOTHING_HELD) -> Outcome:
        """What those rules give to whoever is trusted enough; `held` is what guard rails did before they won."""
        key = won if held is NOTHING_HELD else (won, held)
        outcome = self._full.get(key)
        if outcome is None:
            made = Outcome(*self._given(won), self._desks, self._parts.bonus_limit_s, held=held)
            outcome = _remembered(self._full, key, made)
        return outcome

    def granted(
        self, s: Situation, won: Winners, stranger: Winners, claims: Claims, held: Held = NOTHING_HELD
    ) -> Outcome:
        """What they give at the trust of that call, where `stranger` won for the same call from a number nobody knows.

        What is enjoyed on a claim is asked of `claims`, and noted there.
        """
        place = (won, stranger, s.trust) if held is NOTHING_HELD else (won, stranger, s.trust, held)
        granted = self._granted.get(place)
        if granted is None:
            granted = _remembered(self._granted, place, self._grant(won, stranger, s.trust, "", held))
        if granted[1]:  # bound; by position, for speed
            refused = claims.refuses(granted.bound, granted.queue, s, self._parts.trust)
            if refused:
                key = (won, stranger, s.trust, refused, held)
                granted = self._refused.get(key) or _remembered(self._refused, key, self._grant(*key))
        return granted[0]

    def _grant(self, won: Winners, stranger: Winners, trust: int, refused: str, held: Held) -> Granted:
        parts, table = self._parts, self._parts.trust
        own = self._gets(won)
        other = self._gets(stranger) if stranger else own
        withheld = withheld_of(table, trust, own, other, self.of(self.default).head_start_s, refused)
        rules, fields = self._given(won)
        queue = parts.queues.get(fields.get("queue", ""))
        return Granted(
            Outcome(rules, fields, self._desks, parts.bonus_limit_s, withheld, mobile_withheld(table, trust), held),
            bound_of(table, trust, own, other),
            queue.asterisk if queue is not None else "",
        )

    def _gets(self, won: Winners) -> Gets:
        rules, fields = self._given(won)
        owed = self._parts.class_rules.get(rules[0].fields["class"], _UNKNOWN_CLASS)
        return Gets(won, fields, self.of(won).head_start_s, owed)

    def _given(self, won: Winners) -> tuple[list[Won], dict[str, Any]]:
        """The rules that won, and the fields of the class, refined."""
        parts = self._parts
        steps = ["classify", "treat", *["bonus"] * (len(won) - 2)]
        rules = [parts.rules[step][index] for step, index in zip(steps, won, strict=True) if index >= 0]
        refined = next((rule.fields for rule in rules if rule.step == "treat"), {})
        fields = laid_over(parts.classes[rules[0].fields["class"]], refined, parts.queues)
        return [Won(rule.step, rule.name, rule.where, rule.fields) for rule in rules], fields


def _remembered(memory: dict[Key, Made], key: Key, made: Made) -> Made:
    if len(memory) >= MOST_OUTCOMES:
        memory.clear()
    memory[key] = made
    return made
