"""Reads a number by walking the number table: what `ext/number.pyx` does, in Python.

The steps are those of phonenumberslite's own parser, so the outcome is the same to the digit; whatever is not
certain is handed over to it by answering None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..numbering.number import Number
from ..numbering.number_table import EMERGENCY, UNSURE
from ..numbering.truth import LONGEST_PLAUSIBLE, SHORTEST_PLAUSIBLE

if TYPE_CHECKING:
    from ..numbering.number_table import NumberTable, Region

SEPARATORS = frozenset(" -./()\xa0")
"""What may stand between digits and means nothing."""

MOST_DIGITS = 24
"""Longer than any number with any prefix; more are handed over."""

MOST_CHARS = 79
"""Asterisk cuts caller numbers there; nothing longer is looked at."""

OWN_KINDS = ("", "emergency", "internal", "short")
"""Kinds of number by the labels of the plan's own automaton."""


class NumberWalk:
    """Reads numbers for one country, the ordinary ones; None hands a number over."""

    def __init__(
        self,
        table: NumberTable,
        country: str,
        own: tuple[bytes, bytes, int],
        presented: frozenset[str],
        ruled: frozenset[str],
    ) -> None:
        """Walk `table` from `country` (empty: only numbers with `+`) and the plan's own automaton.

        `own` is its labels, steps and first node; `presented` holds the presentations that show the number, `ruled`
        the trunks whose numbers are rewritten first.
        """
        self._table = table
        self._home = table.regions.get(country)
        self._own = table._replace(labels=own[0], steps=own[1])
        self._own_node = own[2]
        self._presented = presented
        self._ruled = ruled

    def number(self, raw: str, presentation: str = "", trunk: str = "") -> Number | None:
        """The number of a call, where it is presented, ordinary, and comes by a trunk without a rule."""
        if presentation not in self._presented or trunk in self._ruled:
            return None
        return self.read(raw, raw)

    def read(self, text: str, raw: str) -> Number | None:
        """The number written in `text`; `raw` is what it came from."""
        if len(text) > MOST_CHARS:
            return None
        digits, plus = "", False
        for char in text:
            if "0" <= char <= "9":
                digits += char
                if len(digits) > MOST_DIGITS:
                    return None
            elif char == "+":
                if digits or plus:
                    return None
                plus = True
            elif char not in SEPARATORS:
                return None
        if not plus:
            label = self._own.label(self._own_node, digits)
            if self._home and self._table.label(self._home.short, digits) == EMERGENCY:
                label = EMERGENCY  # the country's other short numbers come after the public ones
            if label:
                return Number(OWN_KINDS[label], digits, "", raw)  # type: ignore[arg-type]
        if len(digits) < 3:
            return None
        return self._international(digits, raw) if plus else self._dialled(digits, raw)

    def _dialled(self, digits: str, raw: str) -> Number | None:
        """A number as somebody in the home country writes it."""
        home = self._home
        if home is None or not self._table.believed[home.calling_code]:
            return None
        length = self._prefix(home.international_prefix, digits)
        if length and digits[length : length + 1] != "0":  # no country code begins with 0
            return self._international(digits[length:], raw)
        code = str(home.calling_code)
        if digits.startswith(code):
            rest = self._without_trunk_prefix(home, digits[len(code) :])
            if rest is None:
                return None
            too_long = home.too_long >> len(digits) & 1
            if too_long or (not self._matches(home, digits) and self._matches(home, rest)):
                return self._national(home.calling_code, self._main(home.calling_code), rest, False, raw)
        return self._national(home.calling_code, home, digits, False, raw)

    def _international(self, digits: str, raw: str) -> Number | None:
        """A number written in full, `digits` beginning with the country code."""
        if len(digits) < 3 or digits[0] == "0":
            return None
        for length in (1, 2, 3):
            code = int(digits[:length])
            if code in self._table.codes:
                if not self._table.believed[code]:
                    return None
                return self._national(code, self._main(code), digits[length:], True, raw)
        return None

    def _national(self, code: int, region: Region, digits: str, in_full: bool, raw: str) -> Number | None:
        rest = self._without_trunk_prefix(region, digits)
        if rest is None:
            return None
        if region.complete >> len(rest) & 1:
            digits = rest
        if not 2 <= len(digits) <= 17:
            return None
        calling = self._table.codes[code]
        place = self._table.label(calling.valid, digits)
        key = f"+{code}{digits}"
        if not place:
            plausible = in_full and SHORTEST_PLAUSIBLE < len(key) <= LONGEST_PLAUSIBLE + 1
            if not plausible or len(calling.regions) > 1:
                return None
            place = 1
        return Number("e164", key, calling.regions[place - 1], raw)

    def _without_trunk_prefix(self, region: Region, digits: str) -> str | None:
        if not region.national_prefix:
            return digits
        length = self._prefix(region.national_prefix, digits)
        if length < 0:
            return None
        rest = digits[length:]
        if length and self._matches(region, digits) and not self._matches(region, rest):
            return digits
        return rest

    def _prefix(self, node: int, digits: str) -> int:
        """Length of the prefix of `digits`, 0 for none, -1 where it is not certain."""
        table = self._table
        for digit in digits:
            place = 20 * node + 2 * int(digit)
            child = table.steps[place] | table.steps[place + 1] << 8
            if not child:
                break
            node = child
        label = table.labels[node]
        return -1 if label == UNSURE else max(label - 1, 0)

    def _matches(self, region: Region, digits: str) -> bool:
        return bool(self._table.label(region.general, digits))

    def _main(self, code: int) -> Region:
        name = self._table.codes[code].regions[0]
        return self._table.regions[str(code) if name == "001" else name]
