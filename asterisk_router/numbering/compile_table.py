"""Compiles phonenumberslite's metadata into `numbers.table`: `python -m asterisk_router.numbering.compile_table`.

Run after phonenumberslite was upgraded. Everything here asks the library itself, whose reading is the truth;
the table only makes that reading a walk of one step a digit.
"""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import phonenumbers
from phonenumbers import phonenumberutil
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from .digit_automaton import DIGITS, DigitPatterns, NodePool, walkable
from .number_table import EMERGENCY, SHORT, TABLE_FILE, UNSURE, fingerprint

LONGEST_NATIONAL = 17
"""No national number has more digits (`_MAX_LENGTH_FOR_NSN` of the library)."""

TYPES = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail",
    "fixed_line", "mobile",
)  # fmt: skip
"""The types of number the library tries when it asks whether a number is valid."""


class _Wanted(NamedTuple):
    """A description that digits must meet: the state in which its pattern is complete, and its lengths."""

    end: int
    lengths: frozenset[int]

    def met(self, states: frozenset[int], length: int) -> bool:
        return self.end in states and (not self.lengths or length in self.lengths)


class _Union:
    """Several descriptions walked at once."""

    def __init__(self) -> None:
        self.patterns = DigitPatterns()
        self.starts: list[int] = []

    def want(self, description: PhoneNumberDesc | None) -> _Wanted | None:
        if description is None or not description.national_number_pattern:
            return None
        return _Wanted(self.add(description.national_number_pattern), frozenset(description.possible_length))

    def add(self, pattern: str) -> int:
        start, end = self.patterns.add(pattern)
        self.starts.append(start)
        return end


def valid_numbers(pool: NodePool, metadata: list[PhoneMetadata]) -> int:
    """The automaton of one calling code: national number -> 1 + place of its region in `metadata`, or 0.

    As `is_valid_number` does it: the region is the first that claims the leading digits or, where none are
    stated, has a matching type; the number is valid when that region has a matching type.
    """
    union = _Union()
    regions = []
    for region in metadata:
        general = union.want(region.general_desc)
        types = [wanted for name in TYPES if (wanted := union.want(getattr(region, name)))]
        claimed = None
        if len(metadata) > 1 and region.leading_digits:
            claimed = union.add(f"(?:{region.leading_digits})\\d{{0,{LONGEST_NATIONAL}}}")
        if general:
            regions.append((general, types, claimed))

    def label(states: frozenset[int], digits: str) -> int:
        for place, (general, types, claimed) in enumerate(regions, start=1):
            valid = general.met(states, len(digits)) and any(each.met(states, len(digits)) for each in types)
            if valid if claimed is None else claimed in states:
                return place if valid else 0
        return 0

    return walkable(pool, union.patterns, union.starts, label, LONGEST_NATIONAL)


def general_pattern(pool: NodePool, metadata: PhoneMetadata) -> int:
    """The automaton of a region's general description, whatever the length: what the library calls viable."""
    union = _Union()
    wanted = union.want(metadata.general_desc)
    if wanted is None:
        return 0
    return walkable(pool, union.patterns, union.starts, lambda states, _: int(wanted.end in states), 24)


def prefix(pool: NodePool, pattern: str | None, transforms: bool) -> int:
    """The automaton of a prefix: its label where the walk ends is 1 + the length of the prefix.

    Where the prefix would be rewritten rather than left out the label is `UNSURE`.
    """
    if not pattern:
        return 0
    compiled = re.compile(pattern)
    union = _Union()
    union.add(pattern)

    def outcome(digits: str) -> int:
        found = compiled.match(digits)
        if not found:
            return 1  # not 0: the end of a pattern that was not met must not look like the dead node
        return UNSURE if transforms and found.groups() and found.groups()[-1] is not None else 1 + found.end()

    def label(_: frozenset[int], digits: str) -> int:
        return outcome(digits)

    def outlook(digits: str) -> int:
        return outcome(f"{digits}-")  # what is found already, should the digits go on and nothing longer be found

    return walkable(pool, union.patterns, union.starts, label, 24, outlook)


def short_numbers(pool: NodePool, region: str) -> int:
    """The automaton of a region's emergency and other short numbers."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    if metadata is None:
        return 0
    union = _Union()
    emergency, general, short = (
        union.want(each) for each in (metadata.emergency, metadata.general_desc, metadata.short_code)
    )

    def label(states: frozenset[int], digits: str) -> int:
        if emergency and emergency.end in states:
            return EMERGENCY
        possible = general and short and general.met(states, len(digits)) and short.met(states, len(digits))
        return SHORT if possible else 0

    return walkable(pool, union.patterns, union.starts, label, LONGEST_NATIONAL)


def known_of(code: int, region: str) -> PhoneMetadata:
    """The library's metadata of a region, or of a non-geographic calling code."""
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert metadata is not None, f"the library lists {code} {region} and knows nothing of it"
    return metadata


def lengths(metadata: PhoneMetadata, wanted: set[int]) -> int:
    """A bit for each length from 0 to 31 at which the library's length test says one of `wanted`."""
    test = phonenumberutil._test_number_length
    return sum(1 << length for length in range(32) if test(DIGITS[1] * length, metadata) in wanted)


def compile_table() -> bytes:
    """The whole table for the installed phonenumberslite, not yet compressed."""
    results = phonenumberutil.ValidationResult
    pool = NodePool()
    lines = [f"version {phonenumbers.__version__}"]
    for code, regions in sorted(phonenumberutil.COUNTRY_CODE_TO_REGION_CODE.items()):
        metadata = [known_of(code, region) for region in regions]
        lines.append(f"code {code} {valid_numbers(pool, metadata)} {fingerprint(code)} {' '.join(regions)}")
        for region, plan in zip(regions, metadata, strict=True):
            name = str(code) if region == "001" else region
            automata = (
                general_pattern(pool, plan),
                prefix(pool, plan.national_prefix_for_parsing, bool(plan.national_prefix_transform_rule)),
                prefix(pool, plan.international_prefix, False),
                short_numbers(pool, region),
            )
            too_long = lengths(plan, {results.TOO_LONG})
            complete = lengths(plan, {results.IS_POSSIBLE, results.TOO_LONG})
            lines.append(f"region {name} {code} {' '.join(map(str, automata))} {too_long} {complete}")
    return "\n".join([*lines, "", ""]).encode() + pool.labels() + pool.steps()


def main() -> None:
    """Write the table beside this module, or where the first argument says."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TABLE_FILE
    target.write_bytes(zlib.compress(compile_table(), 9))
    print(f"{target}: {target.stat().st_size} bytes for phonenumberslite {phonenumbers.__version__}")


if __name__ == "__main__":
    main()
