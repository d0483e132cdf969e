"""What no policy can do: put sales before an incident, or a decoy before anybody but an approved competitor.

The walk of the program names the rules that match; the rails look at what it named. A rule that may not decide is set
aside and the next one that matches takes its place, at last the closing default. Which callers are protected is read
from the call itself, not from the policy. A call that no rail concerns costs one look into a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from ...callers.caller import Tag
from ...callers.tags import why_not_approved
from ...callers.trust import E2
from ..class_rules import ClassRules
from ..facts.table import FactUse, Value
from ..rules.conditions import truth_of
from ..rules.lists import Rule
from ..situation import Situation

INCIDENT, INSPECTOR, COMPLAINT, CONTRACT, OTHER, SALES, DECOY = range(7)
"""Precedence of classes, by their branch: those of the first four come before SALES, DECOY after everything."""

DECOY_BRANCH = "decoy"
"""The branch of the templates that tells what may be told to anyone, and nothing else."""

RANKS = {
    "incident": INCIDENT, "inspector": INSPECTOR, "complaint": COMPLAINT, "support": CONTRACT,
    "account-manager": OTHER, "reception": OTHER, "problem": OTHER, "staff-family": OTHER, "default": OTHER,
    "callback": OTHER, DECOY_BRANCH: DECOY,
}  # fmt: skip
"""Branches whose callers are not sold to, and the decoy; any other branch, also one of the policy's own, sells."""

KINDS = ("emergency", "incident", "inspector", "complaint")
"""Callers who are never sold to, by the words of a reason, which are also the tag, the open matter and the choice in a
menu that make a caller one."""

Won = tuple[int, ...]
"""What a walk returns: the classify rule, the treat rule (-1 for none), the bonus rules."""


class DecoyRules(NamedTuple):
    """`[decoy]`: what the policy says about the decoy branch; that it is on is not for a policy to say."""

    tags: tuple[str, ...] = ("competitor",)
    """Tags by which it may be chosen, once approved."""
    escape_share: int = 20
    """Percent of its uses that end with a person, above which it is switched off."""
    escape_uses: int = 10
    """Uses it takes before that share is looked at."""


class Held(NamedTuple):
    """What the rails did to one walk."""

    words: str = ""
    """For the reason of the decision; empty when they did nothing and no decoy was chosen."""
    why: str = ""
    """Why rules were set aside, one of a few texts, by which calls are counted; empty when none was."""
    aside: tuple[tuple[str, int], ...] = ()
    """Rules that match and may not decide: step and index."""


NOTHING_HELD = Held()
"""For nearly all calls."""


class GuardRails:
    """The rails of one policy: its rules by precedence, and what to do with a walk that breaks it."""

    def __init__(
        self,
        rules: Mapping[str, Sequence[Rule]],
        classes: Mapping[str, Mapping[str, Any]],
        class_rules: Mapping[str, ClassRules],
        decoy: DecoyRules,
        least_trust: int,
        seen_by: Callable[[Situation], Callable[[FactUse], Value]],
    ) -> None:
        """`least_trust` is that of a decoy by `[trust]`, E2 at least; `seen_by` reads facts as the walk did."""
        self._rules = rules
        self._least_trust = max(E2, least_trust)
        self._decoy = decoy
        self._seen_by = seen_by
        ranks = {name: rank_of(fields, class_rules[name]) for name, fields in classes.items()}
        self._ranks = [ranks[rule.fields["class"]] for rule in rules["classify"]]
        self._first = [
            [at for at in range(index + 1, len(self._ranks)) if rank >= SALES and self._ranks[at] <= CONTRACT]
            for index, rank in enumerate(self._ranks)
        ]
        self._branches = [rule.fields.get("branch", "") for rule in rules["treat"]]
        self._passes = [rank < SALES for rank in self._ranks]
        self._treats_pass = [not branch or RANKS.get(branch, SALES) < SALES for branch in self._branches]
        self._treats_pass.append(True)  # where no treat rule matches, its index is -1

    def held(self, won: Won, s: Situation) -> tuple[Won, Held]:
        """The rules that decide in the place of `won`, and what was done."""
        classify, treat = won[0], won[1]
        if self._passes[classify] and self._treats_pass[treat]:
            return won, NOTHING_HELD
        kind = kind_of(s)
        plain = COMPLAINT < self._ranks[classify] < DECOY and not self._first[classify]
        if plain and not kind and (treat < 0 or self._branches[treat] != DECOY_BRANCH):
            return won, NOTHING_HELD
        return self._decided_anew(won, s, kind)

    def _decided_anew(self, won: Won, s: Situation, kind: str) -> tuple[Won, Held]:
        read, aside, why = self._seen_by(s), list[tuple[str, int]](), ""
        classify = won[0]
        matching = chain((classify,), self._matching("classify", read, classify + 1))
        protected = [at for at in self._first[classify] if truth_of(self._rules["classify"][at].condition, read)]
        wanted = min(protected, key=lambda at: self._ranks[at], default=-1)
        for classify in matching:
            reason = ""
            if wanted >= 0:
                if classify != wanted:
                    reason = f"{_PRECEDENCE[self._ranks[wanted]]} comes first"
            elif self._ranks[classify] == DECOY:
                reason = why_no_decoy(s, self._decoy.tags, self._least_trust)
            elif self._ranks[classify] == SALES and kind and classify < len(self._ranks) - 1:
                reason = f"{kind} is not sold to"
            if not reason:
                break
            why = why or reason
            aside.append(("classify", classify))
        treat, bonus = won[1], won[2:]
        if classify != won[0]:
            caller_class = self._rules["classify"][classify].fields["class"]
            read = _of_class(read, caller_class)
            treat = next(self._matching("treat", read), -1)
            bonus = tuple(self._matching("bonus", read))
        elif treat >= 0 and not self._treats_pass[treat]:
            read = _of_class(read, self._rules["classify"][classify].fields["class"])
        while treat >= 0 and (reason := self._why_no_treat(treat, self._ranks[classify], s, kind)):
            why = why or reason
            aside.append(("treat", treat))
            treat = next(self._matching("treat", read, treat + 1), -1)
        decoyed = self._ranks[classify] == DECOY or treat >= 0 and self._branches[treat] == DECOY_BRANCH
        words = [_said(self._rules[step][index]) for step, index in aside]
        told = f"set aside ({why}): {', '.join(words)}" if words else ""
        if why.startswith("withheld"):
            told = f"{why} of {', '.join(self._rules[step][index].name for step, index in aside)}"
        if decoyed:
            told = f"{told}; {_answers_for(s, self._decoy.tags)}" if told else _answers_for(s, self._decoy.tags)
        return (classify, treat, *bonus), Held(told, why, tuple(aside))

    def _matching(self, step: str, read: Callable[[FactUse], Value], start: int = 0) -> Iterator[int]:
        """The rules of a list that match, from one on, as they are written."""
        rules = self._rules[step]
        return (at for at in range(start, len(rules)) if truth_of(rules[at].condition, read))

    def _why_no_treat(self, treat: int, rank: int, s: Situation, kind: str) -> str:
        branch = self._branches[treat]
        if branch == DECOY_BRANCH:
            return "a protected class" if rank <= CONTRACT else why_no_decoy(s, self._decoy.tags, self._least_trust)
        if not self._treats_pass[treat] and (kind or rank <= COMPLAINT):
            return f"{kind or _PRECEDENCE[rank]} is not sold to"
        return ""


_PRECEDENCE = {INCIDENT: "incident", INSPECTOR: "inspector", COMPLAINT: "complaint", CONTRACT: "contract"}


def rank_of(fields: Mapping[str, Any], rules: ClassRules) -> int:
    """The precedence of a class: by its branch; one the policy calls protected is a contract at least."""
    rank = RANKS.get(fields.get("branch", ""), SALES)
    return CONTRACT if rules.protected and rank in (OTHER, SALES) else rank


def kind_of(s: Situation) -> str:
    """Which of KINDS the caller is, by what the call and the record say; empty for any other caller."""
    if s.number.kind == "emergency":
        return "emergency"
    if s.line.kind == "incident":
        return "incident"
    caller = s.caller
    choice = s.call.choice
    found = [choice] if choice in KINDS else []
    for tag in caller.tags:
        if tag.name in KINDS and tag.trust <= s.trust and not 0 < tag.expires_at_s <= s.at_s:
            found.append(tag.name)
    for matter in caller.open_matters:
        if matter in KINDS:
            found.append(matter)
    return min(found, key=KINDS.index) if found else ""


def why_no_decoy(s: Situation, tags: Sequence[str], least_trust: int = E2) -> str:
    """Why no decoy may be played to this caller; empty where it may.

    Every doubt counts for the caller: whatever else is known of them, however old, makes them somebody else.
    """
    if s.degraded or not s.identified or s.number.kind != "e164" or s.call.tainted:
        return "decoy only for a caller known for certain"
    if s.trust < least_trust:
        return f"withheld decoy (E{s.trust}: needs E{least_trust})"
    if s.decoy.why_not:
        return f"decoy {s.decoy.why_not}"
    caller = s.caller
    if kind_of(s) or s.call.choice or s.line.kind == "incident":
        return "decoy never for a protected caller"
    if caller.open_matters or caller.value or caller.orders or caller.own_agent:
        return "decoy never for a customer"
    if any(tag.name not in tags for tag in caller.tags):
        return "decoy never for a caller with another tag"
    approvals = [_why_not(tag, s) for tag in caller.tags]
    if not approvals:
        return "decoy only by an approved tag"
    return f"decoy tag: {approvals[0]}" if all(approvals) else ""


def _why_not(tag: Tag, s: Situation) -> str:
    return "number not trusted enough for it" if tag.trust > s.trust else why_not_approved(tag, s.at_s)


def _answers_for(s: Situation, tags: Sequence[str]) -> str:
    """Who answers for a decoy: asked only where one may be played."""
    tag = next(tag for tag in s.caller.tags if tag.name in tags and not _why_not(tag, s))
    people = f"{tag.set_by}, approved by {tag.approved_by}"
    return f"decoy by tag {tag.name} of {people}; responsible {s.decoy.responsible}"


def _of_class(read: Callable[[FactUse], Value], caller_class: str) -> Callable[[FactUse], Value]:
    """Reads facts of a call of that class."""
    return lambda use: caller_class == use.argument if use.fact.source == "class" else read(use)


def _said(rule: Rule) -> str:
    return f"{rule.name} {rule.where}" if rule.name != rule.where else rule.where
