"""Letting go once a day, in time, and through a store that is away."""

from __future__ import annotations

import asyncio
import logging

import pytest

from asterisk_router.daemon import retention as module
from asterisk_router.daemon.retention import keep_no_longer
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.store.retention import LetGo


class Once:
    """Due every second time; away the first."""

    def __init__(self) -> None:
        self.asked = self.done = 0

    async def due(self) -> bool:
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailableError("away", where="+12025550100")
        return self.asked % 2 == 0

    async def let_go(self) -> LetGo:
        self.done += 1
        return LetGo(1, 2, 3, ("+12025550101", "+12025550102"))


def test_it_is_done_when_it_is_due(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(module, "ROUND_S", 0.0)
    kept = Once()

    async def body() -> None:
        task = asyncio.create_task(keep_no_longer(kept, first_s=0.0))
        while kept.asked < 6:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    with caplog.at_level(logging.INFO):
        asyncio.run(body())
    assert kept.done == 3 and "2 callers, 3 settled call-backs" in caplog.text
    assert "stays another day: away" in caplog.text and "2025550100" not in caplog.text
    assert caplog.text.count("2 records of callers cannot be read") == 3 and "2025550101" not in caplog.text
