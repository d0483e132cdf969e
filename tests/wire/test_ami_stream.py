"""Recorded bytes of a real Asterisk at every split point, and bytes no Asterisk writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_router.errors import AmiError
from asterisk_router.wire.ami_events import KINDS
from asterisk_router.wire.ami_listing import STATUS_ROWS, SUMMARY_ROWS
from asterisk_router.wire.ami_stream import MOST_BYTES, MOST_LINES, Block, BlockReader, shown

RECORDED = {path.stem: path.read_bytes() for path in (Path(__file__).parents[1] / "recorded").glob("*.ami")}
WANTED = (*KINDS, *STATUS_ROWS, *SUMMARY_ROWS)
GREETING = b"Asterisk Call Manager/11.0.0\r\n"
JOIN = "Event: QueueCallerJoin\r\nPrivilege: agent,all\r\nCallerIDName: Иван\r\nQueue: sales\r\n\r\n".encode()


def read(*pieces: bytes, greeting: bytes = GREETING) -> list[Block]:
    reader = BlockReader(WANTED)
    reader.feed(greeting)
    return [block for piece in pieces for block in reader.feed(piece)]


def test_there_are_recordings_of_both_ends_of_what_is_supported() -> None:
    assert {"ami-16.28", "ami-22.10"} <= RECORDED.keys()


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_connection_says_what_asterisk_wrote(name: str) -> None:
    raw = RECORDED[name]
    blocks = read(raw, greeting=b"")
    assert len(blocks) == raw.count(b"\r\nEvent: ") + raw.count(b"\r\nResponse: ")
    assert not [block.fault for block in blocks if block.fault]
    names = {block.fields["CallerIDName"] for block in blocks if block.kind == "QueueCallerJoin"}
    assert "Иван Петров" in names
    for block in blocks:
        lines = [f"{key}: {line}\r\n" for key, value in block.fields.items() for line in value.split("\n")]
        assert "".join([*lines, "\r\n"]).encode() in raw, "every line, in order, and nothing else"


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_connection_at_every_split_point(name: str) -> None:
    raw = RECORDED[name]
    whole = read(raw, greeting=b"")
    ends = [at + 4 for at in range(len(raw)) if raw.startswith(b"\r\n\r\n", at)]
    start = raw.index(b"\r\n") + 2
    at_hand = 0
    for end in ends:  # each block alone, cut in two at each of its bytes
        block = raw[start:end]
        expected = read(block)
        assert expected == whole[at_hand : at_hand + len(expected)]
        at_hand += len(expected)
        for cut in range(len(block) + 1):
            assert read(block[:cut], block[cut:]) == expected
        start = end
    assert at_hand == len(whole)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_connection_byte_by_byte(name: str) -> None:
    raw = RECORDED[name]
    assert read(*(raw[at : at + 1] for at in range(len(raw))), greeting=b"") == read(raw, greeting=b"")


@settings(max_examples=50)
@given(st.data())
def test_any_pieces_of_a_connection_give_the_same_blocks(data: st.DataObject) -> None:
    raw = RECORDED["ami-22.10"]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=30)))
    pieces = [raw[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert read(*pieces, greeting=b"") == read(raw, greeting=b"")


def test_a_name_split_inside_a_letter_arrives_whole() -> None:
    for cut in range(len(JOIN)):
        (block,) = read(JOIN[:cut], JOIN[cut:])
        assert block.fields["CallerIDName"] == "Иван"


def test_bytes_that_are_no_text_are_marked_and_break_nothing() -> None:
    (block,) = read(JOIN.replace("н".encode(), b"\xd0\xff"))
    assert block.fields["CallerIDName"] == "Ива\ufffd\ufffd"


def test_variables_are_kept_together_and_apart_from_the_agents() -> None:
    text = "Event: AgentCalled\r\nChanVariable: A=1\r\nChanVariable: B=x: y\r\nDestChanVariable: A=2\r\n\r\n"
    (block,) = read(text.encode())
    fields = {"Event": "AgentCalled", "ChanVariable": "A=1\nB=x: y", "DestChanVariable": "A=2"}
    assert block == Block("AgentCalled", fields)


def test_events_nobody_asked_for_are_left_out() -> None:
    assert [block.kind for block in read(b"Event: VarSet\r\n\r\nEvent: Hangup\r\nUniqueid: 1\r\n\r\n" + JOIN)] == [
        "QueueCallerJoin"
    ]


@pytest.mark.parametrize(
    "raw, fault",
    [
        (b"Uniqueid: 1.1\r\nQueue: sales\r\n\r\n", "begins with neither Event nor Response"),
        (b"\r\n\r\n", "begins with neither Event nor Response"),
        (b"event: QueueCallerJoin\r\n\r\n", "begins with neither Event nor Response"),
        (b"Event: QueueCallerJoin\r\nQueue: a\r\nQueue: b\r\n\r\n", "Queue comes twice"),
        (b"Event: QueueCallerJoin\r\nEvent: QueueCallerLeave\r\n\r\n", "Event comes twice"),
        (b"Event: QueueCallerJoin\r\n+421255501234\r\n\r\n", "a line without a key"),
        (b"Event: QueueCallerJoin\r\nQueue\r\n\r\n", "a line without a key"),
        (b"Event: QueueCallerJoin\r\n+4212: a\r\n+4212: b\r\n\r\n", "a line comes twice"),
        (b"Response: Success\r\nMessage: a\r\nMessage: b\r\n\r\n", "Message comes twice"),
        (b"Event: Made\r\nX: 1\r\nUniqueid: 1.1\r\nQueue: a\r\n\r\n", "an unknown event about a caller in a queue"),
    ],
)
def test_what_asterisk_never_writes_is_not_believed(raw: bytes, fault: str) -> None:
    (block, after) = read(raw + JOIN)
    assert block.fault == fault
    assert after == read(JOIN)[0], "what comes after it is read"


def test_the_first_of_two_lines_stands_in_a_block_that_is_not_believed() -> None:
    (block,) = read(b"Event: QueueCallerJoin\r\nQueue: a\r\nQueue: b\r\n\r\n")
    assert block.fields["Queue"] == "a"


def test_a_block_without_end_is_held_up_to_the_bound_only() -> None:
    reader = BlockReader(WANTED)
    reader.feed(GREETING + b"Event: QueueCallerJoin\r\nX: " + b"x" * (MOST_BYTES - 200))
    with pytest.raises(AmiError, match="a block of more than 65,536 bytes"):
        reader.feed(b"x" * 400)


def test_a_block_too_long_or_of_too_many_lines_ends_the_connection() -> None:
    with pytest.raises(AmiError, match="bytes"):
        read(b"Response: Success\r\nX: " + b"x" * MOST_BYTES + b"\r\n\r\n")
    lines = b"".join(b"X%d: 1\r\n" % number for number in range(MOST_LINES))
    with pytest.raises(AmiError, match="401 lines"):
        read(b"Response: Success\r\n" + lines + b"\r\n")


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.9\r\n", b"\r\n", b"Asterisk Call Manager/" + b"9" * 200])
def test_another_server_is_told_from_a_manager_interface(greeting: bytes) -> None:
    with pytest.raises(AmiError, match="not greeted as by a manager interface"):
        BlockReader(WANTED).feed(greeting)


def test_the_greeting_tells_the_version() -> None:
    reader = BlockReader(WANTED)
    for byte in GREETING:
        assert reader.version == ""
        assert reader.feed(bytes([byte])) == []
    assert reader.version == "11.0.0"


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"\r\n", b"\r\n\r\n", b"Event: ", b"Queue: "]), max_size=20))
def test_no_bytes_raise_anything_but_an_ami_error(pieces: list[bytes]) -> None:
    for block in read(*pieces):
        assert isinstance(block, Block)


def test_a_key_is_shown_only_when_it_is_one() -> None:
    assert [shown(key) for key in ("Queue", "", "+4212", "Queue 1", "x" * 50)] == ["Queue"] + ["a line"] * 4
