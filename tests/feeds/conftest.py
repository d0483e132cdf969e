"""A PBX that is followed for the length of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from asterisk_router.feeds.ami_feed import AmiFeed
from tests.feeds.scripted_pbx import Followed, Recorder, ScriptedPbx, server_at


@pytest.fixture
def follow():
    """`follow(test)` runs `test(followed)` with a PBX and a feed, when `known` once it has had its first snapshot."""

    def follow(test: Callable[[Followed], Awaitable[None]], known: bool = True, **settings: object) -> None:
        async def whole() -> None:
            pbx, hear = ScriptedPbx(), Recorder()
            for name, value in settings.items():
                setattr(pbx, name, value)
            await pbx.start()
            feed = AmiFeed(server_at(pbx.port)._replace(tls=pbx.tls is not None), hear)
            feed.open()
            followed = Followed(pbx, feed, hear)
            try:
                if known:
                    await followed.until(lambda: hear.snapshots)
                await test(followed)
            finally:
                await feed.close()
                await pbx.stop()

        asyncio.run(asyncio.wait_for(whole(), 90))

    return follow
