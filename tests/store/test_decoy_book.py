"""The switch of the decoy is the same for everybody, on every kind of store, and off when nobody can read it."""

from __future__ import annotations

import pytest

from asterisk_router.callers.decoy_use import DecoyState, DecoyUses
from asterisk_router.store.decoy_book import USES_KEPT_S, DecoyBook
from asterisk_router.store.redis_book import RedisBook
from tests.store.conftest import RunTwo

AT_S = 1_800_000_000.0


def books(one: RedisBook, two: RedisBook) -> tuple[DecoyBook, DecoyBook]:
    return DecoyBook(one.acts, one.keys), DecoyBook(two.acts, two.keys)


def test_it_is_off_until_somebody_switches_it_on_and_again_after(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = books(one, two)
        assert await second.state() == DecoyState()
        on = await first.switch_on("Eva Nagy", "hugo", AT_S)
        assert on == DecoyState(True, AT_S, "hugo", "Eva Nagy")
        assert (await second.confirm())[0] == await second.state() == on
        assert await second.switch_off("ida", "a complaint", AT_S + 9)
        assert await first.state() == DecoyState(False, AT_S + 9, "ida", "Eva Nagy", "a complaint")
        assert not (await first.confirm())[0].on
        assert not await first.switch_off("ida", "again", AT_S + 10)

    run_two(body)


def test_it_is_switched_off_only_if_it_is_still_what_was_seen(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = books(one, two)
        seen = await first.switch_on("Eva Nagy", "hugo", AT_S)
        anew = await second.switch_on("Ida Simko", "hugo", AT_S + 5)
        assert not await first.switch_off("asterisk-router", "3 of 10", AT_S + 6, only=seen)
        assert (await first.state()) == anew
        assert await first.switch_off("asterisk-router", "3 of 10", AT_S + 6, only=anew)

    run_two(body)


def test_a_use_counts_once_and_from_when_it_was(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = books(one, two)
        for uniqueid, at_s, escaped in (
            ("b-1.1", 1, False),
            ("b-1.2", 2, True),
            ("b-1.2", 2, True),
            ("b-1.3", 3, False),
        ):
            await first.note(uniqueid, AT_S + at_s, escaped)
        assert await second.uses(0) == DecoyUses(3, 1)
        assert await second.uses(AT_S + 2) == DecoyUses(2, 1)
        await second.note("b-1.4", AT_S + 2 + USES_KEPT_S, False)
        assert await first.uses(0) == DecoyUses(3, 1)

    run_two(body)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "no json",
        "[]",
        "{}",
        "[true]",
        '[true,1,"hugo","",""]',
        '[1,1,"a","b",""]',
        '[true,NaN,"hugo","eva",""]',
    ],
)
def test_what_nobody_can_read_or_answers_for_is_off(run_two: RunTwo, written: str) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        first, second = books(one, two)
        await one.acts.send([("SET", one.keys.decoy, written)])
        assert not (await second.confirm())[0].on
        assert not (await second.state()).on

    run_two(body)


def test_the_count_of_changes_of_ranges_comes_with_it(run_two: RunTwo) -> None:
    async def body(one: RedisBook, two: RedisBook) -> None:
        from asterisk_router.callers.caller import Tag

        first, _ = books(one, two)
        assert await two.ranges_are((await first.confirm())[1])
        await one.tag_prefix("+42125550", Tag("inspector"))
        version = (await first.confirm())[1]
        assert not two.ranges.entries
        assert await two.ranges_are(version)
        assert two.ranges.entries

    run_two(body)
