"""`python -m tests.bench.bench_policy`: what one decision costs, by the number of rules and by twin.

"Facts in, result out" is the walk over the facts of a call and the look-up of what the winning rules give. Half of the
calls meet one of the rules, the others pass all of them and get the default.
"""

from __future__ import annotations

import os
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from asterisk_router._native import PLAIN_ONLY, kernel, plain_rules
from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.callers.trust import E1, E2, E3
from asterisk_router.policy.guard.claims import Claims
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.events import CallerListed, LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall

SIZES = (10, 40, 100, 1000)
"""Rules in all: six in ten classify, three treat, one is a bonus."""

CALLS = 500
"""Different calls decided in turn."""

ROUNDS = 25
"""The best of so many counts, in CPU time: the others were disturbed."""

AT_S = 1772442000
"""Monday 2026-03-02 10:00 in Bratislava."""

LINES = [f"+4212555000{digit}" for digit in range(10)]

SHAPES = (
    "tag('t{n}') and trust >= E1",
    "tag('t{n}') and value > {n}",
    "country == 'SK' and orders == {n} and not tag('t0')",
    "line == '{line}' and calls(days=7) >= 2 and tag('t{n}')",
    "prefix('+42125550{n:03}') and weekday not in ['sat', 'sun']",
    "open('office') and choice == 'c{n}'",
    "(tag('t{n}') or tag('u{n}')) and not redirected",
)
"""Conditions as policies have them; {n} makes each rule its own."""


@contextmanager
def plain_twin() -> Iterator[None]:
    """Policies loaded inside walk in plain Python."""
    before = os.environ.get(PLAIN_ONLY, "")
    os.environ[PLAIN_ONLY] = "1"
    try:
        yield
    finally:
        os.environ[PLAIN_ONLY] = before


def policy_of(rules: int, folder: Path) -> Policy:
    """A policy with so many rules."""
    text = ['[policy]\nname = "bench"\n[numbering]\ncountry = "SK"\n[schedules.office]\nopen = ["always"]\n']
    text += [f'[lines."{line}"]\nkind = "office"\n' for line in LINES]
    text += [f'[classes.c{index}]\nbranch = "sales"\n' for index in range(20)]
    for n in range(rules - 1):
        shape = SHAPES[n % len(SHAPES)].format(n=n, line=LINES[n % 10])
        if n % 10 < 6:
            text.append(f'[[classify]]\nname = "r{n}"\nwhen = "{shape}"\nclass = "c{n % 20}"\n')
        elif n % 10 < 9:
            text.append(f'[[treat]]\nwhen = "in_class(\'c{n % 20}\') and {shape}"\ngreeting = "g{n}"\n')
        else:
            text.append(f'[[bonus]]\nwhen = "{shape}"\nhead_start = "1m"\n')
    text.append('[[classify]]\nname = "rest"\nclass = "c0"\n')
    file = folder / f"bench-{rules}.toml"
    file.write_text("".join(text))
    return load(str(file))


def calls_of(policy: Policy, rules: int) -> list[tuple[Any, ...]]:
    """Arguments of `Policy.decide` for CALLS calls."""
    dice = Random(rules)
    calls = []
    for index in range(CALLS):
        n = dice.randrange(rules)
        call = IncomingCall("02/5550 1234", dice.choice(LINES), choice=f"c{n}" if index % 2 else "")
        number = policy.numbering.normalise(call.caller_number)
        recent = tuple(PastCall(AT_S - dice.randrange(10**6), "answered") for _ in range(dice.randrange(4)))
        caller = Caller(
            numbers=(number.key,),
            name="Somebody",
            tags=(Tag("customer"), Tag(f"t{n}" if index % 2 else "nobody")),
            value=dice.randrange(2000),
            orders=dice.randrange(2 * rules),
            history=History(len(recent), AT_S - 10**6, AT_S - 10, "", recent),
        )
        calls.append((call, number, caller, AT_S, 1, False))
    return calls


def best_ns(work: Callable[[], None], turns: int) -> float:
    """Nanoseconds one turn of `work` takes, of `turns` it makes."""
    return best_of_each({"": work}, turns)[""]


def best_of_each(works: dict[str, Callable[[], None]], turns: int) -> dict[str, float]:
    """The same of several that are compared: each round has all of them, for a core's pace changes within seconds."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            began = time.thread_time_ns()
            work()
            best[name] = min(best[name], time.thread_time_ns() - began)
    return {name: took / turns for name, took in best.items()}


def walked(policy: Policy, calls: list[tuple[Any, ...]], repeat: int) -> dict[str, float]:
    """One by one, and as one batch."""
    situations = [policy.situation(*call) for call in calls]
    facts = [(policy.gatherer.buckets(each), policy.gatherer.labels(each)) for each in situations]
    program, outcomes = policy.program, {}
    for call, (buckets, labels) in zip(calls, facts, strict=True):
        outcomes[program.walk(buckets, labels)] = policy.decide(*call)

    def one_by_one() -> None:
        walk = program.walk
        for _ in range(repeat):
            for buckets, labels in facts:
                outcomes[walk(buckets, labels)]

    rows, ends, labels_of_all = array("i"), array("i"), array("i")
    for buckets, labels in facts:
        rows.extend(buckets)
        labels_of_all.extend(labels)
        ends.append(len(labels_of_all))
    results = array("i", [0] * 3 * len(facts))

    def batch() -> None:
        for _ in range(repeat):
            program.walk_many(rows, ends, labels_of_all, results)

    turns = len(facts) * repeat
    return {"one": best_ns(one_by_one, turns), "batch": best_ns(batch, turns)}


def whole(policy: Policy, calls: list[tuple[Any, ...]]) -> float:
    """`Policy.decide`: facts gathered from the call and the caller, and the whole decision made."""
    return best_ns(deciding(policy, calls), len(calls))


def deciding(policy: Policy, calls: list[tuple[Any, ...]]) -> Callable[[], None]:
    """All calls decided."""

    def decide() -> None:
        for call in calls:
            policy.decide(*call)

    return decide


LIVE_RULES = """
[queues.sales]
value_bar = [{ wait = "30s", value = 500 }, { wait = "2m", value = 3000 }]
[queues.support]
[[treat]]
when = "in_class('c1') and queue('sales').free == 0 and queue('sales').waiting > 3"
greeting = "l1"
[[treat]]
when = "in_class('c2') and under_bar('sales')"
greeting = "l2"
[[treat]]
when = "in_class('c3') and pressure('sales') == overloaded"
greeting = "l3"
[[treat]]
when = "in_class('c4') and pressure('support') >= busy and queue('support').expected_wait > '90s'"
greeting = "l4"
[[bonus]]
when = "in_class('c5') and queue('support').longest_wait > '3m'"
head_start = "1m"
"""
"""Six questions about two queues, one of them about the caller too: more than the shipped policies ask."""

AGENTS = 8
"""Agents of both queues, all talking."""

WAITING = 6
"""Callers waiting in each queue: as many as a call centre of that size sees when it is pressed."""


def pressed_line() -> LiveLine:
    """Two queues that share their agents, nobody free."""
    members = tuple(
        MemberListed(f"PJSIP/{n}", str(n), f"PJSIP/{n}", status=2, ring_in_use=False) for n in range(AGENTS)
    )
    waiting = tuple(CallerListed(f"1.{n}", f"PJSIP/t-{n}", n, 20 * n, -n) for n in range(1, WAITING + 1))
    line = LiveLine("bench")
    line.apply(LineListed(tuple(QueueListed(name, members, waiting) for name in ("sales", "support"))), AT_S)
    line.heard(AT_S)
    return line


def with_live_facts(policy: Policy, calls: list[tuple[Any, ...]], calls_a_turn: int) -> Callable[[], None]:
    """`deciding`, with the live line; it takes its next turn every `calls_a_turn` calls, 0 for never."""
    line = pressed_line()

    def decide() -> None:
        for n, call in enumerate(calls):
            if calls_a_turn and not n % calls_a_turn:
                line.tick(AT_S)
            policy.decide(*call, line)

    return decide


def live_rows(folder: Path) -> list[dict[str, Any]]:
    """Decisions of 40 rules and the live ones: the line unknown, unchanged, changing, and changing before every call.

    At 1,000 calls and 100 changes a second ten calls meet the same line; at 50 calls every one meets a changed one,
    which is the worst there is: a turn costs as much however many changes led to it.
    """
    file = folder / "bench-live.toml"
    file.write_text((folder / "bench-40.toml").read_text() + LIVE_RULES)
    policy, plain = load(str(file)), load(str(folder / "bench-40.toml"))
    calls = calls_of(policy, 40)
    took = best_of_each(
        {
            "40, asking nothing of the line": deciding(plain, calls),
            "45, line unknown": deciding(policy, calls),
            "45, line unchanged": with_live_facts(policy, calls, 0),
            "45, line changes every 10 calls": with_live_facts(policy, calls, 10),
            "45, line changes at every call": with_live_facts(policy, calls, 1),
        },
        len(calls),
    )
    unknown = took["45, line unknown"]
    return [
        {"rules": name, "whole decision": took_ns, "to line unknown": f"{took_ns / unknown:.2f}"}
        for name, took_ns in took.items()
    ]


def at_trust(policy: Policy, calls: list[tuple[Any, ...]], trust: int, known: bool = True) -> Callable[[], None]:
    """`deciding` with numbers believed so far, the line known and nobody waiting; of strangers when not `known`.

    Calls have no unique ID, so that no claim is remembered and every one is asked for anew.
    """
    line, claims = pressed_line(), Claims()
    asked = [(*call[:2], call[2] if known else Caller.UNKNOWN, call[3], trust, False, line, claims) for call in calls]

    def decide() -> None:
        for call in asked:
            policy.decide(*call)

    return decide


def trust_rows() -> list[dict[str, Any]]:
    """What it costs to find out what is withheld: known callers at E1 are measured by a stranger, others are not."""
    shop = load("shop")
    calls = calls_of(shop, 40)
    works = {"shop, E3": at_trust(shop, calls, E3), "shop, E2": at_trust(shop, calls, E2)}
    works |= {"shop, E1": at_trust(shop, calls, E1), "shop, E1, strangers": at_trust(shop, calls, E1, known=False)}
    works["shop, E3, strangers"] = at_trust(shop, calls, E3, known=False)
    works["shop, what was seen written down"] = writing_down(shop, calls)
    took = best_of_each(works, len(calls))
    return [{"rules": name, "whole decision": took_ns} for name, took_ns in took.items()]


def writing_down(policy: Policy, calls: list[tuple[Any, ...]]) -> Callable[[], None]:
    """What the registry keeps of each decision, after the answer: not part of it."""
    book = MemoryBook()
    path = CallPath(policy, book, book.ranges)

    def write() -> None:
        for call, _, caller, at_s, *_ in calls:
            path.facts_seen(call, caller, at_s, False)

    return write


def run() -> list[dict[str, Any]]:
    """Rows of the table: microseconds a decision."""
    rows = []
    compiled = kernel("rules") is not plain_rules
    with tempfile.TemporaryDirectory() as folder:
        for rules in SIZES:
            policy = policy_of(rules, Path(folder))
            calls = calls_of(policy, rules)
            fast = walked(policy, calls, 10) if compiled else {}
            row = {"rules": str(rules), "compiled": fast.get("one"), "batch": fast.get("batch")}
            row["whole decision"] = whole(policy, calls)
            with plain_twin():
                row["plain"] = walked(policy_of(rules, Path(folder)), calls, 1)["one"]
            rows.append(row)
        rows += live_rows(Path(folder))
    shop = load("shop")
    rows.append({"rules": "shop", "whole decision": whole(shop, calls_of(shop, 40))})
    rows += trust_rows()
    return [
        {key: f"{value / 1000:.3f} us" if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]


if __name__ == "__main__":
    for line in run():
        print("  ".join(f"{key}: {value}" for key, value in line.items()))
