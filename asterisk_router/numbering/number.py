"""The one form in which a telephone number travels inside the router."""

from __future__ import annotations

from typing import Literal, NamedTuple

NumberKind = Literal["e164", "internal", "short", "emergency", "withheld", "malformed"]
"""What a raw caller ID turned out to be.

`e164` a valid public number, `internal` an extension of this PBX, `short` a service number of the country or
the carrier, `emergency` an emergency service calling back, `withheld` anonymous or not presented,
`malformed` anything that is no number of the numbering plan.
"""


class Number(NamedTuple):
    """Which number is this: the outcome of normalising a raw caller ID by the numbering plan."""

    kind: NumberKind
    """What it is; only `e164`, `internal`, `short` and `emergency` are ever looked up."""
    key: str
    """The canonical text: `+42125550100` for `e164`, the bare digits for the other three, empty for none."""
    country: str = ""
    """ISO 3166 country of an `e164` number in capitals (`SK`), `001` for non-geographic ones, else empty."""
    raw: str = ""
    """What Asterisk handed over, for the log and for the person who asks why."""


def masked(number: str) -> str:
    """A number for a log: the last four characters hidden, for it belongs to a person."""
    return f"{number[:-4]}****" if number else "a withheld number"
