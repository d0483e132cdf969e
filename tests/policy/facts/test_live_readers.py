"""Facts of the live line, as a call reads them; the value bar and its floor."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.caller import Caller, CallOutcome, History, PastCall
from asterisk_router.callers.history import add_call
from asterisk_router.numbering.number import Number
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.situation import LiveAnswers
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.live_lines import FREE, IN_USE, line_of
from tests.policy.written_policy import AT_S, NUMBER, assert_refused, decided, imagined, policy_of

PUT_OFF = """\
[[treat]]
name = "put off"
when = "under_bar('sales')"
branch = "sales-info"
[[bonus]]
name = "not under the bar"
when = "not under_bar('sales')"
head_start = "1s"
[[bonus]]
name = "nobody knows"
when = "not known(under_bar('sales'))"
head_start = "2s"
"""

YES, NO, UNKNOWN = "yes", "no", "unknown"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return policy_of(tmp_path_factory.mktemp("policy"), PUT_OFF)


def under_bar(policy: Policy, live: LiveAnswers, caller: Caller, choice: str = "") -> str:
    """What the compiled program takes `under_bar('sales')` for."""
    decision = decided(policy, live, caller, choice=choice)
    answer = {0: YES, 1: NO, 2: UNKNOWN}[decision.head_start_s]
    assert (decision.branch == "sales-info") is (answer == YES)
    return answer


def caller_of(value: int, *outcomes: CallOutcome, matters: tuple[str, ...] = ()) -> Caller:
    """Somebody on record with earlier calls, oldest first."""
    recent = tuple(PastCall(int(AT_S) - 900 + n, outcome) for n, outcome in enumerate(outcomes))
    return Caller((NUMBER.key,), value=value, open_matters=matters, history=History(len(recent), recent=recent))


waits = st.none() | st.sampled_from([0, 29, 30, 119, 120, 86400]) | st.integers(0, 300)
pasts = st.lists(st.sampled_from(["answered", "missed", "unknown"]), max_size=4)


@given(
    wait_s=waits,
    value=st.sampled_from([0, 499, 500, 2999, 3000, 9999]),
    past=pasts,
    matters=st.sampled_from([(), ("incident",), ("deal",)]),
)
def test_the_bar_is_questions_joined_by_and(
    house: Policy, wait_s: int | None, value: int, past: list[CallOutcome], matters: tuple[str, ...]
) -> None:
    live = imagined(house) if wait_s is None else imagined(house, sales__expected_wait=f"{wait_s}s")
    least = None if wait_s is None else 0 if wait_s < 30 else 500 if wait_s < 120 else 3000
    missed = None if past[-1:] == ["unknown"] else past[-1:] == ["missed"]
    parts = [None if least is None else value < least, None if missed is None else not missed]
    parts.append("incident" not in matters)
    wanted = NO if False in parts else UNKNOWN if None in parts else YES
    assert under_bar(house, live, caller_of(value, *past, matters=matters)) == wanted


def test_whoever_cannot_be_known_is_queued(house: Policy) -> None:
    full = imagined(house, sales__expected_wait="10m")
    assert decided(house, full).branch == "sales-info", "a new number is worth nothing yet"
    for number, degraded in ((Number("withheld", ""), False), (NUMBER, True)):
        made = house.decide(IncomingCall(), number, Caller.UNKNOWN, AT_S, 1, degraded, full)
        assert (made.branch, made.head_start_s) == ("sales", 2)
    calm = house.decide(IncomingCall(), NUMBER, Caller.UNKNOWN, AT_S, 1, True, imagined(house, sales__free=1))
    assert calm.branch == "sales"


def test_a_protected_class_is_under_no_bar_whatever_is_unknown(house: Policy) -> None:
    full = imagined(house, sales__expected_wait="10m")
    for live in (full, LiveLine.UNKNOWN):
        assert under_bar(house, live, caller_of(0), choice="incident") == NO


@given(st.lists(st.tuples(waits, st.sampled_from(["answered", "missed"])), min_size=2, max_size=30))
def test_nobody_is_put_off_twice_in_a_row(house: Policy, calls: list[tuple[int | None, CallOutcome]]) -> None:
    """The floor: somebody of no value calls again and again under whatever load; being put off is a missed call."""
    history, put_off_before = History(), False
    for n, (wait_s, outcome) in enumerate(calls):
        live = imagined(house) if wait_s is None else imagined(house, sales__expected_wait=f"{wait_s}s")
        put_off = decided(house, live, Caller((NUMBER.key,), history=history)).branch == "sales-info"
        assert not (put_off and put_off_before)
        history = add_call(history, int(AT_S) + n, "", "missed" if put_off else outcome)
        put_off_before = put_off


def test_once_put_off_they_are_queued_until_somebody_speaks_with_them(house: Policy) -> None:
    full = imagined(house, sales__expected_wait="10m")
    assert decided(house, full, caller_of(0)).branch == "sales-info"
    assert decided(house, full, caller_of(0, "missed")).branch == "sales"
    assert decided(house, full, caller_of(0, "missed", "missed")).branch == "sales"
    assert decided(house, full, caller_of(0, "missed", "answered")).branch == "sales-info"


def test_protected_classes_cannot_even_be_named_beside_the_bar(tmp_path: Path) -> None:
    assert_refused(
        tmp_path, "[[treat]]\nwhen = \"¦in_class('incident') and under_bar('sales')\"\nbranch = 'callback'\n",
        "can never hold",
    )  # fmt: skip
    assert_refused(
        tmp_path, "[[classify]]\nname = 'x'\nwhen = \"¦under_bar('sales')\"\nclass = 'caller'\n",
        "not known while the call is classified", "[[treat]]",
    )  # fmt: skip
    assert_refused(
        tmp_path, "[[treat]]\nwhen = \"under_bar(¦'care')\"\nbranch = 'callback'\n",
        "queue 'care' has no value_bar", "[queues.care]",
    )  # fmt: skip


AGENTS = """\
[[bonus]]
when = "agent(own).free"
head_start = "1s"
[[bonus]]
when = "not agent(last).free"
head_start = "2s"
[[bonus]]
when = "agent('boris').free"
head_start = "4s"
[[bonus]]
when = "not known(agent(own).free)"
head_start = "8s"
"""


def test_agents_are_asked_at_their_desk(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, AGENTS)
    live = line_of({"anna": FREE, "boris": IN_USE})
    caller = Caller((NUMBER.key,), own_agent="anna", history=History(1, last_agent="boris"))
    assert decided(policy, live, caller).head_start_s == 1 + 2
    assert decided(policy, live, caller._replace(own_agent="boris")).head_start_s == 2
    assert decided(policy, live, Caller((NUMBER.key,))).head_start_s == 8, "nobody's own agent is neither free nor not"
    assert decided(policy, line_of({"boris": FREE}), caller).head_start_s == 4 + 8, "anna is in no queue"
    assert decided(policy, LiveLine.UNKNOWN, caller).head_start_s == 8


def test_an_agent_is_known_by_desk_and_mobile(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, "")
    assert policy.agent_by_interface("PJSIP/anna") == "anna"
    assert policy.agent_by_interface("PJSIP/+421255501901@trunk") == "anna"
    assert policy.agent_by_interface("PJSIP/boris") == "boris"
    assert policy.agent_by_interface("PJSIP/nobody") == policy.agent_by_interface("") == ""


QUEUE = """\
[[bonus]]
when = "queue('sales').free == 0"
head_start = "1s"
[[bonus]]
when = "queue('sales').waiting >= 2"
head_start = "2s"
[[bonus]]
when = "queue('sales').longest_wait >= '1m'"
head_start = "4s"
[[bonus]]
when = "queue('sales').expected_wait > '30s'"
head_start = "8s"
[[bonus]]
when = "pressure('sales') >= busy"
head_start = "16s"
[[bonus]]
when = "not known(queue('sales').free) and not known(pressure('sales'))"
head_start = "32s"
"""


def test_queues_are_asked_by_their_names_in_asterisk(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, QUEUE)
    assert decided(policy, line_of({"anna": IN_USE}, waiting=2)).head_start_s == 1 + 2 + 4 + 8 + 16
    assert decided(policy, line_of({"anna": FREE})).head_start_s == 0
    assert decided(policy, LiveLine("house")).head_start_s == 32
