"""The numbering plan of an installation: which number is this, as seen from this PBX."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._native import kernel
from ..errors import NumberingPlanError
from . import truth
from .asterisk_pattern import automaton, digit_pattern
from .country import country_code
from .number import Number, NumberKind
from .number_table import EMERGENCY, INTERNAL, SHORT, number_table

LONGEST_CALLER_ID = 79
"""Asterisk cuts caller numbers at 79 bytes; what is longer did not come from it and is not read."""

WITHHELD_WORDS = frozenset(
    ["anonymous", "anonymous.invalid", "asterisk", "blocked", "no number", "number withheld", "private"]
    + ["private number", "restricted", "unavailable", "unknown", "withheld", "withheld number"]
)
"""What telephones, carriers and Asterisk itself put in the place of a number that is not shown."""

PRESENTED = frozenset(
    ["", "0", "1", "2", "3", "allowed", "allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen"]
)
"""Presentations under which the number is shown: words of `CALLERID(num-pres)`, values of `agi_callingpres`."""

_SEPARATORS = str.maketrans("", "", " -./()\xa0")


@dataclass(frozen=True)
class TrunkRule:
    """How the numbers that one trunk hands over are put right, in the order of the fields."""

    strip_prefix: str = ""
    """Left out where a number begins with it."""
    strip_digits: int = 0
    """Then so many characters are left out at the front, unless the number begins with `+`."""
    prepend: str = ""
    """Then put before a number that does not begin with `+`; `+` says: this trunk writes bare country codes."""
    country: str = ""
    """Country in which the trunk writes national numbers, where it is not the plan's."""

    def check(self, trunk: str) -> None:
        """Raise NumberingPlanError where the rule of `trunk` cannot be used."""
        if self.strip_digits < 0:
            raise NumberingPlanError(f"trunk {trunk!r} strips {self.strip_digits} digits", remedy="write 0 or more")
        if self.prepend.strip("0123456789") not in ("", "+") or "+" in self.prepend[1:]:
            raise NumberingPlanError(f"trunk {trunk!r} prepends {self.prepend!r}", remedy="write +, digits, or both")

    def rewrite(self, text: str) -> str:
        """`text` as the rule puts it right."""
        text = text.removeprefix(self.strip_prefix)
        return text if text.startswith("+") else self.prepend + text[self.strip_digits :]


@dataclass(frozen=True)
class NumberingPlan:
    """Turns what Asterisk hands over into a `Number`.

    What a number is, is asked in this order, and the first answer stands: withheld; emergency; internal; a short
    number of this plan; a valid public number; a short number of the country; a public number written in full;
    malformed. Raises NumberingPlanError where a country, pattern or prefix cannot be used.

    >>> NumberingPlan("GB", internal=("_2XX",)).normalise("020 7946 0123").key
    '+442079460123'
    """

    country: str = ""
    """ISO 3166 code (`SK`); its prefixes, emergency and short numbers are known. Empty: only `+` numbers are read."""
    international_prefixes: tuple[str, ...] = ()
    """Digits before a country code, besides those of the country itself."""
    trunk_prefix: str = ""
    """Digits before a national number, besides those of the country itself."""
    internal: tuple[str, ...] = ()
    """Extensions of this PBX, as Asterisk patterns (`_1XX`)."""
    short: tuple[str, ...] = ()
    """Short numbers, as Asterisk patterns, besides those of the country."""
    emergency: tuple[str, ...] = ()
    """Emergency numbers, as Asterisk patterns, besides those of the country."""
    withheld: frozenset[str] = WITHHELD_WORDS
    """Words, in small letters, that stand for a number not shown."""
    trunks: Mapping[str, TrunkRule] = field(default_factory=dict)
    """Rules by trunk (`CHANNEL(endpoint)`)."""

    _countries: dict[str, str] = field(init=False, repr=False, compare=False)
    _walks: dict[str, Any] = field(init=False, repr=False, compare=False)
    _walk: Callable[[str, str, str], Number | None] = field(init=False, repr=False, compare=False)
    _starred: list[tuple[re.Pattern[str], NumberKind]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = number_table()
        for prefix in (*self.international_prefixes, self.trunk_prefix or "0"):
            if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 8):
                raise NumberingPlanError(f"{prefix!r} is no prefix", remedy="write 1 to 8 digits; + needs no prefix")
        own: dict[NumberKind, tuple[str, ...]]
        own = {"emergency": self.emergency, "internal": self.internal, "short": self.short}
        tables = automaton(zip((EMERGENCY, INTERNAL, SHORT), own.values(), strict=True))
        home = country_code(table, self.country)
        countries = {"": home}
        for name, rule in self.trunks.items():
            rule.check(name)
            countries[rule.country] = country_code(table, rule.country, f"trunk {name!r}: ") or home
        walk, ruled = kernel("number").NumberWalk, frozenset(self.trunks)
        walks = {code: walk(table, code, tables, PRESENTED, ruled) for code in countries.values()}
        prefixed = self.international_prefixes or self.trunk_prefix
        learned = {
            "country": home,
            "_countries": countries,
            "_walks": walks,
            "_walk": _hand_over if prefixed else walks[home].number,
            "_starred": [
                (re.compile(written), kind)
                for kind, patterns in own.items()
                for written in map(digit_pattern, patterns)
                if "*" in written or "#" in written
            ],
        }
        for name, value in learned.items():
            object.__setattr__(self, name, value)  # frozen for everybody else

    def normalise(self, raw: str, presentation: str = "", trunk: str = "") -> Number:
        """Which number is `raw`, presented as `presentation` says and brought in by `trunk`; never raises."""
        number: Number | None = self._walk(raw, presentation, trunk)
        return self._slowly(raw, presentation, trunk) if number is None else number

    def _slowly(self, raw: str, presentation: str, trunk: str) -> Number:
        """Everything the kernel hands over."""
        if len(raw) > LONGEST_CALLER_ID:
            kind: NumberKind = "malformed" if is_presented(presentation) else "withheld"
            return Number(kind, "", "", raw[:LONGEST_CALLER_ID])
        text = raw.strip()
        if not text or text.casefold() in self.withheld or not is_presented(presentation):
            return Number("withheld", "", "", raw)
        rule = self.trunks.get(trunk)
        if rule is None:
            return self._read(text, self.country, raw)
        return self._read(rule.rewrite(text), self._countries[rule.country], raw)

    def _read(self, text: str, country: str, raw: str) -> Number:
        walk = self._walks[country]
        number: Number | None = walk.read(text, raw)
        if number is None or number.kind == "e164":
            direct = self._without_prefixes(text)
            if direct != text:
                text, number = direct, walk.read(direct, raw)
        return number or self._decide(text, country, raw)

    def _decide(self, text: str, country: str, raw: str) -> Number:
        """A number the tables are not sure of."""
        for pattern, kind in self._starred:
            if pattern.fullmatch(text):
                return Number(kind, text, "", raw)
        reading = truth.read(text, country)
        table = number_table()
        if reading is not None:
            table.confirm(reading.calling_code)
            return Number("e164", reading.key, reading.country, raw)
        digits = text.translate(_SEPARATORS)
        region = table.regions.get(country)
        if region and digits.isascii() and digits.isdigit() and table.label(region.short, digits) == SHORT:
            return Number("short", digits, "", raw)
        return Number("malformed", "", "", raw)

    def _without_prefixes(self, text: str) -> str:
        """`text` with a prefix of this plan replaced by what it means."""
        digits = text.translate(_SEPARATORS)
        for prefix in sorted(self.international_prefixes, key=len, reverse=True):
            if digits.startswith(prefix) and digits[len(prefix) : len(prefix) + 1] not in ("", "0"):
                return "+" + digits[len(prefix) :]
        if self.trunk_prefix and digits.startswith(self.trunk_prefix):
            return digits[len(self.trunk_prefix) :]
        return text


def is_presented(presentation: str) -> bool:
    """Whether the caller lets the number be shown; a word nobody knows says no, none at all says yes.

    The number of `agi_callingpres` holds the restriction in 0x60 (ITU-T Q.951: 0x20 restricted, 0x40 unavailable).
    """
    if presentation.isascii() and presentation.isdigit():
        return len(presentation) <= 3 and not int(presentation) & 0x60
    return not presentation or presentation.startswith("allowed")


def _hand_over(raw: str, presentation: str, trunk: str) -> Number | None:
    """Stands in for the kernel where the plan has prefixes of its own, which must be looked for first."""
    return None
