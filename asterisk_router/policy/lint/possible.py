"""Which buckets of a fact a call can fall into at all: no hour is 25, no schedule is unknown."""

from __future__ import annotations

from ..facts.dimensions import Dimension
from ..facts.table import Fact

_NEVER_UNKNOWN = frozenset(
    ("language", "number_kind", "trust", "attestation", "trunk", "choice", "redirected", "degraded")
)
"""Facts of the call that `readers` always answers; those of the clock and of the line called are besides."""

_CLOSED = ("weekday", "number_kind")
"""Words that are never another than those listed; an attestation is what a trunk writes."""

_GREATEST = {"hour": 23, "time": 1439}
"""The greatest value of facts that have one, besides levels."""


def possible(dimension: Dimension) -> int:
    """A bit for each bucket that some call falls into."""
    fact, values = dimension.use.fact, dimension.values
    if fact.type == "flag":
        fits = [True, True]
    elif fact.type == "word":
        fits = [True] * (len(values) - 2) + [fact.name not in _CLOSED or not set(fact.words) <= set(values)]
    else:
        fits = _ranges(fact, [int(str(value)) for value in values[1:-1:2]])
    fits.append(fact.source not in ("clock", "line") and fact.name not in _NEVER_UNKNOWN)
    return sum(1 << bucket for bucket, fit in enumerate(fits) if fit)


def _ranges(fact: Fact, thresholds: list[int]) -> list[bool]:
    """Below the first threshold, the first itself, between the first two...: whether a whole number lies there."""
    least = None if fact.name == "value" else 0
    greatest = len(fact.words) - 1 if fact.type == "level" else _GREATEST.get(fact.name)
    fits = []
    below = least if least is None else least - 1
    for threshold in thresholds:
        fits.append(below is None or threshold - below > 1 and (greatest is None or below < greatest))
        fits.append((least is None or threshold >= least) and (greatest is None or threshold <= greatest))
        below = threshold if below is None else max(below, threshold)
    fits.append(greatest is None or below is None or below < greatest)
    return fits
