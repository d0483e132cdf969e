"""What a policy may not even say about those whom the guard rails are for: refused when it is loaded.

Inspectors are told the same facts as everybody, nothing is sold to them, and they never wait longer than whoever the
policy knows nothing of. A decoy is never what a list of rules falls back on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import PolicyFault
from ..file.entries import Entries, Entry
from ..file.words import TAG, duration_of
from ..queue_rules import QueueRules
from ..rules.compile import Compiled
from ..rules.lists import Rule
from ..skills import classes_of, laid_over
from .guard_rails import DECOY_BRANCH, INSPECTOR, RANKS, SALES, DecoyRules

SPOKEN = ("greeting", "menu")
"""Keys that name what a caller hears."""

MOST_SHARE, MOST_USES = 50, 100
"""No policy lets more than this happen before the decoy switches itself off."""


def decoy_rules_of(entries: Entries) -> DecoyRules:
    """`[decoy]`; as it stands where it is left out."""
    entry = entries.one("decoy")
    return DecoyRules(**entry.fields) if entry is not None else DecoyRules()


def check_guard_rails(
    compiled: Compiled, rules: Mapping[str, Sequence[Rule]], entries: Entries, queues: Mapping[str, QueueRules]
) -> list[PolicyFault]:
    """Everything a policy says that no guard rail would let happen, with what to write instead."""
    classes = entries.named("classes")
    return [
        *_of_settings(entries.one("decoy")),
        *_decoys_by_default(entries, classes),
        *_of_inspectors(compiled, rules, classes, queues),
    ]


def _of_settings(entry: Entry | None) -> Iterator[PolicyFault]:
    fields = entry.fields if entry is not None else {}
    for key, most in (("escape_share", MOST_SHARE), ("escape_uses", MOST_USES)):
        if entry is not None and not 1 <= fields.get(key, 1) <= most:
            yield entry.fault(key, f"{key}: {fields[key]} is out of reach", f"write 1 to {most}")
    for index, name in enumerate(fields.get("tags", ()) if entry is not None else ()):
        if entry is not None and (not TAG.match(name) or name in RANKS):
            problem = f"tags: {name!r} cannot stand for a decoy"
            yield entry.document.fault_inside((*entry.path, "tags", index), problem, "write tags = ['competitor']")
    if entry is not None and fields.get("tags") == ():
        yield entry.fault("tags", "tags: the decoy is chosen by a tag only", "leave it out, or name one")


def _decoys_by_default(entries: Entries, classes: Mapping[str, Entry]) -> Iterator[PolicyFault]:
    """Projects that send everybody else to the decoy; of the house the closing rule is looked at with the others."""
    for entry in entries.of("projects"):
        if "default" in entry.fields and classes[entry.fields["default"]].fields.get("branch") == DECOY_BRANCH:
            problem = f"default: {entry.fields['default']!r} goes to the decoy, and a default is for everybody"
            yield entry.fault("default", problem, "name a class whose callers reach a person")


def _of_inspectors(
    compiled: Compiled,
    rules: Mapping[str, Sequence[Rule]],
    classes: Mapping[str, Entry],
    queues: Mapping[str, QueueRules],
) -> Iterator[PolicyFault]:
    inspectors = [name for name, entry in classes.items() if RANKS.get(entry.fields.get("branch", "")) == INSPECTOR]
    if not inspectors:
        return
    treats, everybody = rules["treat"], rules["classify"][-1].fields["class"]
    met = [classes_of(compiled, index) for index in range(len(treats))]
    sold = _heard(classes, treats, met)
    least = [classes[everybody].fields.get("head_start", 0)]
    least += [rule.fields.get("head_start", 0) for rule, names in zip(treats, met, strict=True) if everybody in names]
    for name in inspectors:
        given = classes[name]
        yield from _written_of(given, given.fields, name, max(least), sold)
        for rule, names in zip(treats, met, strict=True):
            if name in names:
                yield from _written_of(rule.entry, rule.fields, name, max(least), sold)
                if laid_over(given.fields, rule.fields, queues)["branch"] != given.fields["branch"]:
                    problem = f"branch: takes the inspector class {name!r} from a person in charge"
                    yield rule.entry.fault("branch", problem, f"write `not in_class({name!r})` into its when")


def _heard(classes: Mapping[str, Entry], treats: Sequence[Rule], met: Sequence[Sequence[str]]) -> dict[str, str]:
    """What callers hear who are sold to or decoyed: sound file -> one of their classes."""
    heard: dict[str, str] = {}
    selling = {name for name, entry in classes.items() if RANKS.get(entry.fields.get("branch", ""), SALES) >= SALES}
    for name in selling:
        heard.update((classes[name].fields[key], name) for key in SPOKEN if classes[name].fields.get(key))
    for rule, names in zip(treats, met, strict=True):
        sells = RANKS.get(rule.fields.get("branch", "default"), SALES) >= SALES
        for name in names:
            if name in selling and len(names) < len(classes) or sells:
                heard.update((rule.fields[key], name) for key in SPOKEN if rule.fields.get(key))
    return heard


def _written_of(
    entry: Entry, fields: Mapping[str, Any], name: str, least_s: int, sold: Mapping[str, str]
) -> Iterator[PolicyFault]:
    """What a class of inspectors, or a treat rule that meets it, may not say."""
    for key in SPOKEN:
        if fields.get(key) in sold:
            problem = f"{key}: {fields[key]!r} is what {sold[fields[key]]!r} hears, who is sold to"
            yield entry.fault(key, problem, f"record a text without promotions for {name!r}")
    own_s = fields.get("head_start", 0 if entry.section == "classes" else least_s)
    if own_s < least_s:
        problem = (
            f"head_start: the inspector class {name!r} would wait longer than everybody else ({duration_of(least_s)})"
        )
        yield entry.fault(
            "head_start" if "head_start" in fields else "", problem, f"give it {duration_of(least_s)} or more"
        )
