"""Every act as an action; nothing that is said can become a line, or a variable, of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import AmiError
from asterisk_router.queues.acts import (
    Act,
    AddMember,
    ChangePriority,
    OriginateCall,
    PauseMember,
    RedirectCaller,
    RemoveMember,
    WithdrawCaller,
)
from asterisk_router.wire.ami_actions import MOST_LINE_BYTES, action_of, list_of


@pytest.mark.parametrize(
    "act, action",
    [
        (
            ChangePriority("sales", "PJSIP/trunk-1", -300),
            "QueueChangePriorityCaller Queue=sales Caller=PJSIP/trunk-1 Priority=-300 Immediate=yes",
        ),
        (
            WithdrawCaller("sales", "PJSIP/trunk-1", "call-back"),
            "QueueWithdrawCaller Queue=sales Caller=PJSIP/trunk-1 WithdrawInfo=call-back",
        ),
        (AddMember("sales", "PJSIP/anna"), "QueueAdd Queue=sales Interface=PJSIP/anna Penalty=0"),
        (
            AddMember("sales", "Local/1@agents", "Анна", 2, "PJSIP/anna"),
            "QueueAdd Queue=sales Interface=Local/1@agents Penalty=2 MemberName=Анна StateInterface=PJSIP/anna",
        ),
        (RemoveMember("sales", "PJSIP/anna"), "QueueRemove Queue=sales Interface=PJSIP/anna"),
        (
            PauseMember("sales", "PJSIP/anna", True, "lunch"),
            "QueuePause Queue=sales Interface=PJSIP/anna Paused=true Reason=lunch",
        ),
        (PauseMember("sales", "PJSIP/anna", False), "QueuePause Queue=sales Interface=PJSIP/anna Paused=false"),
        (
            RedirectCaller("PJSIP/trunk-1", "router-preempted"),
            "Redirect Channel=PJSIP/trunk-1 Context=router-preempted Exten=s Priority=1",
        ),
        (
            OriginateCall("PJSIP/anna", "router-call-back", "s"),
            "Originate Channel=PJSIP/anna Context=router-call-back Exten=s Priority=1 Timeout=30000 Async=true",
        ),
    ],
)
def test_every_act_has_its_action(act: Act, action: str) -> None:
    name, *fields = action.split()
    expected = {"Action": name, **dict(field.split("=") for field in fields)}
    assert action_of(act) == expected
    assert next(iter(action_of(act))) == "Action"


def test_variables_are_set_one_by_one_whatever_is_in_them() -> None:
    variables = {"ROUTER_NUMBER": "+421255501234", "NAME": 'Lee, "Bo" (x) [y] \\'}
    action = action_of(OriginateCall("PJSIP/anna", "router-call-back", "s", variables, "Иван <+421255501234>"))
    assert action["Variable"] == ["ROUTER_NUMBER=+421255501234", 'NAME=Lee\\, \\"Bo\\" \\(x\\) \\[y\\] \\\\']
    assert action["CallerID"] == "Иван <+421255501234>"


@pytest.mark.parametrize("name", ["", "CALLERID(name)", "A B", "A=B", "1A", "A,B", "A\r\nAction"])
def test_only_plain_variables_are_set(name: str) -> None:
    with pytest.raises(AmiError, match="is no name of a channel variable"):
        action_of(OriginateCall("PJSIP/anna", "router-call-back", "s", {name: "1"}))


ONE_TEXT = [
    lambda text: ChangePriority(text, "c", 0),
    lambda text: ChangePriority("q", text, 0),
    lambda text: WithdrawCaller("q", "c", text),
    lambda text: AddMember("q", "i", text),
    lambda text: AddMember("q", text),
    lambda text: RemoveMember(text, "i"),
    lambda text: PauseMember("q", "i", True, text),
    lambda text: RedirectCaller(text, "x"),
    lambda text: RedirectCaller("c", "x", text),
    lambda text: OriginateCall("c", text, "s"),
    lambda text: OriginateCall("c", "x", "s", caller_id=text),
    lambda text: OriginateCall("c", "x", "s", {"A": text}),
]


@pytest.mark.parametrize("act_with", ONE_TEXT)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0"])
def test_a_line_end_in_any_value_is_refused(act_with, end: str) -> None:
    with pytest.raises(AmiError, match="holds the end of a line"):
        action_of(act_with(f"a{end}Action: Command"))


@pytest.mark.parametrize("act_with", ONE_TEXT)
def test_a_line_asterisk_would_discard_is_refused(act_with) -> None:
    with pytest.raises(AmiError, match="too long"):
        action_of(act_with("я" * (MOST_LINE_BYTES // 2)))
    with pytest.raises(AmiError, match="no text"):
        action_of(act_with("\udc80"))


@given(st.text(), st.integers(0, len(ONE_TEXT) - 1))
def test_an_action_is_one_block_whatever_is_said(text: str, at: int) -> None:
    try:
        action = action_of(ONE_TEXT[at](text))
    except AmiError:
        return
    values = [value for each in action.values() for value in (each if isinstance(each, list) else [each])]
    assert not any(mark in value for value in values for mark in "\r\n\0")


def test_the_question_for_a_snapshot() -> None:
    assert list_of() == {"Action": "QueueStatus"}
    assert list_of("sales") == {"Action": "QueueStatus", "Queue": "sales"}
    with pytest.raises(AmiError):
        list_of("sales\r\nAction: Logoff")
