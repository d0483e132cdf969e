"""The image of the ranges, on each kind of store."""

from __future__ import annotations

import pytest

from asterisk_router.callers.caller import Tag
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo


def test_a_store_emptied_and_tagged_anew_is_seen_by_who_had_read_as_many_changes(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        for before, after in (("+1202", "+4212"), ("+4212", "+4420")):
            await one.acts.send([("FLUSHALL",)])
            await one.tag_prefix(before, Tag("capital"))
            await two._mirror.refresh()
            assert two.ranges.tags_of(f"{before}5550100") == (Tag("capital"),)
            await one.acts.send([("FLUSHALL",)])
            await one.tag_prefix(after, Tag("supplier"))
            await two._mirror.refresh()
            assert two.ranges.tags_of(f"{before}5550100") == ()
            assert two.ranges.tags_of(f"{after}5550100") == (Tag("supplier"),)
            await one.acts.send([("FLUSHALL",)])
            await two._mirror.refresh()
            assert not two.ranges.entries

    run_two(body)


def test_damaged_ranges_take_no_other_away_and_are_one_line_in_the_log(
    run_two: RunTwo, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        await one.acts.send([("HSET", one.keys.ranges, f"+{n}*:bad", b"garbage") for n in range(1, 40)])
        for tag in ("capital", "supplier"):
            await one.tag_prefix("+1202", Tag(tag))
        assert sorted(tag.name for tag in one.ranges.tags_of("+12025550100")) == ["capital", "supplier"]

    run_two(body)
    said = [text for text in caplog.messages if "left out" in text]
    assert said and all(text.endswith("; and 38 more like it") for text in said) and len(said) <= 2
