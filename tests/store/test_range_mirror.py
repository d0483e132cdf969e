"""The image of the ranges, on each kind of store."""

from __future__ import annotations

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
