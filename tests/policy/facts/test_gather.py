"""What the program is told of the live line: once a turn, never past its time, and the same as read one by one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller
from asterisk_router.errors import PolicyError
from asterisk_router.policy.facts.gather import Gatherer
from asterisk_router.policy.policy import Policy
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.live_lines import FREE, IN_USE, line_of
from tests.policy.written_policy import AT_S, NUMBER, decided, imagined, policy_of

NOBODY_FREE = '[[treat]]\nname = "nobody free"\nwhen = "queue(\'sales\').free == 0"\nbranch = "callback"\n'


class CountedLine(LiveLine):
    """Counts how often it is asked."""

    asked = 0
    agents_free = 0

    def free(self, queue: str, at_s: float) -> int | None:
        self.asked += 1
        return self.agents_free if at_s <= self.good_until_s else None


def counted(pbx: str = "house") -> CountedLine:
    line = CountedLine(pbx)
    line.good_until_s = AT_S + 5
    return line


def test_the_line_is_asked_once_a_turn(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, NOBODY_FREE)
    line = counted()
    assert {decided(policy, line).branch for _ in range(50)} == {"callback"}
    assert line.asked == 1
    line.agents_free, line.turn = 1, line.turn + 1
    assert {decided(policy, line).branch for _ in range(50)} == {"sales"}
    assert line.asked == 2


def test_a_policy_that_asks_nothing_of_the_line_never_asks_it(tmp_path: Path) -> None:
    line = counted()
    assert decided(policy_of(tmp_path, ""), line).branch == "sales"
    assert line.asked == 0


def test_what_is_too_old_is_unknown_whatever_the_turn_says(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, NOBODY_FREE)
    line = line_of({"anna": IN_USE})

    def branch(at_s: float) -> str:
        return policy.decide(IncomingCall(), NUMBER, Caller.UNKNOWN, at_s, 1, False, line).branch

    turn = line.turn
    assert branch(AT_S) == "callback"
    assert branch(AT_S + 5.5) == "sales", "a daemon that was frozen must not believe what it kept"
    line.heard(AT_S + 5)
    assert branch(AT_S + 5.5) == "callback"
    line.lost()
    assert branch(AT_S + 5.5) == "sales"
    assert line.turn != turn


def test_every_pbx_has_its_own_line(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, NOBODY_FREE)
    berlin, vienna = line_of({"anna": IN_USE}), line_of({"anna": FREE})
    seen = [decided(policy, line).branch for line in (berlin, vienna, berlin, LiveLine.UNKNOWN, vienna)]
    assert seen == ["callback", "sales", "callback", "sales", "sales"]


def test_two_policies_share_a_line_and_nothing_else(tmp_path: Path) -> None:
    line = line_of({"anna": IN_USE})
    old = policy_of(tmp_path, NOBODY_FREE)
    assert decided(old, line).branch == "callback"
    new = policy_of(tmp_path, NOBODY_FREE.replace("free == 0", "free > 0"))
    assert (decided(new, line).branch, decided(old, line).branch) == ("sales", "callback")


CLOCK = """\
[schedules.early]
open = ["mon-sun 00:00-{until}"]
timezone = "{zone}"
[[treat]]
name = "early"
when = "open('early'){also}"
branch = "callback"
"""


@pytest.mark.parametrize("also", ["", " and (hour < 5 or weekday != 'sun')", " and time >= '00:07'"])
@pytest.mark.parametrize("until", ["03:00", "00:20", "00:07"])
@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Bratislava", "2026-10-25T01:00"),
        ("America/St_Johns", "2010-11-07T02:31"),  # at a minute past midnight
        ("Australia/Lord_Howe", "2026-04-04T15:00"),  # by half an hour
        ("Asia/Kathmandu", "2026-03-02T18:15"),  # 5:45 before UTC
        ("Africa/Monrovia", "1971-06-01T00:44"),  # 44:30 behind it
    ],
)
def test_what_is_kept_of_the_clock_is_what_it_says(
    tmp_path: Path, zone: str, changes: str, until: str, also: str
) -> None:
    policy = policy_of(tmp_path, CLOCK.format(zone=zone, until=until, also=also))
    middle_s = datetime.fromisoformat(changes + "+00:00").timestamp()
    moments = [middle_s + minute * 60 + 59 for minute in range(-200, 200)]
    for at_s in (*moments[::2], *moments[::-2]):
        situation = policy.situation(IncomingCall(), NUMBER, Caller.UNKNOWN, at_s, 1, False)
        fresh = Gatherer(policy.compiled, policy.house)
        assert policy.walk(situation) == policy.program.walk(fresh.buckets(situation), fresh.labels(situation)), at_s
        if not also:
            assert (policy.walk(situation)[1] == 0) is policy.house.schedules["early"].is_open(at_s)


# ---- random conditions over random states, against what each question answers by itself


class State(NamedTuple):
    """What is so; None is unknown."""

    free: int | None
    waiting: int | None
    wait_s: int | None
    longest_s: int | None
    anna: bool | None
    value: int


class Question(NamedTuple):
    """A question and its answer."""

    text: str
    answer: Callable[[State], bool | None]


def question(text: str, name: str, holds: Callable[[Any], bool]) -> Question:
    def answer(state: State) -> bool | None:
        value = getattr(state, name)
        return None if value is None else holds(value)

    return Question(text, answer)


QUESTIONS = [
    question("queue('sales').free == 0", "free", lambda free: free == 0),
    question("queue('sales').free > 1", "free", lambda free: free > 1),
    question("1 <= queue('sales').free < 3", "free", lambda free: 1 <= free < 3),
    question("queue('sales').waiting >= 5", "waiting", lambda waiting: waiting >= 5),
    question("queue('sales').waiting in [0, 5]", "waiting", lambda waiting: waiting in (0, 5)),
    question("queue('sales').longest_wait > '1m'", "longest_s", lambda longest_s: longest_s > 60),
    question("queue('sales').expected_wait <= '40s'", "wait_s", lambda wait_s: wait_s <= 40),
    question("pressure('sales') == busy", "wait_s", lambda wait_s: 40 <= wait_s < 180),
    question("pressure('sales') >= busy", "wait_s", lambda wait_s: wait_s >= 40),
    question("agent('anna').free", "anna", bool),
    question("agent(own).free", "anna", bool),
    question("value >= 1000", "value", lambda value: value >= 1000),
    Question("known(queue('sales').free)", lambda state: state.free is not None),
    Question("known(pressure('sales'))", lambda state: state.wait_s is not None),
]


def denied(part: Question) -> Question:
    def answer(state: State) -> bool | None:
        inner = part.answer(state)
        return None if inner is None else not inner

    return Question(f"not ({part.text})", answer)


def joined(word: str, parts: list[Question]) -> Question:
    def answer(state: State) -> bool | None:
        answers = [part.answer(state) for part in parts]
        decisive = word == "or"
        return decisive if decisive in answers else None if None in answers else not decisive

    return Question("(" + f" {word} ".join(part.text for part in parts) + ")", answer)


questions = st.recursive(
    st.sampled_from(QUESTIONS),
    lambda inner: (
        inner.map(denied) | st.builds(joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3))
    ),
    max_leaves=6,
)
states = st.builds(
    State,
    st.none() | st.integers(0, 4),
    st.none() | st.integers(0, 7),
    st.none() | st.sampled_from([0, 39, 40, 41, 179, 180, 999]),
    st.none() | st.sampled_from([0, 59, 60, 61, 999]),
    st.none() | st.booleans(),
    st.sampled_from([0, 999, 1000]),
)


def line_in(policy: Policy, state: State) -> Any:
    load = {
        "sales__free": state.free,
        "sales__waiting": state.waiting,
        "sales__expected_wait": None if state.wait_s is None else f"{state.wait_s}s",
        "sales__longest_wait": None if state.longest_s is None else f"{state.longest_s}s",
        "anna__free": state.anna,
    }
    return imagined(policy, **{key: value for key, value in load.items() if value is not None})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(questions, min_size=1, max_size=4), st.lists(states, min_size=1, max_size=8))
def test_the_compiled_program_answers_as_the_questions_do(asked: list[Question], seen: list[State]) -> None:
    asked = list({each.text: each for each in asked}.values())
    text = "".join(f'[[bonus]]\nwhen = "{each.text}"\nhead_start = "{2**n}s"\n' for n, each in enumerate(asked))
    with tempfile.TemporaryDirectory() as folder:
        try:
            policy = policy_of(Path(folder), text)
        except PolicyError as refused:
            assert all("can never hold" in fault.problem or "64" in fault.problem for fault in refused.faults)
            return
    for state in seen:
        live = line_in(policy, state)
        caller = Caller((NUMBER.key,), value=state.value, own_agent="anna")
        wanted = sum(2**n for n, each in enumerate(asked) if each.answer(state) is True)
        assert decided(policy, live, caller).head_start_s == wanted, state
        story = policy.explain(IncomingCall(), NUMBER, caller, AT_S, 3, False, live)
        won = [rule.result == "won" for rule in story.rules if rule.step == "bonus"]
        assert won == [each.answer(state) is True for each in asked]
