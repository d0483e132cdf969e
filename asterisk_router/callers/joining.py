"""Two records that turn out to be one caller: an import about somebody known, a number linked to a person."""

from __future__ import annotations

from . import history
from .caller import Caller


def enrich(known: Caller, imported: Caller) -> Caller:
    """What is stored about a caller after an import: what the import says wins, what it leaves empty stays.

    The history is never touched; a tag takes the place of one of the same name; numbers are added.
    """
    replaced = {tag.name for tag in imported.tags}
    return Caller(
        numbers=_united(known.numbers, imported.numbers),
        name=imported.name or known.name,
        tags=tuple(tag for tag in known.tags if tag.name not in replaced) + imported.tags,
        value=imported.value or known.value,
        orders=imported.orders or known.orders,
        language=imported.language or known.language,
        own_agent=imported.own_agent or known.own_agent,
        open_matters=_united(known.open_matters, imported.open_matters),
        history=known.history,
    )


def join(person: Caller, other: Caller) -> Caller:
    """One person out of two: `person` wins where both say something; numbers, tags, money and calls add up."""
    joined = enrich(other, person)
    return joined._replace(
        numbers=_united(person.numbers, other.numbers),
        value=person.value + other.value,
        orders=person.orders + other.orders,
        history=history.merge(person.history, other.history),
    )


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first + second)) if second else first
