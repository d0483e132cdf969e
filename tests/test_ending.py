"""Tasks are told to end until they do."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router import ending
from asterisk_router.ending import ended


def test_a_task_that_loses_its_first_cancel_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_S", 0.01)
    lost = 0

    async def works_on() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    async def test() -> None:
        task, other = asyncio.ensure_future(works_on()), asyncio.ensure_future(asyncio.sleep(60))
        await asyncio.sleep(0)
        await ended(task, other)
        assert task.cancelled() and other.cancelled() and lost == 2

    asyncio.run(asyncio.wait_for(test(), 30))


def test_a_task_that_takes_its_time_to_end_is_waited_for_and_not_told_twice() -> None:
    told = 0

    async def tidies() -> None:
        nonlocal told
        try:
            await asyncio.sleep(60)
        finally:
            told += 1
            await asyncio.sleep(0.05)

    async def test() -> None:
        task = asyncio.ensure_future(tidies())
        await asyncio.sleep(0)
        await ended(task)
        assert task.cancelled() and told == 1

    asyncio.run(asyncio.wait_for(test(), 30))


def test_of_no_tasks_none_is_waited_for() -> None:
    asyncio.run(ended())
