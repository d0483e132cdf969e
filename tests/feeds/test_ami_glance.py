"""One look at a PBX: its queues, or in words why not, within seconds, and the connection is gone afterwards."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.errors import AmiError
from asterisk_router.feeds import ami_glance
from asterisk_router.feeds.ami_glance import glance
from asterisk_router.queues.events import LineListed
from tests.feeds.scripted_pbx import ScriptedPbx, server_at


def look(pbx: ScriptedPbx, secret: str = "s3cret") -> LineListed:
    async def whole() -> LineListed:
        await pbx.start()
        try:
            return await glance(server_at(pbx.port, secret=secret))
        finally:
            await pbx.stop()

    return asyncio.run(asyncio.wait_for(whole(), 20))


def test_the_queues_are_listed_with_their_members() -> None:
    pbx = ScriptedPbx()
    listed = look(pbx)
    assert {queue.queue for queue in listed.queues} >= {"sales", "support"}
    assert any(queue.members for queue in listed.queues)
    assert pbx.connections == 1 and pbx.count("Login") == 1


def test_a_refused_login_is_told_with_what_to_do() -> None:
    with pytest.raises(AmiError, match="login refused") as refused:
        look(ScriptedPbx(), secret="wrong")
    assert "manager.conf" in refused.value.remedy


def test_a_pbx_that_is_away_is_told() -> None:
    with pytest.raises(AmiError, match="cannot connect"):
        asyncio.run(glance(server_at(1)))


def test_a_pbx_without_queues_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_glance, "GLANCE_S", 0.3)
    pbx = ScriptedPbx()
    pbx.answers["QueueStatus"] = None
    with pytest.raises(AmiError, match="does not list its queues") as silent:
        look(pbx)
    assert "app_queue" in silent.value.remedy
