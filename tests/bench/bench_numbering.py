"""`python -m tests.bench.bench_numbering`: one number normalised, by us and by phonenumberslite, side by side.

What the library is asked for is what a call needs: parse, is it valid, E.164, region.
"""

from __future__ import annotations

import re
from random import Random
from statistics import median
from timeit import Timer
from typing import Any

import phonenumbers

from asterisk_router._native import kernel
from asterisk_router.numbering.plan import NumberingPlan
from tests.bench.report import Table, markdown
from tests.numbering.written_numbers import WAYS, Written, written

ROUNDS = 7
"""Each is our turn, the kernel's and the library's; the median round counts, so a disturbed one does not."""

SLOVAK = {
    "+421255501000": "in full",
    "00421 2 5550 1000": "international prefix, spaces",
    "0255501000": "national",
    "02/5550 10-00": "national, punctuation",
    "+12025550100": "foreign, a code shared by 25 countries",
    "+42125550100": "in full, a range for fiction",
    "101": "internal",
    "anonymous": "withheld",
}
"""Numbers as they reach a Slovak PBX."""


def ask_library(text: str, home: str) -> tuple[str, str] | None:
    """What a call would ask phonenumberslite for."""
    try:
        number = phonenumbers.parse(text, home)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    key = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return key, phonenumbers.region_code_for_number(number) or ""


def nanoseconds(plan: NumberingPlan, number: Written) -> tuple[float, float, float]:
    """Nanoseconds a call takes: our public function, the kernel alone, the library; in turns."""
    names = {"plan": plan, "text": number.text, "home": number.home, "library": ask_library, "walk": plan._walk}
    turns = [
        (Timer("plan.normalise(text, 'allowed', 'trunk')", globals=names), 1500),
        (Timer("walk(text, 'allowed', 'trunk')", globals=names), 1500),
        (Timer("library(text, home)", globals=names), 15),
    ]
    taken: list[list[float]] = [[], [], []]
    for _ in range(ROUNDS):
        for place, (timer, times) in enumerate(turns):
            taken[place].append(timer.timeit(times) / times * 1e9)
    ours, alone, theirs = map(median, taken)
    return ours, alone, theirs


def row(what: str, ours: float, alone: float, theirs: float, handed_over: str) -> dict[str, Any]:
    """One line of the table."""
    return {
        "number": what,
        "phonenumberslite, ns": round(theirs),
        "normalise, ns": round(ours),
        "kernel, ns": round(alone),
        "library / normalise": round(theirs / ours),
        "library / kernel": round(theirs / alone),
        "handed over": handed_over,
    }


def run() -> list[dict[str, Any]]:
    """The rows: single numbers of a Slovak PBX, then the median over valid numbers of all regions."""
    plan = NumberingPlan("SK", internal=("_1XX",))
    rows = []
    for text, what in SLOVAK.items():
        over = plan._walk(text, "", "") is None
        rows.append(row(f"`{text}` {what}", *nanoseconds(plan, Written(text, "SK", what)), "yes" if over else "no"))
    kept, re._MAXCACHE = re._MAXCACHE, 100_000  # so that the library need not compile its patterns anew
    random = Random(3)
    numbers = [written(random) for _ in range(5_000)]
    plans = {number.home: NumberingPlan(number.home) for number in numbers}
    over_all = sum(plans[number.home]._walk(number.text, "", "") is None for number in numbers) / len(numbers)
    all_taken = []
    for way in WAYS:
        some = [number for number in numbers if number.way == way][:60]
        taken = [nanoseconds(plans[number.home], number) for number in some]
        over = sum(plans[number.home]._walk(number.text, "", "") is None for number in some) / len(some)
        what = f"all regions, {way}: median of {len(some)}"
        rows.append(row(what, *map(median, zip(*taken, strict=True)), f"{over:.1%}"))
        all_taken += taken
    name = kernel("number").__name__.rpartition(".")[2]
    title = f"**all regions, every way of writing: median of {len(all_taken)}** ({name}; target 100)"
    rows.append(row(title, *map(median, zip(*all_taken, strict=True)), f"{over_all:.2%} of {len(numbers):,}"))
    re._MAXCACHE = kept
    return rows


if __name__ == "__main__":
    print(markdown(Table("Normalising a number", run())))
