"""Policies made up at random from every fact there is: nobody would write them, and the router must read them right."""

from __future__ import annotations

from pathlib import Path
from random import Random

from asterisk_router.errors import PolicyError
from asterisk_router.policy.facts.table import FACTS, Fact
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy

TAGS = ("vip", "partner", "problem", "sla", "competitor", "inspector")
MATTERS = ("incident", "deal", "complaint")
CHOICES = ("", "sales", "complaint")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")

HOUSE = """\
[policy]
name = "made-up"
timezone = "Europe/Bratislava"
languages = ["sk", "en", "de"]
[numbering]
country = "SK"
internal = ["_2XX"]
[queues.sales]
asterisk = "400"
busy_from = "40s"
overloaded_from = "3m"
value_bar = [{ wait = "30s", value = 500 }, { wait = "2m", value = 3000 }]
[queues.care]
[agents.anna]
desk = "PJSIP/anna"
mobile = "PJSIP/+421255501901@trunk"
[agents.boris]
desk = "PJSIP/boris"
[holidays.feasts]
dates = ["03-03", "2026-03-06"]
[schedules.office]
open = ["mon-fri 08:00-18:00"]
closed = ["03-04"]
[schedules.night]
open = ["mon-sun 22:00-06:00"]
timezone = "Europe/London"
[lines."+42120550000"]
kind = "office"
open = "office"
[lines."+42120550001"]
kind = "orders"
project = "acme"
language = "de"
campaign = "spring"
[projects.acme]
default = "second"
[classes.first]
branch = "incident"
queue = "care"
head_start = "10m"
[classes.second]
branch = "sales"
queue = "sales"
agent = "own"
tell_wait = true
[classes.third]
branch = "support"
queue = "sales"
agent = "last"
greeting = "router/greet-{language}"
[classes.fourth]
branch = "default"
[classes.fifth]
branch = "decoy"
"""

CLASSES = ("first", "second", "third", "fourth", "fifth")

CLOSE = '[[classify]]\nname = "everybody else"\nclass = "fourth"\n'

_ARGUMENTS = {
    "tag": TAGS, "matter": MATTERS, "class": CLASSES, "schedule": ("office", "night"), "holidays": ("feasts",),
    "queue": ("sales", "care"), "agent": ("own", "last", "anna"), "prefix": ("+4212", "+42125550", "+1", "20"),
    "percent": (10, 50), "window": ("", "days=2", "hours=1", "days=7"),
}  # fmt: skip

_WORDS = {
    "last_agent": ("anna", "boris"), "language": ("sk", "en", "de"), "country": ("SK", "GB", ""),
    "line": ("+42120550000", "+42120550001"), "line.kind": ("office", "orders"), "line.campaign": ("spring",),
    "project": ("acme",), "trunk": ("berlin", ""), "choice": CHOICES,
}  # fmt: skip

_NUMBERS = {"value": (0, 400, 500, 3000), "hour": (0, 8, 12, 23)}
_DURATIONS = ("0s", "30s", "2m", "1h")
_TIMES = ("00:00", "08:00", "12:30", "22:00")


def condition(random: Random, step: str, depth: int = 2) -> str:
    """A `when` at random."""
    kind = random.random()
    if depth and kind < 0.25:
        return f"not ({condition(random, step, depth - 1)})"
    if depth and kind < 0.6:
        parts = [condition(random, step, depth - 1) for _ in range(random.choice((2, 2, 3)))]
        return "(" + random.choice((" and ", " or ")).join(parts) + ")"
    facts = [fact for fact in FACTS if step != "classify" or fact.source != "class" and fact.name != "under_bar"]
    return question(random, random.choice(facts))


def question(random: Random, fact: Fact) -> str:
    """One question about a fact, or whether it is known."""
    written = _written(random, fact)
    if fact.source != "class" and random.random() < 0.08:
        return f"known({written})"
    if fact.type == "flag":
        return written
    if fact.type == "word":
        words = fact.words or _WORDS[fact.name]
        if random.random() < 0.3:
            some = random.sample(words, min(2, len(words)))
            return f"{written} {random.choice(('in', 'not in'))} {list(some)}"
        return f"{written} {random.choice(('==', '!='))} {random.choice(words)!r}"
    comparison = random.choice(COMPARISONS)
    if fact.type == "level":
        return f"{written} {comparison} {random.choice(fact.words)}"
    if fact.type == "number":
        return f"{written} {comparison} {random.choice(_NUMBERS.get(fact.name, (0, 1, 2, 5)))}"
    return f"{written} {comparison} {random.choice(_DURATIONS if fact.type == 'duration' else _TIMES)!r}"


def _written(random: Random, fact: Fact) -> str:
    head, _, attribute = fact.name.partition(".")
    if not fact.arguments:
        return fact.name
    argument = random.choice(_ARGUMENTS[fact.arguments])  # type: ignore[arg-type]
    bare = fact.arguments in ("window", "percent") or argument in ("own", "last")
    return f"{head}({argument if bare else repr(argument)})" + (f".{attribute}" if attribute else "")


def rule(random: Random, step: str, number: int) -> str:
    """One rule of a list."""
    lines = [f"[[{random.choice(('', '', 'projects.acme.'))}{step}]]", f'name = "{step} {number}"']
    if random.random() < 0.95:
        lines.append(f'when = "{condition(random, step)}"')
    if step == "classify":
        lines.append(f'class = "{random.choice(CLASSES)}"')
    elif step == "treat":
        lines.append(f'branch = "{random.choice(("callback", "support", "sales", "decoy"))}"')
    else:
        lines.append(f'head_start = "{random.choice((1, 2, 5))}m"')
    return "\n".join(lines) + "\n"


def made_up(random: Random, folder: Path) -> Policy:
    """A policy at random: rules that cannot be (never hold, never reached, too many alternatives) are left out."""
    rules = [
        rule(random, step, number)
        for step, most in (("classify", 14), ("treat", 8), ("bonus", 4))
        for number in range(random.randint(1, most))
    ]
    file = folder / "made-up.toml"
    while True:
        starts, text = [], HOUSE
        for each in rules:
            starts.append(text.count("\n") + 1)
            text += each
        file.write_text(text + CLOSE, encoding="utf-8")
        try:
            return load(str(file))
        except PolicyError as refused:
            wrong = {sum(start <= fault.line for start in starts) - 1 for fault in refused.faults}
            kept = [each for place, each in enumerate(rules) if place not in wrong]
            if len(kept) == len(rules):  # the default of the project is never reached
                return made_up(random, folder)
            rules = kept
