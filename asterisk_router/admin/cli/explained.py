"""How a decision and its explanation look: the decision, every rule tried, and what would have to change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from . import tables

if TYPE_CHECKING:
    from ...policy.explain import AtomSeen, RuleSeen
    from ...policy.imagining.what_if import WhatIf
    from ..routing import RoutedCall, Story

SHOWN = {"caller_class": "class", "branch": "branch", "queue": "queue", "head_start_s": "head start", "agent": "agent"}
"""Fields of a decision that are worth a word in a table, and the word."""

NOT_THIS_CLASS = "not for class "
"""How a reason begins that many rules share; they are counted, not listed."""


def as_json(routed: RoutedCall) -> dict[str, Any]:
    """The decision under the words a script would look for, the rest of it behind."""
    plain = routed.decision._asdict()
    first = {"number": plain.pop("number"), "class": plain.pop("caller_class")}
    return {**first, **plain, "microseconds": round(routed.microseconds, 2)}


def print_decision(routed: RoutedCall) -> None:
    """The decision, a line a field."""
    decision = routed.decision
    tables.print_facts(
        [
            ("Number", f"{decision.number or '-'} ({routed.number.kind} {routed.number.country}".rstrip() + ")"),
            ("Trust", f"E{decision.trust}"),
            ("Class", decision.caller_class),
            ("Branch", decision.branch),
            ("Queue", decision.queue),
            ("Head start", f"{decision.head_start_s} s"),
            ("Greeting", decision.greeting),
            ("Menu", decision.menu),
            ("Agent", decision.agent),
            ("Then mobile", decision.agent_mobile),
            ("Desk rings", f"{decision.agent_wait_s} s" if decision.agent_wait_s else ""),
            ("Promised wait", f"{decision.promised_wait_s} s" if decision.promised_wait_s else ""),
            ("Told wait", f"{decision.expected_wait_s} s" if decision.expected_wait_s else ""),
            ("Call back", decision.call_back),
            ("Recorded", decision.record),
            ("Language", decision.language),
            ("Screen name", decision.screen_name),
            ("Card", decision.card_url),
            ("Reason", decision.reason),
            ("Policy", decision.policy_version),
            ("Degraded", decision.degraded),
            ("Decided in", f"{routed.microseconds:.2f} us (median of 100, without the look-up)"),
        ]
    )


def print_story(story: Story) -> None:
    """Every rule tried with what it saw, then what would have to change for each."""
    click.echo()
    tables.print_table(("Step", "Rule", "Where", "Result", "Seen"), map(_rule_row, story.rules), "rule")
    click.echo()
    told = [each for each in story.what_if if not each.why_not.startswith(NOT_THIS_CLASS)]
    headers = ("Step", "Rule", "Would", "If", "Then", "As in a [[test]]")
    tables.print_table(headers, map(_change_row, told), "other outcome")
    if len(told) < len(story.what_if):
        reason = next(each.why_not for each in story.what_if if each.why_not.startswith(NOT_THIS_CLASS))
        click.echo(f"{len(story.what_if) - len(told)} more are {reason}")


def _rule_row(rule: RuleSeen) -> tuple[str, ...]:
    return (rule.step, rule.name, rule.where, rule.result, "; ".join(map(_atom, rule.atoms)) or "-")


def _atom(atom: AtomSeen) -> str:
    """A question and the value seen, with the answer where the value does not say it by itself."""
    answer = {True: "yes", False: "no", None: "unknown"}[atom.answer]
    return f"{atom.text}: {atom.value}" if atom.value == answer else f"{atom.text}: {atom.value}, so {answer}"


def _change_row(what_if: WhatIf) -> tuple[str, ...]:
    place = (what_if.step, what_if.name, what_if.would)
    if what_if.why_not:
        return (*place, f"- ({what_if.why_not})", "-", "-")
    facts = [f"{change.fact} were {change.instead}, not {change.seen}" for change in what_if.changes]
    written = [f"{key} = {_toml(value)}" for key, value in what_if.call.items()]
    return (*place, "; ".join(facts), _then(what_if.then), "; ".join(written))


def _then(differences: dict[str, Any]) -> str:
    """What would be decided otherwise; small things by how many there are."""
    said = [f"{word} {_amount(name, differences[name])}" for name, word in SHOWN.items() if name in differences]
    rest = len(set(differences) - set(SHOWN) - {"reason", "rule", "where"})
    if rest and not said:
        said.append(", ".join(sorted(set(differences) - {"reason", "rule", "where"})))
    return ", ".join(said) or "the same"


def _amount(name: str, value: Any) -> str:
    return f"{value} s" if name == "head_start_s" else str(value) or "none"


def _toml(value: Any) -> str:
    """A value as a policy writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {_toml(each)}' for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
