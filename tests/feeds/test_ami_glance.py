"""One look at a PBX: its queues, or in words why not, within seconds, and the connection is gone afterwards."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.errors import AmiError
from asterisk_router.feeds import ami_glance, ami_link
from asterisk_router.feeds.ami_glance import glance
from asterisk_router.queues.seen_pbx import SeenPbx
from tests.feeds.scripted_pbx import ScriptedPbx, server_at
from tests.live.ports import refusing_port


def look(pbx: ScriptedPbx, secret: str = "s3cret") -> SeenPbx:
    async def whole() -> SeenPbx:
        await pbx.start()
        try:
            return await glance(server_at(pbx.port, secret=secret))
        finally:
            await pbx.stop()

    return asyncio.run(asyncio.wait_for(whole(), 60))


def test_the_queues_are_listed_with_their_members() -> None:
    pbx = ScriptedPbx()
    listed = look(pbx).listed
    assert {queue.queue for queue in listed.queues} >= {"sales", "support"}
    assert any(queue.members for queue in listed.queues)
    assert pbx.connections == 1 and pbx.count("Login") == 1


def test_a_refused_login_is_told_with_what_to_do() -> None:
    with pytest.raises(AmiError, match="login refused") as refused:
        look(ScriptedPbx(), secret="wrong")
    assert "manager.conf" in refused.value.remedy


def test_a_pbx_that_is_away_is_told() -> None:
    with refusing_port() as port, pytest.raises(AmiError, match="cannot connect"):
        asyncio.run(glance(server_at(port)))


def test_a_pbx_without_queues_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ami_glance, "GLANCE_S", 0.3)
    pbx = ScriptedPbx()
    pbx.answers["QueueStatus"] = None
    with pytest.raises(AmiError, match="does not list its queues") as silent:
        look(pbx)
    assert "app_queue" in silent.value.remedy


LINES = (
    b"Response: Success\r\nActionID: %ID%\r\nEventList: start\r\nMessage: DialPlan list will follow\r\n\r\n"
    b"Event: ListDialplan\r\nActionID: %ID%\r\nContext: router-branches\r\nExtension: sales\r\nPriority: 1\r\n"
    b"Application: Goto\r\nAppData: router-queue,sales,1\r\nRegistrar: pbx_config\r\n\r\n"
    b"Event: ListDialplan\r\nActionID: %ID%\r\nContext: router-branches\r\nIncludeContext: site\r\n"
    b"Registrar: pbx_config\r\n\r\n"
)
ENDED = b"Event: ShowDialPlanComplete\r\nActionID: %ID%\r\nEventList: Complete\r\nListItems: 2\r\n\r\n"
DENIED = b"Response: Error\r\nActionID: %ID%\r\nMessage: Permission denied\r\n\r\n"


def test_the_extensions_are_told_to_a_user_who_may_read_the_dialplan() -> None:
    pbx = ScriptedPbx()
    pbx.answers["ShowDialPlan"] = LINES + ENDED
    seen = look(pbx)
    assert (seen.extensions, seen.includes) == ({"router-branches": {"sales"}}, {"router-branches": ["site"]})


@pytest.mark.parametrize(
    ("answer", "why"), [(DENIED, "write = reporting"), (LINES, "did not come to its end"), (None, "no answer")]
)
def test_a_dialplan_that_is_not_told_leaves_the_queues_and_says_why(
    answer: bytes | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ami_glance, "GLANCE_S", 0.3)
    monkeypatch.setattr(ami_link, "ACT_S", 0.3)
    pbx = ScriptedPbx()
    pbx.answers["ShowDialPlan"] = answer
    seen = look(pbx)
    assert seen.extensions is None and why in seen.untold and seen.listed.queues
