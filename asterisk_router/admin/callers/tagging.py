"""What people assert about callers: tags on a number, on a prefix, on a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...callers import tags
from ...callers.caller import Caller, Tag
from .targets import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ...callers.caller_book import CallerBook


class PlacedTag(NamedTuple):
    """A tag and what it lies on."""

    target: Target
    """The number, prefix or range."""
    tag: Tag
    """What is asserted."""


async def add_tag(book: CallerBook, target: Target, tag: Tag) -> None:
    """Tag a number (under all numbers of its person), a prefix or a range; a tag of the same name is replaced.

    Raises TagError for a tag that breaks the rules, before anything is stored.
    """
    tags.check_tag(tag)
    if target.is_prefix:
        await book.tag_prefix(target.first, tag)
    elif target.last:
        await book.tag_range(target.first, target.last, tag)
    else:
        await book.update(target.first, lambda caller: tags.add_tag(_somebody(caller, target.first), tag))


async def approve_tag(
    book: CallerBook, key: str, name: str, approver: str, evidence: str, now_s: int, expires_at_s: int
) -> Tag:
    """Approve the tag of one caller as a second person; the tag as it is then.

    Only of a caller, never of a range: whoever is approved is named. Raises TagError for what is no approval.
    """
    known = await book.show(key)
    tags.approve_tag(known, name, approver, evidence, now_s, expires_at_s)  # refused before anything is written
    caller = await book.update(
        key, lambda caller: tags.approve_tag(caller, name, approver, evidence, now_s, expires_at_s)
    )
    return next(tag for tag in caller.tags if tag.name == name)


async def remove_tag(book: CallerBook, target: Target, name: str) -> bool:
    """Take a tag away from a number, a prefix or a range, written as it was tagged; whether it was there."""
    if target.is_prefix or target.last:
        return await book.untag_range(target.first, target.last, name)
    before = await book.show(target.first)
    if not any(tag.name == name for tag in before.tags):
        return False
    await book.update(target.first, lambda caller: tags.remove_tag(caller, name))
    return True


async def tags_of(book: CallerBook, key: str) -> list[PlacedTag]:
    """Every tag that a call from a canonical number would carry: its person's, and those of ranges it lies in."""
    caller = await book.show(key)
    held = [PlacedTag(Target(key), tag) for tag in caller.tags]
    return held + [placed for placed in range_tags(book) if placed.target.holds(key)]


def range_tags(book: CallerBook) -> list[PlacedTag]:
    """Every tag on a prefix or a range, in order of their first numbers."""
    return [PlacedTag(Target(entry.first, entry.last, not entry.last), entry.tag) for entry in book.ranges.entries]


async def all_tags(book: CallerBook, unreadable: list[str] | None = None) -> AsyncIterator[PlacedTag]:
    """Every tag there is, ranges first; a person with several numbers appears once, under the chief one.

    Numbers whose record cannot be read are added to `unreadable`.
    """
    for placed in range_tags(book):
        yield placed
    async for caller in book.callers(unreadable):
        for tag in caller.tags:
            yield PlacedTag(Target(caller.numbers[0]), tag)


def _somebody(caller: Caller, key: str) -> Caller:
    return caller if caller.numbers else caller._replace(numbers=(key,))
