"""`python -m tests.numbering.agreement [COUNT] [--seed N]`: do we read numbers as phonenumberslite does?

COUNT numbers (1,000,000) that the library calls valid, of all regions, are written nationally, internationally
and with punctuation, and read by both; as many as a fifth again are damaged ones and random digits. Exit code 1
when one is read differently.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumberFormat

from asterisk_router._native import kernel
from asterisk_router.numbering.number import Number
from asterisk_router.numbering.plan import NumberingPlan
from tests.numbering.written_numbers import HOMES, WAYS, Written, any_digits, damaged, written

IN_FULL = (CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN, CountryCodeSource.FROM_NUMBER_WITH_IDD)


class Expected(NamedTuple):
    """What phonenumberslite says, and what follows for us."""

    valid: bool
    key: str
    """E.164 of a valid number, or of one that was written in full and has 7 to 15 digits; else empty."""
    country: str


class Difference(NamedTuple):
    """A number read differently."""

    written: Written
    expected: Expected
    ours: Number

    def __str__(self) -> str:
        return f"{self.written.text!r} in {self.written.home} ({self.written.way}): {self.expected} but {self.ours}"


def expected(number: Written) -> Expected:
    """The truth about one number."""
    try:
        parsed = phonenumbers.parse(number.text, number.home, keep_raw_input=True)
    except NumberParseException:
        return Expected(False, "", "")
    key = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    valid = phonenumbers.is_valid_number(parsed)
    if not valid and not (parsed.country_code_source in IN_FULL and 8 <= len(key) <= 16):
        return Expected(False, "", "")
    return Expected(valid, key, phonenumbers.region_code_for_number(parsed) or "")


def agrees(truth: Expected, ours: Number) -> bool:
    """Whether we read what the truth says: the very E.164 and country, or no public number where there is none."""
    if truth.key:
        return ours[:3] == ("e164", truth.key, truth.country)
    return ours.kind in ("malformed", "short", "emergency") and not ours.key.startswith("+")


def differences(numbers: Iterable[Written], counts: Counter[str]) -> Iterator[Difference]:
    """Read every number both ways; counts them, the valid ones, and those handed over, by way of writing."""
    plans = {home: NumberingPlan(home) for home in HOMES}
    walks = {home: plan._walk for home, plan in plans.items()}
    for number in numbers:
        truth, ours = expected(number), plans[number.home].normalise(number.text)
        handed_over = walks[number.home](number.text, "", "") is None
        counts["read"] += 1
        counts["valid"] += truth.valid
        counts["valid, handed over"] += truth.valid and handed_over
        counts[f"{number.way}, valid"] += truth.valid
        counts[f"{number.way}, valid, handed over"] += truth.valid and handed_over
        if not agrees(truth, ours):
            counts["read differently"] += 1
            yield Difference(number, truth, ours)


def made_up(count: int, seed: int, wrong: bool = True) -> Iterator[Written]:
    """`count` valid numbers in random ways of writing and, with `wrong`, a fifth more of others."""
    random = Random(seed)
    for place in range(count):
        number = written(random)
        yield number
        if wrong and place % 5 == 0:
            yield damaged(number, random) if place % 2 else any_digits(random)


def main() -> int:
    """Run the comparison; 0 when not one number differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000, help="how many valid numbers")
    parser.add_argument("--seed", type=int, default=2, help="another seed, other numbers")
    given = parser.parse_args()
    re._MAXCACHE = 100_000  # Python keeps 512 patterns; the library would compile those of all countries anew
    counts: Counter[str] = Counter()

    def shown(numbers: Iterator[Written]) -> Iterator[Written]:
        for place, number in enumerate(numbers):
            if place % 10_000 == 0:
                print(
                    f"\r{counts['read']:,} read, {counts['read differently']} differently",
                    end="", file=sys.stderr, flush=True,
                )  # fmt: skip
            yield number

    for place, difference in enumerate(differences(shown(made_up(given.count, given.seed)), counts)):
        if place < 50:
            print(f"\r{difference}")
    print("\r", end="", file=sys.stderr)
    share = counts["valid, handed over"] / max(counts["valid"], 1)
    print(f"phonenumberslite {phonenumbers.__version__}, {kernel('number').__name__.rpartition('.')[2]}")
    print(f"{counts['read']:,} numbers read, {counts['valid']:,} of them valid")
    print(f"{counts['read differently']:,} read differently ({counts['read differently'] / counts['read']:.4%})")
    print(f"{counts['valid, handed over']:,} valid ones handed over to phonenumberslite ({share:.2%})")
    for way in WAYS:
        print(f"  {way:<9} {counts[f'{way}, valid, handed over']:,} of {counts[f'{way}, valid']:,}")
    return 1 if counts["read differently"] else 0


if __name__ == "__main__":
    sys.exit(main())
