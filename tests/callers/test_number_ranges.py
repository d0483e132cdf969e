"""Tags of ranges and prefixes: the index agrees with looking at every entry one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from asterisk_router.callers.caller import Tag
from asterisk_router.callers.number_ranges import NumberRanges, TaggedRange
from asterisk_router.errors import TagError

digits = some.text("0123", min_size=1, max_size=4)
named = some.integers(0, 9).map(lambda number: Tag(f"tag{number}"))
prefixes = some.builds(TaggedRange, digits, some.just(""), named)


@some.composite
def ranges(draw: some.DrawFn) -> TaggedRange:
    """A range of numbers of one length."""
    length = draw(some.integers(1, 4))
    ends = sorted(draw(some.text("0123", min_size=length, max_size=length)) for _ in range(2))
    return TaggedRange(ends[0], ends[1], draw(named))


def holds(entry: TaggedRange, key: str) -> bool:
    """Whether `key` lies in the entry, by the definition."""
    if not entry.last:
        return key.startswith(entry.first)
    return len(key) == len(entry.first) and int(entry.first) <= int(key) <= int(entry.last)


@given(some.lists(prefixes | ranges(), max_size=12), some.lists(digits, min_size=1, max_size=8))
def test_the_index_agrees_with_every_entry(entries: list[TaggedRange], keys: list[str]) -> None:
    index = NumberRanges(entries)
    for key in keys:
        expected = sorted(entry.tag for entry in entries if holds(entry, key))
        assert sorted(index.tags_of(key)) == expected


def test_the_narrowest_comes_first() -> None:
    index = NumberRanges(
        [
            TaggedRange("+1202", "", Tag("capital")),
            TaggedRange("+12025550100", "+12025550199", Tag("government")),
            TaggedRange("+12025550120", "+12025550129", Tag("tax-office")),
            TaggedRange("+1202555", "", Tag("exchange")),
        ]
    )
    names = [tag.name for tag in index.tags_of("+12025550125")]
    assert names == ["tax-office", "government", "exchange", "capital"]
    assert [tag.name for tag in index.tags_of("+12025550199")] == ["government", "exchange", "capital"]
    assert [tag.name for tag in index.tags_of("+120255501991")] == ["exchange", "capital"]
    assert index.tags_of("+442079460100") == ()
    assert NumberRanges().tags_of("+12025550125") == ()


@pytest.mark.parametrize(
    "entry",
    [
        TaggedRange("+1202", "+12025", Tag("vip")),
        TaggedRange("+1203", "+1202", Tag("vip")),
        TaggedRange("", "", Tag("vip")),
        TaggedRange("+1202 555", "", Tag("vip")),
        TaggedRange("+12\u0660", "", Tag("vip")),
        TaggedRange("+1202", "", Tag("Not a name")),
    ],
)
def test_a_malformed_entry_is_refused_and_changes_nothing(entry: TaggedRange) -> None:
    index = NumberRanges([TaggedRange("+44", "", Tag("british"))])
    with pytest.raises(TagError):
        index.replace([entry])
    assert [tag.name for tag in index.tags_of("+442079460100")] == ["british"]
