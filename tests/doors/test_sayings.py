"""What the Stasis door says, to an Asterisk that does nothing with it: it is better to be away then."""

from __future__ import annotations

import asyncio

import pytest

from asterisk_router.doors import sayings
from asterisk_router.doors.sayings import IN_VAIN, Sayings
from asterisk_router.errors import AriError, AriRefusedError, AriUnavailableError
from asterisk_router.wire.ari_rest import Response
from tests.doors.model_pbx import APPS, Connection, ModelPbx

UNAVAILABLE = Response(503, "Service Unavailable")
SAID = {"ROUTER_OK": "1"}


class Party:
    """One who speaks with a PBX, and why the application was given up."""

    def __init__(self) -> None:
        self.pbx = ModelPbx()
        self.connection: Connection = self.pbx.connections[APPS[0]]
        self.connection.start()
        self.lost: list[str] = []
        self.connection.on_lost = self.lost.append
        self.connection.on_connect = lambda: asyncio.sleep(0)
        self.sayings = Sayings(self.connection, 0.0)
        self.sayings.open()
        self.told: list[Response] = []

    async def answer(self, count: int = 1) -> None:
        """Answer so many calls, and wait for what becomes of it."""
        for _ in range(count):
            channel = f"1.{len(self.told)}"
            self.pbx.call(channel)
            if self.sayings.answer(channel, SAID, self.told.append):
                await asyncio.sleep(0.005)


def test_three_answers_in_a_row_that_came_to_nothing_are_enough(run) -> None:
    async def test() -> None:
        party = Party()
        await party.answer()
        party.pbx.broken = UNAVAILABLE
        await party.answer(IN_VAIN - 1)
        party.pbx.broken = None
        await party.answer()
        party.pbx.broken = UNAVAILABLE
        await party.answer(IN_VAIN - 1)
        assert party.connection.connected, "never three in a row"
        await party.answer()
        assert party.lost == ["Asterisk does nothing with our answers: 503 Service Unavailable"]
        assert [response.status for response in party.told] == [204, 503, 503, 204, 503, 503, 503]

    run(test())


def test_a_channel_that_is_gone_says_that_asterisk_does_what_it_is_told(run) -> None:
    async def test() -> None:
        party = Party()
        for status in (404, 409):
            party.pbx.broken = Response(status, "gone")
            await party.answer(IN_VAIN)
        assert not party.lost

    run(test())


def test_silence_counts_like_a_refusal_and_once_for_each_answer(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sayings, "SILENT_S", 0.01)
    monkeypatch.setattr(sayings, "SPREAD_S", 0.02)

    async def test() -> None:
        party = Party()
        party.pbx.silent = True
        for _ in range(IN_VAIN - 1):
            await party.answer()
            await asyncio.sleep(0.05)
        assert not party.lost
        await party.answer()
        await asyncio.sleep(0.05)
        assert party.lost == ["Asterisk does nothing with our answers: no response within 10 ms"]
        await asyncio.sleep(0.05)
        assert party.sayings.given_up == 1

    run(test())


def test_calls_of_one_moment_in_which_nothing_moved_count_as_one(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sayings, "SILENT_S", 0.01)
    monkeypatch.setattr(sayings, "SPREAD_S", 10.0)

    async def test() -> None:
        party = Party()
        party.pbx.silent = True
        await party.answer(3 * IN_VAIN)
        await asyncio.sleep(0.05)
        assert not party.lost

    run(test())


def test_a_late_answer_among_others_that_come_is_no_silence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sayings, "SILENT_S", 0.02)

    async def test() -> None:
        party = Party()
        party.pbx.silent = True
        for _ in range(IN_VAIN):
            await party.answer()
        party.pbx.silent = False
        await party.answer()
        await asyncio.sleep(0.05)
        assert not party.lost

    run(test())


def test_it_comes_back_when_asterisk_does_what_it_is_told_and_leaves_at_the_first_that_fails(run) -> None:
    async def test() -> None:
        party = Party()
        party.pbx.broken = UNAVAILABLE
        await party.answer(IN_VAIN)
        with pytest.raises(AriError, match="503"):
            await party.connection.come_back()
        assert not party.connection.connected
        party.pbx.broken = None
        await party.connection.come_back()
        party.pbx.broken = UNAVAILABLE
        await party.answer()
        assert (len(party.lost), party.sayings.given_up) == (2, 2), "one was enough"
        party.pbx.broken = None
        await party.connection.come_back()
        await party.answer()
        party.pbx.broken = UNAVAILABLE
        await party.answer(IN_VAIN - 1)
        assert party.connection.connected, "one that came to something, and it has its patience back"

    run(test())


@pytest.mark.parametrize(
    ("broken", "kind"),
    [(Response(403, "Forbidden"), AriRefusedError), (Response(500, "Internal Server Error"), AriError)],
)
def test_who_may_only_read_does_not_get_the_calls(run, broken: Response, kind: type[AriError]) -> None:
    async def test() -> None:
        party = Party()
        party.connection.connected = False
        party.pbx.broken = broken
        with pytest.raises(kind):
            await party.connection.come_back()

    run(test())


def test_an_asterisk_that_says_nothing_does_not_get_to_ask(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sayings, "TRIAL_S", 0.01)

    async def test() -> None:
        party = Party()
        party.connection.connected = False
        party.pbx.silent = True
        with pytest.raises(AriUnavailableError, match="nothing is done about calls"):
            await party.connection.come_back()

    run(test())
