"""The report of an end: what the dialplan says, however garbled, and what became of the call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.queues.served_calls import Service
from asterisk_router.wire.end_report import NUMBER_MAX, EndReport, began, concluded, read, read_line
from asterisk_router.wire.incoming_call import IncomingCall

RANG_S = 1795413703.0
BEGAN = BeganCall("b-1", "b-0", RANG_S, "+12025550100", "+12025550150", "customer", "sales", "sales", 60, 20)
WHOLE = (
    "rang=1795413703;over=1795413763;class=customer;branch=sales;queue=sales;head=60;promised=20;since=1795413705;"
    "qs=TIMEOUT;abandoned=TRUE;ds=NOANSWER;member=PJSIP/anna;dialled=PJSIP/anna-0000001;answered=31;waited=9;asked=1;"
    "owed=0;callback=+12025550100;dir=out"
)


def test_everything_that_is_said_is_read() -> None:
    assert read(WHOLE) == EndReport(
        1795413703, 1795413763, "customer", "sales", "sales", 60, 20, 1795413705, "TIMEOUT", True, "NOANSWER",
        "PJSIP/anna", "PJSIP/anna-0000001", 31, 9, True, False, "+12025550100", "out",
    )  # fmt: skip


def test_nothing_said_is_an_incoming_call_that_is_owed_a_call_back() -> None:
    assert read("") == EndReport()
    assert read("owed=;head=;rang=") == EndReport()


@pytest.mark.parametrize(
    ("text", "number"),
    [("-5", 0), ("9.7", 9), ("1e3", 0), ("x", 0), ("\u0663", 0), ("9" * 400, NUMBER_MAX), (" 7 ", 7)],
)
def test_numbers_are_whole_and_within_bounds(text: str, number: int) -> None:
    assert read(f"answered={text}").answered_s == number


@given(st.text(max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    report = read(text)
    ended = concluded(report, BEGAN, Service.NONE, RANG_S + 30)
    assert ended.outcome in ("answered", "missed")
    assert 0 <= ended.talked_s <= NUMBER_MAX


def test_what_was_said_first_counts() -> None:
    assert read("qs=TIMEOUT;qs=WITHDRAW;x=1;=;;").queue_status == "TIMEOUT"


@pytest.mark.parametrize(
    ("said", "how"),
    [
        ("since=1795413705;abandoned=TRUE", "abandoned"),
        ("since=1795413705;abandoned=TRUE;qs=TIMEOUT", "timed-out"),
        ("since=1795413705;abandoned=TRUE;qs=WITHDRAW", "withdrawn"),
        *((f"since=1795413705;qs={word}", "nobody-there") for word in ("JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL")),
        *((f"qs={word}", "nobody-there") for word in ("LEAVEUNAVAIL", "FULL")),
        ("qs=TIMEOUT;asked=1", "call-back-asked"),
        ("ds=NOANSWER", "abandoned"),
        ("ds=ANSWER", "abandoned"),
        ("member=PJSIP/anna;abandoned=TRUE", "abandoned"),
    ],
)
def test_a_missed_call_says_how(said: str, how: str) -> None:
    ended = concluded(read(said), BEGAN, Service.NONE, RANG_S + 30)
    assert (ended.outcome, ended.how, ended.agent) == ("missed", how, "")


def test_a_branch_without_a_queue_informs() -> None:
    informed = BEGAN._replace(branch="information", queue="")
    assert concluded(read(""), informed, Service.NONE, RANG_S + 30).how == "informed"
    assert concluded(read(""), informed._replace(branch=""), Service.NONE, RANG_S + 30).how == "abandoned"


def test_the_events_of_the_queues_say_who_spoke() -> None:
    service = Service("PJSIP/anna", "Anna", 12, 45, "caller")
    ended = concluded(read("since=1795413705;abandoned=TRUE"), BEGAN, service, RANG_S + 60)
    assert (ended.outcome, ended.how, ended.agent) == ("answered", "talked", "Anna")
    assert (ended.waited_s, ended.talked_s) == (12.0, 45.0)
    moved = concluded(read(""), BEGAN, service._replace(ending="transfer", name=""), RANG_S + 60)
    assert (moved.how, moved.agent) == ("transferred", "PJSIP/anna")


def test_a_conversation_whose_end_has_not_been_heard_yet_is_counted_by_the_clock() -> None:
    service = Service("PJSIP/anna", "Anna", 12, 0, "")
    assert concluded(read("since=1795413705"), BEGAN, service, RANG_S + 60).talked_s == 46.0
    assert concluded(read("since=1795413705;answered=44"), BEGAN, service, RANG_S + 60).talked_s == 44.0


def test_without_events_the_dialplan_says_who_spoke() -> None:
    queued = concluded(
        read("member=PJSIP/anna;abandoned=FALSE;answered=20;waited=9;since=1795413705"),
        BEGAN,
        Service.NONE,
        RANG_S + 40,
    )
    assert (queued.outcome, queued.agent, queued.talked_s, queued.waited_s) == ("answered", "PJSIP/anna", 20.0, 9.0)
    dialled = concluded(read("ds=ANSWER;answered=31;dialled=PJSIP/eva-00000a2f"), BEGAN, Service.NONE, RANG_S + 40)
    assert (dialled.outcome, dialled.agent, dialled.talked_s) == ("answered", "PJSIP/eva", 31.0)


def test_what_the_report_leaves_out_is_as_it_was_at_the_beginning() -> None:
    ended = concluded(read("queue=support;owed=0;callback=+12025550100"), BEGAN, Service.NONE, RANG_S + 30)
    assert (ended.uniqueid, ended.linkedid, ended.number, ended.line) == ("b-1", "b-0", BEGAN.number, BEGAN.line)
    assert (ended.caller_class, ended.branch, ended.queue) == ("customer", "sales", "support")
    assert (ended.head_start_s, ended.promised_wait_s) == (60, 20)
    assert (ended.call_back, ended.call_back_id) == (False, "+12025550100")
    assert (ended.began_at_s, ended.ended_at_s) == (RANG_S, RANG_S + 30)


def test_without_a_report_only_a_conversation_is_known() -> None:
    assert concluded(None, BEGAN, Service.NONE, RANG_S + 9).outcome == "unknown"
    spoke = concluded(None, BEGAN, Service("PJSIP/anna", "Anna", 3, 5, "caller"), RANG_S + 9)
    assert (spoke.outcome, spoke.how) == ("answered", "talked")


def test_a_clock_set_back_gives_no_call_of_less_than_nothing() -> None:
    ended = concluded(read("since=1795413705"), BEGAN, Service.NONE, RANG_S - 3600)
    assert (ended.ended_at_s, ended.waited_s) == (RANG_S, 0.0)


def test_a_call_out_says_nothing_of_queues() -> None:
    ended = concluded(read("dir=out;ds=NOANSWER"), BEGAN, Service.NONE, RANG_S + 30)
    assert (ended.direction, ended.outcome, ended.how) == ("out", "missed", "")


@pytest.mark.parametrize(
    ("said", "outcome", "how", "agent"),
    [
        ("member=PJSIP/anna;ds=ANSWER;dialled=PJSIP/trunk-1;answered=31", "answered", "talked", "PJSIP/anna"),
        ("ds=ANSWER;dialled=PJSIP/trunk-1;answered=31", "answered", "talked", "somebody"),
        ("member=PJSIP/anna;ds=BUSY;callback=+12025550100", "missed", "", ""),
        ("member=PJSIP/anna;callback=+12025550100", "missed", "no-way-out", ""),
        ("qs=TIMEOUT;callback=+12025550100", "missed", "nobody-there", ""),
    ],
    ids=["called back", "called by somebody", "called in vain", "no way out", "no agent was reached"],
)
def test_whether_the_house_reached_somebody_is_said_by_its_own_dial(
    said: str, outcome: str, how: str, agent: str
) -> None:
    ended = concluded(read(f"dir=out;{said}"), BEGAN, Service.NONE, RANG_S + 60)
    assert (ended.outcome, ended.how, ended.agent) == (outcome, how, agent)


def test_a_beginning_is_made_of_the_report_when_nobody_saw_it() -> None:
    call = IncomingCall(uniqueid="b-9", linkedid="b-8", called_number="+12025550150")
    seen = began(read(WHOLE), call, "+12025550100", RANG_S + 60)
    assert (seen.uniqueid, seen.at_s, seen.number, seen.line) == ("b-9", RANG_S, "+12025550100", "+12025550150")
    assert (seen.caller_class, seen.branch, seen.queue, seen.head_start_s) == ("customer", "sales", "sales", 60)
    assert began(read(""), call, "", RANG_S).at_s == RANG_S, "by our clock, then"
    assert began(read("rang=99999999999999"), call, "", RANG_S).at_s == RANG_S


def test_a_line_of_the_spool_is_the_same_query() -> None:
    line = b"uid=b-1&lid=b-0&did=42120550000&chan=PJSIP%2Ftrunk-1&num=%2B12025550100&end=qs%3DTIMEOUT%3Bowed%3D0&x=1\n"
    assert read_line(line) == IncomingCall(
        caller_number="+12025550100", called_number="42120550000", channel="PJSIP/trunk-1", uniqueid="b-1",
        linkedid="b-0", ended="qs=TIMEOUT;owed=0",
    )  # fmt: skip


@pytest.mark.parametrize("line", [b"", b"uid=b-1", b"end=qs", b"uid=%0a&end=qs", b"uid=b&end=a%00", b"\xff\xfe=\xff"])
def test_a_line_that_is_no_report_is_tainted(line: bytes) -> None:
    assert read_line(line).tainted
