"""Two records that turn out to be one caller: an import about somebody known, a number linked to a person."""

from __future__ import annotations

from . import history
from .caller import Caller, Tag
from .tags import without_approvals


def enrich(known: Caller, imported: Caller) -> Caller:
    """What is stored about a caller after an import: what the import says wins, what it leaves empty stays.

    The history is never touched; a tag takes the place of one of the same name, unless all that is new of it is the
    date; numbers are added, and then nobody has approved the tags. So the same import again changes nothing.
    """
    standing = {tag.name: tag for tag in known.tags}
    tags = tuple([_newer(standing.pop(tag.name, tag), tag) for tag in imported.tags])
    numbers = _united(known.numbers, imported.numbers)
    enriched = Caller(
        numbers=numbers,
        name=imported.name or known.name,
        tags=(*standing.values(), *tags),
        value=imported.value or known.value,
        orders=imported.orders or known.orders,
        language=imported.language or known.language,
        own_agent=imported.own_agent or known.own_agent,
        open_matters=_united(known.open_matters, imported.open_matters),
        history=known.history,
    )
    return without_approvals(enriched) if known.numbers and len(numbers) > len(known.numbers) else enriched


def join(person: Caller, other: Caller) -> Caller:
    """One person out of two: `person` wins where both say something; numbers, tags, money and calls add up."""
    joined = enrich(other, person)
    return joined._replace(
        numbers=_united(person.numbers, other.numbers),
        value=person.value + other.value,
        orders=person.orders + other.orders,
        history=history.merge(person.history, other.history),
    )


def _newer(known: Tag, imported: Tag) -> Tag:
    """The imported tag, or the known one with its date and approval where they say the same.

    A tag that says anything else is another tag, which nobody has approved.
    """
    same = imported._replace(
        created_at_s=known.created_at_s,
        expires_at_s=imported.expires_at_s or (known.expires_at_s if known.approved_by else 0),
        set_by=imported.set_by or known.set_by,
        approved_by=known.approved_by,
        approved_at_s=known.approved_at_s,
        suspended_at_s=known.suspended_at_s,
    )
    return known if same == known else imported


def _united(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first + second)) if second else first
