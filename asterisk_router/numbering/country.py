"""Countries by their ISO 3166 codes, and what to say to somebody who wrote another word."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ..errors import NumberingPlanError
from .number_table import NumberTable

MISTAKES = {"UK": "GB", "EL": "GR", "EN": "GB", "CS": "CZ", "SP": "ES", "UAE": "AE", "ENGLAND": "GB"}
"""Common words for a country that are neither its code nor near its name."""


def country_code(table: NumberTable, written: str, whose: str = "") -> str:
    """The ISO 3166 code of a country, empty for none.

    Raises NumberingPlanError with the nearest right ones, beginning with `whose` country it is.
    """
    code = written.strip().upper()
    if not code or (code in table.regions and code.isalpha()):
        return code
    from difflib import get_close_matches  # for an error message only, so not at every start

    names = {name: region for region, name in _names() if region in table.regions}
    if code in MISTAKES:
        near = [MISTAKES[code]]
    elif code.lstrip("+").isdecimal():
        known = table.codes.get(int(code.lstrip("+")[:6] or 0))
        near = [region for region in known.regions if region != "001"] if known else []
    elif len(code) == 3:  # most likely the three-letter code
        near = [r for name, r in names.items() if r[0] == code[0] and r[1] in code[1:] and name.upper()[0] == code[0]]
    else:
        upper = {name.upper(): region for name, region in names.items()}
        near = [upper[name] for name in get_close_matches(code, upper, n=3)]
    spoken = {region: f"{region} ({name})" for name, region in names.items()}
    remedy = " or ".join(spoken.get(region, region) for region in near[:3])
    remedy = f"did you mean {remedy}?" if remedy else "write a two-letter ISO 3166 code such as SK"
    raise NumberingPlanError(f"{whose}{written!r} is no country", remedy=remedy)


def _names() -> list[tuple[str, str]]:
    """Codes and English names of countries, from the time zone data; read only for an error message."""
    found = find_spec("tzdata")
    for place in found.submodule_search_locations or () if found else ():
        listed = Path(place, "zoneinfo", "iso3166.tab")
        if listed.exists():
            rows = (line.split("\t") for line in listed.read_text("utf-8").splitlines() if line[:1] != "#")
            return [(row[0], row[1]) for row in rows if len(row) == 2]
    return []
