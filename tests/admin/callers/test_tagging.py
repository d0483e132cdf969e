"""Tags on numbers, prefixes and ranges, as a person adds, removes and lists them."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.admin.callers.tagging import PlacedTag, add_tag, all_tags, range_tags, remove_tag, tags_of
from asterisk_router.admin.callers.targets import Target
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.errors import TagError

ANNA, MOBILE = "+421255500100", "+421255500101"
VIP, INSPECTOR = Tag("vip", "eva"), Tag("inspector", "eva")
PREFIX, RANGE = Target("+4212555", is_prefix=True), Target("+421255500000", "+421255500199")


async def everybody(book: MemoryBook) -> list[Caller]:
    return [caller async for caller in book.callers()]


def book_with(*placed: PlacedTag) -> MemoryBook:
    book = MemoryBook([Caller((ANNA, MOBILE), "Anna")])
    for target, tag in placed:
        asyncio.run(add_tag(book, target, tag))
    return book


def test_a_tag_on_a_number_is_on_its_person() -> None:
    book = book_with(PlacedTag(Target(MOBILE), VIP))
    assert asyncio.run(book.show(ANNA)).tags == (VIP,)


def test_a_tag_of_the_same_name_is_replaced() -> None:
    later = VIP._replace(author="adam")
    book = book_with(PlacedTag(Target(ANNA), VIP), PlacedTag(Target(ANNA), later))
    assert asyncio.run(book.show(ANNA)).tags == (later,)


def test_somebody_unknown_becomes_known_by_a_tag() -> None:
    book = book_with(PlacedTag(Target("+421255500300"), VIP))
    assert asyncio.run(book.show("+421255500300")) == Caller(("+421255500300",), tags=(VIP,))


@pytest.mark.parametrize("target", [Target(ANNA), PREFIX, RANGE])
def test_what_was_added_can_be_taken_away_once(target: Target) -> None:
    book = book_with(PlacedTag(target, VIP))
    assert asyncio.run(tags_of(book, ANNA)) == [PlacedTag(target, VIP)]
    assert asyncio.run(remove_tag(book, target, "vip"))
    assert asyncio.run(tags_of(book, ANNA)) == []
    assert not asyncio.run(remove_tag(book, target, "vip"))


def test_a_number_carries_the_tags_of_every_range_it_lies_in() -> None:
    book = book_with(PlacedTag(Target(ANNA), VIP), PlacedTag(PREFIX, INSPECTOR), PlacedTag(RANGE, Tag("tax-office")))
    assert {placed.tag.name for placed in asyncio.run(tags_of(book, ANNA))} == {"vip", "inspector", "tax-office"}
    assert {placed.tag.name for placed in asyncio.run(tags_of(book, "+421255500200"))} == {"inspector"}


def test_all_tags_lists_a_person_once() -> None:
    async def listed(book: MemoryBook) -> list[PlacedTag]:
        return [placed async for placed in all_tags(book)]

    book = book_with(PlacedTag(Target(ANNA), VIP), PlacedTag(RANGE, INSPECTOR))
    assert asyncio.run(listed(book)) == [PlacedTag(RANGE, INSPECTOR), PlacedTag(Target(ANNA), VIP)]
    assert [caller.name for caller in asyncio.run(everybody(book))] == ["Anna"]
    assert range_tags(book) == [PlacedTag(RANGE, INSPECTOR)]


@pytest.mark.parametrize("target", [Target(ANNA), PREFIX, RANGE])
def test_a_tag_that_breaks_the_rules_is_refused_everywhere(target: Target) -> None:
    with pytest.raises(TagError):
        book_with(PlacedTag(target, Tag("V I P")))
