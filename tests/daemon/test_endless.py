"""A fault of ours ends no work for good."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.daemon import endless as endless_module
from asterisk_router.daemon.endless import endless


def test_work_that_fails_or_ends_is_begun_again_and_ends_when_cancelled(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(endless_module, "AGAIN_S", 0.0)
    begun = []

    async def work() -> None:
        begun.append(len(begun))
        if len(begun) == 1:
            raise RuntimeError("of ours")
        if len(begun) > 2:
            await asyncio.Event().wait()

    async def body() -> None:
        running = asyncio.create_task(endless(work, "counting"))
        while len(begun) < 3:
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(body())
    assert begun == [0, 1, 2]
    assert "a fault of ours in counting" in caplog.text
