"""What a real Asterisk wrote, in our words; and what it never would, refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import ForgedBlockError
from asterisk_router.queues.events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    AgentRungInVain,
    CallerAbandoned,
    CallerJoined,
    CallerLeft,
    Event,
    MemberChanged,
    MemberListed,
    MemberRemoved,
)
from asterisk_router.wire.ami_events import KINDS, event_of, text_of, unescaped, whole
from asterisk_router.wire.ami_stream import Block, BlockReader

RECORDED = sorted((Path(__file__).parents[1] / "recorded").glob("*.ami"))
ANNA, LEE = "Local/answers@agents/n", "Local/rings@agents/n"


def blocks_of(path: Path) -> list[Block]:
    return [block for block in BlockReader(KINDS).feed(path.read_bytes()) if block.kind]


def fields_of(kind: str, **changed: str | None) -> dict[str, str]:
    """The first recorded event of that kind, with fields changed, or left out (None)."""
    fields = dict(next(block.fields for block in blocks_of(RECORDED[-1]) if block.kind == kind))
    for key, value in changed.items():
        if value is None:
            del fields[key]
        else:
            fields[key] = value
    return fields


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_an_afternoon_in_two_queues(path: Path) -> None:
    said: list[Event] = [event_of(block.kind, block.fields) for block in blocks_of(path)]
    joined = [event for event in said if isinstance(event, CallerJoined)]
    first, second, third = (event.uniqueid for event in joined)
    assert [event._replace(uniqueid="", linkedid="", channel="") for event in joined] == [
        CallerJoined("sales", "", "", "", 1, 1, 7, "+421255501234", "Иван Петров"),
        CallerJoined("sales", "", "", "", 2, 2, 0, "+421255501235", 'Bo "Bob"  Lee'),
        CallerJoined("sales", "", "", "", 3, 3, -3, "+12025550100", ""),
    ]
    assert all(event.linkedid != event.uniqueid and event.channel.startswith("Local/sales@in") for event in joined)
    left = [event for event in said if isinstance(event, (CallerLeft, CallerAbandoned))]
    assert left[:2] == [CallerAbandoned("sales", third, 6), CallerLeft("sales", third, 2)]
    assert {event.uniqueid for event in left[2:]} == {first, second}
    assert left[-1].uniqueid in (first, second) and left[-1][-1] == 0
    (connected,) = [event for event in said if isinstance(event, AgentConnected)]
    assert connected[:5] == ("sales", first, joined[0].linkedid, ANNA, "Анна")
    assert 15 <= connected.waited_s <= 20 and connected.rang_s == 0
    assert connected.channel == joined[0].channel
    (completed,) = [event for event in said if isinstance(event, AgentCompleted)]
    assert completed._replace(talked_s=2) == AgentCompleted(
        "sales", first, ANNA, "Анна", connected.waited_s, 2, "agent"
    )
    assert AgentRung("sales", first, ANNA, "Анна") in said
    assert AgentRungInVain("sales", second, LEE) in said
    assert said[-1] == MemberRemoved("sales", ANNA)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_what_becomes_of_an_agent(path: Path) -> None:
    members = [
        event.member
        for event in (event_of(block.kind, block.fields) for block in blocks_of(path))
        if isinstance(event, MemberChanged) and event.queue == "sales" and event.member.interface == LEE
    ]
    added = MemberListed(LEE, 'Bo "Bob" \\ Lee', LEE, paused=True, status=1, ring_in_use=False)
    on_lunch = added._replace(paused_reason="lunch")
    assert members[:4] == [
        added,
        on_lunch,
        on_lunch._replace(penalty=4),
        on_lunch._replace(penalty=4, ring_in_use=True),
    ]
    back = members[4]
    assert (back.paused, back.paused_reason) == (False, "")
    assert members[5].status == 2, "the channel of the agent is in use"


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_without_privilege_is_refused(kind: str) -> None:
    with pytest.raises(ForgedBlockError, match=f"{kind} without Privilege"):
        event_of(kind, fields_of(kind, Privilege=None))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("QueueMember")])
@pytest.mark.parametrize("key", ["Uniqueid", "Linkedid", "Queue"])
def test_an_event_of_a_channel_that_names_no_call_is_refused(kind: str, key: str) -> None:
    with pytest.raises(ForgedBlockError, match=f"{kind} without {key}"):
        event_of(kind, fields_of(kind, **{key: None}))


@pytest.mark.parametrize(
    "kind, key",
    [
        ("QueueCallerJoin", "Position"),
        ("QueueCallerJoin", "Count"),
        ("QueueCallerLeave", "Count"),
        ("QueueCallerAbandon", "HoldTime"),
        ("AgentConnect", "HoldTime"),
        ("AgentConnect", "RingTime"),
        ("AgentComplete", "TalkTime"),
        ("QueueMemberStatus", "Status"),
        ("QueueMemberStatus", "Penalty"),
        ("QueueMemberStatus", "LastCall"),
    ],
)
@pytest.mark.parametrize("value", ["", "one", "1.0", " 1", "1_0", "٣", "--1", "1" * 13, "0x1"])
def test_what_must_be_a_number_is_one(kind: str, key: str, value: str) -> None:
    with pytest.raises(ForgedBlockError, match=f"{kind} with no number where one must stand"):
        event_of(kind, fields_of(kind, **{key: value}))


def test_no_refusal_repeats_what_a_caller_wrote() -> None:
    with pytest.raises(ForgedBlockError) as refused:
        event_of("QueueCallerLeave", fields_of("QueueCallerLeave", Count="+421255501234"))
    assert "5550" not in str(refused.value)


@pytest.mark.parametrize(
    "variables, priority",
    [
        (None, None),
        ("ROUTER_ID=r-17", None),
        ("QUEUE_PRIO=", 0),
        ("QUEUE_PRIO=7", 7),
        ("ROUTER_ID=\nQUEUE_PRIO=-120", -120),
        ("QUEUE_PRIO= 12 and more", 12),
        ("QUEUE_PRIO=high", 0),
    ],
)
def test_the_priority_is_read_as_app_queue_reads_it(variables: str | None, priority: int | None) -> None:
    event = event_of("QueueCallerJoin", fields_of("QueueCallerJoin", ChanVariable=variables))
    assert isinstance(event, CallerJoined)
    assert event.priority == priority


def test_a_second_priority_is_a_forgery() -> None:
    with pytest.raises(ForgedBlockError, match="QUEUE_PRIO comes twice"):
        event_of("QueueCallerJoin", fields_of("QueueCallerJoin", ChanVariable="QUEUE_PRIO=900\nQUEUE_PRIO=0"))


def test_an_end_for_no_known_reason_is_refused() -> None:
    with pytest.raises(ForgedBlockError, match="AgentComplete for no reason there is"):
        event_of("AgentComplete", fields_of("AgentComplete", Reason="boredom"))


@pytest.mark.parametrize(
    "written, meant",
    [("plain", "plain"), (r"Bo \"Bob\"", 'Bo "Bob"'), (r"a\\nb", r"a\nb"), (r"a\nb\t", "a\nb\t"), ("end\\", "end\\")],
)
def test_names_lose_their_escapes(written: str, meant: str) -> None:
    assert unescaped(written) == meant


def test_text_for_people_holds_no_controls_and_is_bounded() -> None:
    assert text_of("A\x1b[2J\r\nnna\x85") == "A[2Jnna"
    assert text_of("<unknown>") == text_of("unknown") == ""
    assert len(text_of("x" * 10_000)) == 256


def test_a_name_cannot_bring_controls_back_in_by_their_escapes() -> None:
    event = event_of("QueueCallerJoin", fields_of("QueueCallerJoin", CallerIDName=r"An\r\nna"))
    assert isinstance(event, CallerJoined)
    assert event.name == "Anna"


def test_a_number_is_told_from_text() -> None:
    assert [whole(text) for text in ("0", "007", "-3")] == [0, 7, -3]


def test_a_conversation_may_end_after_its_callers_channel() -> None:
    fields = fields_of("AgentComplete")
    of_the_agent = {key: value for key, value in fields.items() if f"Dest{key}" not in fields}
    completed = event_of("AgentComplete", of_the_agent)
    assert isinstance(completed, AgentCompleted) and completed.uniqueid == ""
    assert completed.interface == fields["Interface"]


PIECES = (
    "\r\n", "\r\n\r\n", "\n", "\r", "\0", "\x1b", ": ", "+421255501234", "Event: QueueCallerLeave", "Event: Made",
    "Privilege: agent,all", "Uniqueid: 1.1", "Linkedid: 1.1", "Queue: sales", "Count: 1", "Response: Success",
    "ChanVariable: QUEUE_PRIO=9", "Interface: PJSIP/anna",
)  # fmt: skip
JOIN = next(raw for raw in RECORDED[-1].read_bytes().split(b"\r\n\r\n") if raw.startswith(b"Event: QueueCallerJoin"))


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=80))
def test_whatever_a_caller_has_for_a_number_is_an_event_or_a_refusal(number: str) -> None:
    said = JOIN.replace(b"+421255501234", number.encode(errors="replace"), 1) + b"\r\n\r\n"
    events: list[Event] = []
    refused = 0
    for kind, fields, fault in BlockReader(KINDS).feed(b"Asterisk Call Manager/11.0.0\r\n" + said):
        try:
            refused += bool(fault)
            if kind and not fault:
                events.append(event_of(kind, fields))
        except ForgedBlockError:
            refused += 1
    if "\r\n" not in number:
        assert len(events) == 1 and not refused, "a number alone breaks nothing"
    if not refused and "Event: " not in number:
        (joined,) = events
        true = event_of("QueueCallerJoin", fields_of("QueueCallerJoin"))
        assert isinstance(joined, CallerJoined) and isinstance(true, CallerJoined)
        assert joined._replace(number="") == true._replace(number=""), "what is believed is what Asterisk wrote"
