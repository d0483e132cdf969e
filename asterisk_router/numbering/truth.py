"""What phonenumberslite reads in a number: the truth that the tables must agree with and hand over to.

The library is loaded by the first number that needs it (30 to 70 ms), or by `load` at a quieter moment.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

SHORTEST_PLAUSIBLE, LONGEST_PLAUSIBLE = 7, 15
"""Digits, country code included, of a number believed because it was written in full; 15 is E.164's own limit."""


class Reading(NamedTuple):
    """A public number as the library reads it."""

    key: str
    """Canonical: `+`, country code, national number."""
    country: str
    """ISO 3166 region, `001` for a non-geographic number, empty where several share the code and none claims it."""
    calling_code: int
    """Country calling code."""


def load() -> None:
    """Load the library now, so that no call has to wait for it."""
    read("+12025550100", "")


@lru_cache(maxsize=4096)
def read(text: str, country: str) -> Reading | None:
    """The public number in `text`, written in or from `country` (empty: only numbers with `+` are read).

    A valid number is believed however it is written. One that is not valid by the library's metadata (a range
    newly opened, reserved for fiction, or made up) is believed only if it was written in full, with its country
    code, and has a length a public number can have: then nothing of it is our guess. Latest results are kept.
    """
    if not any(map(str.isdecimal, text)):
        return None  # no number in any country, and no reason to load the library: a trunk without a DID sends `s`
    from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumberFormat, phonenumberutil

    try:
        parsed = phonenumberutil.parse(text, country or None, keep_raw_input=True)
    except NumberParseException:
        return None
    key = phonenumberutil.format_number(parsed, PhoneNumberFormat.E164)
    if not phonenumberutil.is_valid_number(parsed):
        in_full = parsed.country_code_source in (
            CountryCodeSource.FROM_NUMBER_WITH_PLUS_SIGN,
            CountryCodeSource.FROM_NUMBER_WITH_IDD,
        )
        if not in_full or not SHORTEST_PLAUSIBLE < len(key) <= LONGEST_PLAUSIBLE + 1:
            return None
    return Reading(key, phonenumberutil.region_code_for_number(parsed) or "", parsed.country_code or 0)
