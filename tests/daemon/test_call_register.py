"""What the door, the dialplan and the queues say of a call becomes one beginning and one end."""

from __future__ import annotations

import pytest

from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.daemon import call_register
from asterisk_router.daemon.call_register import FORGOTTEN_S, UNREPORTED_S, CallRegister
from asterisk_router.policy.decision import Decision
from asterisk_router.queues.events import AgentCompleted, AgentConnected, CallerJoined, Ending
from asterisk_router.queues.served_calls import ServedCalls
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1_795_413_703.25
CALL = IncomingCall("+12025550100", "+12025550150", uniqueid="b-1", linkedid="b-0")
DECISION = Decision(
    "customer", "sales", queue="sales", head_start_s=60, promised_wait_s=20, number="+12025550100", rule="known"
)


class Kept:
    """A registry that only remembers."""

    def __init__(self) -> None:
        self.calls: list[BeganCall] = []
        self.ends: list[EndedCall] = []

    def began(self, call: BeganCall) -> None:
        self.calls.append(call)

    def ended(self, call: EndedCall) -> None:
        self.ends.append(call)


class Rig:
    """A register with everything it works with."""

    def __init__(self) -> None:
        self.now_s = AT_S
        self.kept = Kept()
        agents = {"PJSIP/anna": "anna"}
        self.register = CallRegister(
            self.kept,
            ServedCalls(),
            lambda call: call.caller_number if call.caller_number.startswith("+") else "",
            lambda interface: agents.get(interface, ""),
            clock=lambda: self.now_s,
        )

    def spoke(self, uniqueid: str = "b-1", interface: str = "PJSIP/anna") -> None:
        self.register.apply(AgentConnected("sales", uniqueid, "b-0", interface, "Anna N.", 9, 3), self.now_s)

    def spoken(self, uniqueid: str = "b-1", interface: str = "PJSIP/anna", ending: Ending = "caller") -> None:
        completed = AgentCompleted("sales", uniqueid, interface, "Anna N.", 9, 45, ending)
        self.register.apply(completed, self.now_s)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def report(**names: str) -> IncomingCall:
    return CALL._replace(ended=";".join(f"{name}={value}" for name, value in names.items()))


def test_a_decision_is_the_beginning_and_a_report_the_end(rig: Rig) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    (began,) = rig.kept.calls
    assert began == BeganCall(
        "b-1", "b-0", AT_S, "+12025550100", "+12025550150", "customer", "sales", "sales", 60, 20, "known"
    )
    assert (len(rig.register), rig.register.open_call("b-1")) == (1, began)
    rig.register.ended(report(qs="TIMEOUT", since="1795413705", over="1795413763"), AT_S + 99)
    (ended,) = rig.kept.ends
    assert (ended.uniqueid, ended.began_at_s, ended.ended_at_s) == ("b-1", AT_S, 1_795_413_763.0)
    assert (ended.outcome, ended.how, ended.number, ended.caller_class) == (
        "missed",
        "timed-out",
        "+12025550100",
        "customer",
    )
    assert (len(rig.register), rig.register.open_call("b-1").caller_class) == (0, "")


def test_the_queues_say_who_spoke_and_the_policy_what_they_are_called(rig: Rig) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    rig.spoke()
    rig.spoken()
    rig.register.ended(report(), AT_S + 60)
    (ended,) = rig.kept.ends
    assert (ended.outcome, ended.agent, ended.talked_s) == ("answered", "anna", 45.0)
    rig.register.decided(CALL._replace(uniqueid="b-2"), DECISION, AT_S)
    rig.spoke("b-2", "PJSIP/eva")
    rig.register.ended(report()._replace(uniqueid="b-2"), AT_S + 60)
    assert rig.kept.ends[1].agent == "Anna N.", "as the queue calls whom the policy does not know"


def test_a_call_that_asks_again_is_one_call_that_goes_where_it_was_sent_last(rig: Rig) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    again = DECISION._replace(branch="complaints", queue="complaints", caller_class="complainer", number="")
    rig.register.decided(CALL._replace(choice="complaint", called_number="s"), again, AT_S + 20)
    assert [(call.choice, call.at_s, call.caller_class) for call in rig.kept.calls] == [
        ("", AT_S, "customer"),
        ("complaint", AT_S, "complainer"),
    ]
    assert rig.register.open_call("b-1").caller_class == "complainer"
    rig.register.ended(report(), AT_S + 60)
    (ended,) = rig.kept.ends
    assert (ended.began_at_s, ended.branch, ended.caller_class) == (AT_S, "complaints", "complainer")
    assert (ended.number, ended.line) == (DECISION.number, CALL.called_number), "as it rang"


def test_a_call_that_asked_another_daemon_first_began_there(rig: Rig) -> None:
    rig.register.decided(CALL._replace(choice="complaint"), DECISION, AT_S + 20)
    assert [(call.choice, call.caller_class) for call in rig.kept.calls] == [("complaint", "customer")]
    assert len(rig.register) == 0
    rig.register.ended(report(rang="1795413703", branch="complaints"), AT_S + 60)
    assert [(call.began_at_s, call.branch) for call in rig.kept.ends] == [(1_795_413_703.0, "complaints")]


def test_of_a_tainted_call_no_number_is_kept_and_of_a_failed_one_the_number_alone(rig: Rig) -> None:
    tainted = CALL._replace(caller_number="", tainted="line 9")
    rig.register.decided(tainted, DECISION._replace(number=""), AT_S)
    rig.register.decided(CALL._replace(uniqueid="b-2"), None, AT_S)
    rig.register.decided(CALL._replace(uniqueid="b-3", caller_number="anonymous"), None, AT_S)
    assert [(call.number, call.branch) for call in rig.kept.calls] == [("", "sales"), ("+12025550100", ""), ("", "")]


def test_an_end_whose_beginning_nobody_saw_is_whole_in_itself(rig: Rig) -> None:
    rig.register.ended(report(rang="1795413700", branch="default"), AT_S + 60)
    (ended,) = rig.kept.ends
    assert (ended.began_at_s, ended.number, ended.line) == (1_795_413_700.0, "+12025550100", "+12025550150")
    assert (ended.branch, ended.outcome) == ("default", "missed")


def test_a_call_without_a_name_is_registered_and_not_taken_for_another(rig: Rig) -> None:
    nameless = CALL._replace(uniqueid="")
    rig.register.decided(nameless, DECISION, AT_S)
    rig.register.decided(nameless, DECISION, AT_S + 1)
    assert len({call.uniqueid for call in rig.kept.calls}) == 2


def test_a_conversation_that_ended_without_a_report_is_concluded_after_a_while(rig: Rig) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    rig.register.decided(CALL._replace(uniqueid="b-2"), DECISION, AT_S)
    rig.spoke()
    rig.now_s += 50
    rig.spoken()
    rig.now_s += UNREPORTED_S
    rig.register.conclude_unreported()
    assert rig.kept.ends == []
    rig.now_s += 1
    rig.register.conclude_unreported()
    (ended,) = rig.kept.ends
    assert (ended.uniqueid, ended.outcome, ended.ended_at_s) == ("b-1", "answered", AT_S + 50)
    assert (rig.register.unreported, len(rig.register)) == (1, 1)


@pytest.mark.parametrize("ending", ["transfer", "caller"])
def test_a_call_that_went_on_to_another_queue_is_not_concluded_while_it_waits_there(rig: Rig, ending: Ending) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    rig.spoke()
    rig.spoken(ending=ending)
    rig.register.apply(CallerJoined("support", "b-1", "b-0", "PJSIP/t-1", 1, 1, 0), rig.now_s)
    rig.now_s += UNREPORTED_S + 1
    rig.register.conclude_unreported()
    assert rig.kept.ends == [] and rig.register.open_call("b-1").caller_class == "customer"
    rig.spoke(interface="PJSIP/eva")
    rig.register.ended(report(), AT_S + 200)
    assert [(call.outcome, call.ended_at_s) for call in rig.kept.ends] == [("answered", AT_S + 200)]


def test_a_call_transferred_out_of_the_queues_is_not_concluded_while_it_lasts(rig: Rig) -> None:
    rig.register.decided(CALL, DECISION, AT_S)
    rig.spoke()
    rig.spoken(ending="transfer")
    rig.now_s += UNREPORTED_S + 1
    rig.register.conclude_unreported()
    assert rig.kept.ends == []


def test_a_call_nobody_reports_is_over_some_day_and_nobody_says_how(rig: Rig) -> None:
    rig.register.resume(BeganCall("b-0", "", AT_S - FORGOTTEN_S, "", ""))
    rig.register.decided(CALL, DECISION, AT_S)
    rig.now_s += 1
    rig.register.conclude_unreported()
    (ended,) = rig.kept.ends
    assert (ended.uniqueid, ended.outcome, ended.how) == ("b-0", "unknown", "")
    assert len(rig.register) == 1


def test_open_calls_are_bounded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_register, "OPEN_MAX", 3)
    for number in range(5):
        rig.register.decided(CALL._replace(uniqueid=f"b-{number}"), DECISION, AT_S + number)
    assert [call.uniqueid for call in rig.kept.ends] == ["b-0", "b-1"]
    assert (len(rig.register), len(rig.kept.calls)) == (3, 5)


def test_names_of_any_length_are_kept_short(rig: Rig) -> None:
    long = CALL._replace(uniqueid="u" * 5000, linkedid="l" * 5000, called_number="9" * 5000)
    rig.register.decided(long, DECISION, AT_S)
    rig.register.ended(long._replace(ended="qs=TIMEOUT"), AT_S + 9)
    assert len(rig.kept.calls[0].uniqueid) == len(rig.kept.ends[0].line) == 200
    assert len(rig.register) == 0


def test_a_decision_is_kept_with_what_was_seen_and_how_long_it_took(rig: Rig) -> None:
    seen: list[float] = []
    register = CallRegister(
        rig.kept,
        ServedCalls(),
        lambda call: "",
        facts_of=lambda call, decision, at_s: seen.append(at_s) or f"choice={call.choice}",
        clock=lambda: AT_S + 0.0125,
    )
    register.decided(CALL, DECISION._replace(trust=2, reason="classify known p.toml:3"), AT_S)
    register.decided(CALL._replace(uniqueid="b-2"), None, AT_S + 1)
    began, failed = rig.kept.calls
    assert (began.trust, began.reason, began.facts) == (2, "classify known p.toml:3", "choice=")
    assert (began.latency_ms, failed.latency_ms, failed.facts) == (12.5, 0.0, "")
    assert seen == [AT_S]


def test_a_call_whose_facts_cannot_be_written_down_is_registered_all_the_same(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    register = CallRegister(rig.kept, ServedCalls(), lambda call: "", facts_of=lambda *_: 1 / 0)  # type: ignore[return-value]
    register.decided(CALL, DECISION, AT_S)
    assert [call.facts for call in rig.kept.calls] == [""]
    assert "b-1" in caplog.text
