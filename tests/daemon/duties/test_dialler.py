"""Who is called back, when, and that nobody is by two daemons; on a line made of events, with call-backs in a store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from asterisk_router.callers.call_back import CallBack, CallBackTerms, Miss
from asterisk_router.callers.caller import Caller
from asterisk_router.daemon.duties.dialler import LEASE_S, LOOK_S, REFUSED_S, Dialler, agents_left, call_to
from asterisk_router.errors import StoreError
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.acts import Act, Done, OriginateCall
from asterisk_router.queues.ageing import priority_of
from asterisk_router.queues.events import CallerListed, LineListed, MemberListed, QueueListed
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.store.call_backs import CallBackBook
from asterisk_router.store.connection.process_connection import ProcessConnection
from asterisk_router.store.redis_keys import RedisKeys
from tests.callers.test_call_back import ANNA, AT_S, call

NOW_S = AT_S + 600.0
"""A Monday in office hours."""

HOUSE = """
[policy]
name = "house"

[schedules.office]
timezone = "UTC"
open = ["mon-fri 08:00-18:00"]

[queues.sales]
asterisk = "401"

[call_backs]
open = "office"
dial = true
attempts = 2
pause = "10m"

[[classify]]
name = "everybody"
class = "default"

[classes.default]
branch = "sales"
queue = "sales"
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """A house that has its call-backs dialled in office hours."""
    (tmp_path / "house.toml").write_text(HOUSE)
    return load(str(tmp_path / "house.toml"))


class Pbx:
    """Takes down what it is asked to do."""

    def __init__(self, done: Done = Done(True)) -> None:  # noqa: B008  a NamedTuple cannot change
        self.calls: list[OriginateCall] = []
        self._done = done

    async def act(self, act: Act) -> Done:
        """Do nothing, and say what the test wants said."""
        assert isinstance(act, OriginateCall)
        self.calls.append(act)
        return self._done


def line_with(*, free: int = 1, waiting: tuple[CallerListed, ...] = (), at_s: float = NOW_S) -> LiveLine:
    """A PBX whose queue 401 has so many free agents, one who talks, and those callers."""
    members = [MemberListed(f"PJSIP/agent-{n}", status=1, ring_in_use=False) for n in range(free)]
    members.append(MemberListed("PJSIP/talks", status=2, ring_in_use=False))
    line = LiveLine("berlin", stale_after_s=1e6)
    line.apply(LineListed((QueueListed("401", tuple(members), waiting),)), at_s)
    line.heard(at_s)
    return line


def waits(waited_s: int, head_start_s: int = 0, channel: str = "PJSIP/trunk-1") -> CallerListed:
    """A caller of our dialplan in the queue."""
    return CallerListed("u1", channel, 1, waited_s, priority_of(head_start_s, NOW_S - waited_s))


class House:
    """A store with call-backs, and daemons that share it."""

    def __init__(self, policy: Policy) -> None:
        self.now_s = NOW_S
        self.policy = policy
        self.calling: set[str] = set()
        self.book = CallBackBook(ProcessConnection(), RedisKeys(), clock=lambda: self.now_s)

    def dialler(self, line: LiveLine, pbx: Pbx, name: str = "berlin") -> Dialler:
        """One daemon's dialler."""
        return Dialler(line, pbx, self.book, lambda: self.policy, on_the_line=lambda: self.calling, name=name)

    async def missed(
        self, uniqueid: str, number: str = ANNA.numbers[0], caller: Caller = ANNA, **known: object
    ) -> None:
        """A call that nobody took."""
        missed = call(uniqueid, 0, number, **{"queue": "sales", **known})
        await self.book.missed(missed, caller, self.policy.call_back_rules)


@pytest.fixture
def play(policy: Policy) -> Callable[[Callable[[House], Awaitable[None]]], None]:
    """Plays a body in a house with nobody to call back."""
    return lambda body: asyncio.run(body(House(policy)))  # type: ignore[arg-type]


Play = Callable[[Callable[[House], Awaitable[None]]], None]


def test_the_agent_is_rung_first_and_the_caller_keeps_what_the_queue_needs(play: Play) -> None:
    async def body(house: House) -> None:
        asked = {"how": "call-back-asked", "waits_since_s": AT_S - 240, "head_start_s": 60, "caller_class": "vip"}
        await house.missed("a", ANNA.numbers[1], **asked)
        pbx = Pbx()
        await house.dialler(line_with(), pbx).turn(NOW_S)
        (dialled,) = pbx.calls
        assert dialled.channel == "Local/401@router-call-back-agent/n"
        assert (dialled.context, dialled.extension) == ("router-call-back-caller", ANNA.numbers[1])
        assert dialled.variables == {
            "__ROUTER_CALL_BACK_OF": ANNA.numbers[0],
            "__ROUTER_WAITS_SINCE": str(int(AT_S - 240)),
            "__ROUTER_HEAD_START": "60",
            "__ROUTER_CLASS": "vip",
            "__ROUTER_QUEUE": "sales",
            "__ROUTER_DID": "+421255509000",
            "__ROUTER_SCREEN_NAME": "Anna Nova",
        }
        (entry,) = await house.book.entries()
        assert (entry.attempts, entry.owned_until_s) == (1, NOW_S + LEASE_S)

    play(body)


def test_two_daemons_call_nobody_twice(play: Play) -> None:
    async def body(house: House) -> None:
        await house.missed("a")
        pbx, line = Pbx(), line_with(free=4)
        diallers = [house.dialler(line, pbx, name) for name in ("berlin-1", "berlin-2")]
        for look in range(3):
            await asyncio.gather(*(dialler.turn(NOW_S + look * LOOK_S) for dialler in diallers))
        assert len(pbx.calls) == 1

    play(body)


def test_where_another_daemon_is_quicker_by_a_moment_nobody_is_called(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(house: House) -> None:
        await house.missed("a")
        pbx, dial = Pbx(), house.book.dial

        async def late(number: str, owner: str, for_s: float, terms: CallBackTerms) -> CallBack:
            assert (await dial(number, "the other daemon", for_s, terms)).is_open
            return await dial(number, owner, for_s, terms)

        monkeypatch.setattr(house.book, "dial", late)
        dialler = house.dialler(line_with(), pbx)
        await dialler.turn(NOW_S)
        assert pbx.calls == [] and dialler.made == 0

    play(body)


@pytest.mark.parametrize(
    ("line", "when_s"),
    [
        (line_with(free=0), NOW_S),
        (line_with(waiting=(waits(60),)), NOW_S),
        (line_with(), NOW_S + 8 * 3600),
        (LiveLine("berlin"), NOW_S),
    ],
    ids=["nobody free", "somebody waits for the only one", "outside calling hours", "the line is unknown"],
)
def test_nobody_is_called(play: Play, line: LiveLine, when_s: float) -> None:
    async def body(house: House) -> None:
        await house.missed("a")
        pbx = Pbx()
        await house.dialler(line, pbx).turn(when_s)
        assert pbx.calls == []

    play(body)


def test_nobody_is_called_who_calls_the_house_at_this_moment_by_whatever_number(play: Play) -> None:
    async def body(house: House) -> None:
        await house.missed("a")
        pbx = Pbx()
        dialler = house.dialler(line_with(), pbx)
        house.calling = {ANNA.numbers[1]}
        await dialler.turn(NOW_S)
        assert pbx.calls == []
        house.calling = {"+421255500109"}
        await dialler.turn(NOW_S + LOOK_S)
        assert len(pbx.calls) == 1

    play(body)


def test_nobody_is_dialled_where_the_policy_leaves_it_to_people(play: Play, tmp_path: Path) -> None:
    async def body(house: House) -> None:
        (tmp_path / "people.toml").write_text(HOUSE.replace("dial = true", "dial = false"))
        house.policy = load(str(tmp_path / "people.toml"))
        await house.missed("a")
        pbx = Pbx()
        await house.dialler(line_with(), pbx).turn(NOW_S)
        assert pbx.calls == []

    play(body)


def test_who_asked_goes_before_a_caller_who_waits_for_less_long_and_who_was_missed_does_not(play: Play) -> None:
    async def body(house: House) -> None:
        somebody = ("+421255500109", Caller.UNKNOWN)
        await house.missed("a", *somebody)
        pbx, line = Pbx(), line_with(waiting=(waits(120),))
        await house.dialler(line, pbx).turn(NOW_S)
        assert pbx.calls == []
        await house.missed("b", how="call-back-asked")
        await house.dialler(line, pbx).turn(NOW_S)
        assert [dialled.extension for dialled in pbx.calls] == [ANNA.numbers[0]]

    play(body)


def test_for_who_asked_a_place_is_kept_at_the_front_of_the_queue_and_only_one(play: Play) -> None:
    async def body(house: House) -> None:
        for uniqueid, number in (("a", ANNA.numbers[0]), ("b", "+421255500109")):
            whose = ANNA if number in ANNA.numbers else Caller.UNKNOWN
            await house.missed(uniqueid, number, whose, how="call-back-asked")
        pbx = Pbx()
        dialler = house.dialler(line_with(free=0, waiting=(waits(120),)), pbx)
        await dialler.turn(NOW_S)
        assert len(pbx.calls) == 1
        placeholder = waits(600, channel="Local/401@router-call-back-agent-00000001;2")
        await house.dialler(line_with(free=0, waiting=(placeholder, waits(120))), pbx).turn(NOW_S + LOOK_S)
        assert len(pbx.calls) == 1
        line = line_with(free=0)
        line.apply(LineListed((QueueListed("401", (MemberListed("PJSIP/anna", paused=True, status=1),)),)), NOW_S)
        await house.dialler(line, pbx).turn(NOW_S + 2 * LOOK_S)
        assert len(pbx.calls) == 1, "nobody is at work"

    play(body)


def test_one_call_for_each_free_agent() -> None:
    under_way = waits(0, channel="Local/401@router-call-back-agent-00000001;2")
    late, early = waits(10), waits(600)
    priority = priority_of(0, NOW_S - 300)
    for waiting, left in (((), 2), ((late,), 2), ((early,), 1), ((under_way,), 1), ((under_way, early), 0)):
        line = line_with(free=2, waiting=waiting)
        assert agents_left(line.queues["401"], 2, priority) == left


def test_what_the_pbx_refuses_is_no_attempt_and_is_tried_after_the_pause(play: Play) -> None:
    async def body(house: House) -> None:
        await house.missed("a")
        pbx = Pbx(Done(False, "Permission denied"))
        dialler = house.dialler(line_with(), pbx)
        await dialler.turn(NOW_S)
        (entry,) = await house.book.entries()
        assert (entry.attempts, entry.owner, entry.next_attempt_at_s) == (0, "", NOW_S + 600)
        await house.missed("b", "+421255500109", Caller.UNKNOWN)
        await dialler.turn(NOW_S + LOOK_S)
        assert len(pbx.calls) == 1
        await dialler.turn(NOW_S + REFUSED_S)
        assert len(pbx.calls) == 2

    play(body)


def test_a_fault_of_the_store_is_said_without_the_number_and_nobody_is_dialled(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(house: House) -> None:
        async def others_were_quicker(*words: object) -> CallBack:
            raise StoreError("others changed it", where=ANNA.numbers[0])

        await house.missed("a")
        monkeypatch.setattr(house.book, "dial", others_were_quicker)
        pbx = Pbx()
        await house.dialler(line_with(), pbx).turn(NOW_S)
        assert (pbx.calls, "others changed it" in caplog.text, ANNA.numbers[0] in caplog.text) == ([], True, False)

    play(body)


def test_an_extension_of_the_house_is_left_to_people(play: Play) -> None:
    async def body(house: House) -> None:
        await house.missed("a", "101", Caller.UNKNOWN)
        pbx = Pbx()
        await house.dialler(line_with(), pbx).turn(NOW_S)
        assert pbx.calls == []

    play(body)


def test_what_people_wrote_cannot_be_more_than_a_name() -> None:
    miss = Miss("a", "+421255500100", NOW_S, NOW_S)
    rude = CallBack("+421255500100", name='${X},"A\r\nB" <1>;' + "x" * 500, caller_class="a,b", misses=(miss,))
    made = call_to(rude, "401", NOW_S)
    assert made.variables["__ROUTER_SCREEN_NAME"].startswith("{X}AB 1x")
    assert made.variables["__ROUTER_CLASS"] == ""
    assert made.caller_id.count("<") == 1 and len(made.caller_id) < 120
