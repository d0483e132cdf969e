"""What follows from a call that met the decoy: counted once, the tag suspended, switched off when too many escape."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.decoy_use import DecoyUses
from asterisk_router.callers.registered_call import EndedCall
from asterisk_router.callers.tags import why_not_approved
from asterisk_router.daemon.decoy_uses import ITSELF, DecoyKeeper
from asterisk_router.policy.guard.guard_rails import DecoyRules
from asterisk_router.store.decoy_book import DecoyBook
from asterisk_router.store.open_book import open_book
from asterisk_router.store.redis_book import RedisBook

NOW_S = 1_800_000_000
NUMBER = "+421255500109"
TAG = Tag(
    "competitor", "ida", "file 9", created_at_s=NOW_S - 9, expires_at_s=NOW_S + 9_999, set_by="ida",
    approved_by="hugo", approved_at_s=NOW_S - 8,
)  # fmt: skip

Body = Callable[[RedisBook, DecoyBook, DecoyKeeper], Awaitable[None]]


def over(serial: int, escaped: bool = False, **fields: str) -> EndedCall:
    """A call that met the decoy and is over."""
    told = {"number": NUMBER, "branch": "decoy", **fields}
    place = (f"b-1.{serial}", "", NOW_S - 5.0, NOW_S + serial)
    return EndedCall(*place, told["number"], "", branch=told["branch"], escaped=escaped)


def run(tmp_path: Path, body: Body, rules: DecoyRules = DecoyRules()) -> None:  # noqa: B008  a NamedTuple
    async def ran() -> None:
        async with await open_book("embedded-process", state_dir=tmp_path) as book:
            decoys = DecoyBook(book.acts, book.keys)
            await decoys.switch_on("Eva Nagy", "hugo", float(NOW_S))
            await book.update(NUMBER, lambda caller: Caller((NUMBER,), tags=(Tag("vip"), TAG)))
            await body(book, decoys, DecoyKeeper(decoys, book, lambda: rules, clock=lambda: NOW_S + 5.0))

    asyncio.run(ran())


def test_a_use_is_counted_and_changes_nothing_else(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        for _ in range(2):
            await keeper.ended(over(1))
        await keeper.ended(over(2, branch="sales"))
        assert await decoys.uses(0) == DecoyUses(1, 0)
        assert not why_not_approved((await book.show(NUMBER)).tags[1], NOW_S)

    run(tmp_path, body)


def test_who_leaves_it_for_a_person_is_not_sent_there_again(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        for _ in range(2):  # by way of the complaint menu, and told twice
            await keeper.ended(over(1, True, branch="complaint"))
        assert await decoys.uses(0) == DecoyUses(1, 1)
        tags = (await book.show(NUMBER)).tags
        assert (tags[0], tags[1].suspended_at_s, keeper.suspended) == (Tag("vip"), NOW_S + 5, 1)
        assert why_not_approved(tags[1], NOW_S + 6) == "suspended"

    run(tmp_path, body)


def test_nobody_unknown_is_put_on_record(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        await keeper.ended(over(1, True, number="+421255500110"))
        await keeper.ended(over(2, True, number=""))
        assert await book.show("+421255500110") == Caller.UNKNOWN
        assert await decoys.uses(0) == DecoyUses(2, 2)

    run(tmp_path, body)


def test_too_many_escapes_switch_it_off_for_everybody(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        for serial in range(10):
            await keeper.ended(over(serial, serial in (7, 9)))
        assert (await decoys.state()).on, "two of ten are a fifth, and not more"
        await keeper.ended(over(10, True))
        state = await decoys.state()
        assert (state.on, state.by, state.why) == (False, ITSELF, "3 of 11 callers asked for a person")

    run(tmp_path, body)


def test_the_share_is_that_of_the_policy(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        await keeper.ended(over(1))
        assert (await decoys.state()).on
        await keeper.ended(over(2, True))
        assert not (await decoys.state()).on

    run(tmp_path, body, DecoyRules(escape_share=40, escape_uses=2))


def test_a_damaged_record_is_told_once_and_counted(tmp_path: Path) -> None:
    async def body(book: RedisBook, decoys: DecoyBook, keeper: DecoyKeeper) -> None:
        await book.acts.send([("SET", book.keys.caller(NUMBER), "no record")])
        await keeper.ended(over(1, True))
        assert (keeper.unreadable, keeper.suspended) == (1, 0)
        assert await decoys.uses(0) == DecoyUses(1, 1)

    run(tmp_path, body)
