"""The tables of a policy put together: names resolved, rules compiled, faults of the whole found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import NumberingPlanError
from ..numbering.plan import WITHHELD_WORDS, NumberingPlan, TrunkRule
from .call_back_rules import call_back_rules_of
from .class_rules import class_rules_of
from .facts.readers import House
from .file.entries import Entries, Entry
from .file.schema import EXPECT, SECTIONS, TEMPLATE_BRANCHES, TEMPLATE_QUEUES, Field
from .file.words import nearest
from .guard.guard_checks import check_guard_rails, decoy_rules_of
from .guard.privileges import trust_table_of
from .lint.reach import find_unreachable
from .live_view import LiveViews
from .policy import Parts, Policy
from .queue_rules import QueueRules, queue_rules_of
from .reserves import reserves_of
from .rules.compile import compile_rules
from .rules.lists import rules_of
from .schedules import Schedule
from .situation import Line
from .skills import check_skills
from .treatment import Agent


def assemble(entries: Entries, checksum: int) -> Policy | None:
    """The policy, or None with the faults added to `entries`."""
    known = _known(entries)
    _check_references(entries, known)
    queues = queue_rules_of(entries, known["queues"])
    class_rules = class_rules_of(entries)
    steps = rules_of(entries, known, [name for name, rules in class_rules.items() if rules.protected])
    reserves = reserves_of(entries, known)
    numbering = _numbering(entries)
    trust = trust_table_of(entries)
    _check_default(entries)
    head = entries.one("policy")
    if entries.faults or head is None or numbering is None:
        return None
    classes = {entry.name: entry.fields for entry in entries.of("classes")}
    compiled, wrong = compile_rules(steps, list(classes))
    entries.faults += [rule.entry.fault("when", f"when: {problem}", remedy) for rule, problem, remedy in wrong]
    if compiled is None:
        return None
    find_unreachable(compiled, steps, entries.faults)
    entries.faults += check_skills(compiled, steps["treat"], entries.named("classes"), queues)
    entries.faults += check_guard_rails(compiled, steps, entries, queues)
    house = _house(entries, head.fields.get("timezone", "UTC"), queues)
    name = head.fields["name"]
    return Policy(
        Parts(
            name=name,
            version=f"{name}-{checksum:08x}",
            numbering=numbering,
            branches=tuple(known["branches"]),
            queues=queues,
            agents=house.agents,
            lines={entry.name: _line(entry) for entry in entries.of("lines")},
            classes=classes,
            class_rules=class_rules,
            call_back_rules=call_back_rules_of(entries, house.schedules),
            reserves=tuple(reserves),
            preempt_talking=head.fields.get("preempt_talking", False),
            house=house,
            languages=head.fields.get("languages", ()),
            bonus_limit_s=head.fields.get("bonus_limit", 15 * 60),
            trust=trust,
            screened=frozenset(entry.name for entry in entries.of("trunks") if entry.fields.get("screens")),
            rules=steps,
            tests=len(entries.of("test")),
            decoy=decoy_rules_of(entries),
        ),
        compiled,
    )


def _known(entries: Entries) -> dict[str, Iterable[str]]:
    """Every name that can be referred to, by section."""
    known: dict[str, Iterable[str]] = {
        name: list(entries.named(name)) for name, section in SECTIONS.items() if section.shape == "named"
    }
    known["branches"] = known["branches"] or TEMPLATE_BRANCHES
    known["queues"] = known["queues"] or TEMPLATE_QUEUES
    known["value_bar"] = [entry.name for entry in entries.of("queues") if entry.fields.get("value_bar")]
    for key in ("kind", "campaign"):
        known[f"line.{key}"] = sorted({entry.fields[key] for entry in entries.of("lines") if key in entry.fields})
    return known


def _check_references(entries: Entries, known: dict[str, Iterable[str]]) -> None:
    if entries.one("policy") is None:
        entries.faults.append(
            entries.documents[-1].fault((), "[policy] is missing", 'begin with [policy] and name = "..."')
        )
    for section, shape in SECTIONS.items():
        for entry in entries.of(section):
            _check_fields(entries, entry, shape.fields, known)
            if "expect" in entry.fields:
                _check_expect(entries, entry, known)


def _check_fields(entries: Entries, entry: Entry, fields: dict[str, Field], known: dict[str, Iterable[str]]) -> None:
    for key, value in entry.fields.items():
        section = fields[key].refers
        for index, name in enumerate(value if isinstance(value, tuple) else (value,)) if section else ():
            if name and name not in known[section]:
                path = (*entry.path, key, index) if isinstance(value, tuple) else (*entry.path, key)
                problem = f"{key}: {name!r} is not defined in [{section}]"
                entries.faults.append(entry.document.fault_inside(path, problem, nearest(name, known[section])))


def _check_expect(entries: Entries, entry: Entry, known: dict[str, Iterable[str]]) -> None:
    path = (*entry.path, "expect")
    table = entry.fields["expect"]
    if not isinstance(table, dict) or not table:
        remedy = 'write expect = { class = "..." }'
        entries.faults.append(entry.document.fault(path, "expect must be a table", remedy))
        entry.fields["expect"] = {}
        return
    inner = Entry("expect", "", entries.checked(entry.document, path, table, EXPECT), entry.document, path)
    entry.fields["expect"] = inner.fields
    _check_fields(entries, inner, EXPECT, known)


def _check_default(entries: Entries) -> None:
    """The last classify rule of the house must match everything, so that no call is without a class."""
    house = [entry for entry in entries.of("classify") if not entry.name]
    remedy = 'end with [[classify]] name = "everybody else" class = "..." and no `when`'
    if not house:
        path = ("policy",) if "policy" in entries.documents[-1].tables else ()
        entries.faults.append(entries.documents[-1].fault(path, "no [[classify]] rule closes the list", remedy))
    elif "when" in house[-1].fields:
        entries.faults.append(house[-1].fault("when", "the last [[classify]] rule must match everything", remedy))
    else:
        last = entries.named("classes").get(house[-1].fields.get("class", ""))
        if last is not None and last.fields.get("branch") == "decoy":
            problem = "class: whoever nobody knows would be sent to the decoy"
            entries.faults.append(house[-1].fault("class", problem, "name a class of another branch"))


def _numbering(entries: Entries) -> NumberingPlan | None:
    entry = entries.one("numbering")
    if entry is None:
        return NumberingPlan()
    fields = {key: value for key, value in entry.fields.items() if key not in ("trunks", "withheld")}
    words = frozenset(word.casefold() for word in entry.fields.get("withheld", ()))
    before = len(entries.faults)
    trunks = _trunks(entries, entry)
    if len(entries.faults) > before:
        return None
    try:
        return NumberingPlan(**fields, withheld=WITHHELD_WORDS | words, trunks=trunks)
    except NumberingPlanError as wrong:
        key = _culprit(entry, wrong.problem)
        entries.faults.append(entry.fault(key, wrong.problem, wrong.remedy))
    return None


_TRUNK = {
    "strip_prefix": Field("text", "Left out where a number begins with it."),
    "strip_digits": Field("whole", "Then so many characters are left out at the front."),
    "prepend": Field("text", "Then put in front."),
    "country": Field("text", "Country in which this trunk writes national numbers."),
}


def _trunks(entries: Entries, entry: Entry) -> dict[str, TrunkRule]:
    trunks: dict[str, TrunkRule] = {}
    tables: Any = entry.fields.get("trunks", {})
    for name, table in tables.items() if isinstance(tables, dict) else ():
        path = (*entry.path, "trunks", name)
        if isinstance(table, dict):
            trunks[name] = TrunkRule(**entries.checked(entry.document, path, table, _TRUNK))
        else:
            entries.faults.append(
                entry.document.fault(path, f"trunk {name!r} must be a table", 'write { prepend = "+" }')
            )
    if not isinstance(tables, dict):
        entries.faults.append(entry.fault("trunks", "trunks must be a table", "write [numbering.trunks.NAME]"))
    return trunks


def _culprit(entry: Entry, problem: str) -> str:
    """The key that holds what the numbering plan complains about, as far as its words tell."""
    quoted = re.search(r"'([^']*)'", problem)
    for key, value in entry.fields.items():
        if quoted and (quoted[1] == value or isinstance(value, tuple) and quoted[1] in value):
            return key
    return "trunks" if "trunk " in problem and "trunks" in entry.fields else ""


def _house(entries: Entries, timezone: str, queues: Mapping[str, QueueRules]) -> House:
    holidays = {entry.name: entry.fields["dates"] for entry in entries.of("holidays")}
    schedules = {}
    for entry in entries.of("schedules"):
        closed = entry.fields.get("closed", frozenset()) | holidays.get(entry.fields.get("holidays", ""), frozenset())
        schedules[entry.name] = Schedule(
            entry.name, entry.fields.get("timezone", timezone), entry.fields["open"], closed
        )
    agents = {entry.name: _agent(entry) for entry in entries.of("agents")}
    return House(timezone, schedules, holidays, agents, LiveViews(queues))


def _agent(entry: Entry) -> Agent:
    fields = entry.fields
    return Agent(
        entry.name, fields.get("name", entry.name), fields["desk"], fields.get("mobile", ""),
        fields.get("languages", ()), fields.get("skills", ()),
    )  # fmt: skip


def _line(entry: Entry) -> Line:
    return Line(number=entry.name, **entry.fields)
