"""Setting what is known of one caller."""

from __future__ import annotations

import asyncio

from asterisk_router.admin.callers.setting import CallerChange, set_caller
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook

ANNA = "+421255500100"


def test_what_is_not_named_stays() -> None:
    book = MemoryBook([Caller((ANNA,), "Anna", (Tag("vip"),), 100, 2, "sk", "eva", ("deal",))])
    stored = asyncio.run(set_caller(book, ANNA, CallerChange(value=5200)))
    assert stored == Caller((ANNA,), "Anna", (Tag("vip"),), 5200, 2, "sk", "eva", ("deal",))
    assert asyncio.run(book.show(ANNA)) == stored


def test_empty_is_not_the_same_as_not_named() -> None:
    book = MemoryBook([Caller((ANNA,), "Anna", value=100, own_agent="eva", open_matters=("deal",))])
    stored = asyncio.run(set_caller(book, ANNA, CallerChange(name="", value=0, own_agent="", open_matters=())))
    assert stored == Caller((ANNA,))


def test_somebody_new_is_made_with_all_their_numbers() -> None:
    book = MemoryBook()
    asyncio.run(set_caller(book, ANNA, CallerChange(name="Anna", more_numbers=("+421255500101", ANNA))))
    assert asyncio.run(book.show("+421255500101")) == Caller((ANNA, "+421255500101"), "Anna")


def test_a_person_with_one_more_number_is_approved_anew() -> None:
    approved = Tag("competitor", set_by="ida", approved_by="eva", approved_at_s=20, expires_at_s=30)
    known = Caller(("+12025550100",), tags=(approved,))
    assert CallerChange(name="Ann").of(known, "+12025550100").tags == (approved,)
    more = CallerChange(more_numbers=("+12025550101",)).of(known, "+12025550100")
    assert more.tags == (approved._replace(approved_by="", approved_at_s=0),)
