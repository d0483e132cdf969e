"""The AGI session as a table: every event in every state."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.wire.agi_session import AgiSession, AsteriskAtFaultError, RouterAtFaultError, read_call

RECORDED = {path.stem: path.read_bytes() for path in (Path(__file__).parents[1] / "recorded").glob("*.agi")}
BLOCK = RECORDED["fastagi"]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recorded_session_at_every_split_point(name: str) -> None:
    block = RECORDED[name]
    whole = read_call(block)
    assert whole is not None
    for cut in range(1, len(block)):
        session = AgiSession()
        assert session.receive(block[:cut]) is None
        assert session.receive(block[cut:]) == whole
        session.answered()
        assert session.receive(b"200 result=1\nHANGUP\n") is None
        assert session.receive(b"") is None
        assert session.state == "over"


def test_bytes_after_the_block_taint_the_call_until_the_answer() -> None:
    session = AgiSession()
    first = session.receive(BLOCK)
    assert first is not None
    assert first.tainted == ""
    again = session.receive(b"x")
    assert again is not None
    assert again.tainted == "bytes after the blank line"
    assert again.called_number == first.called_number, "the line that the URL named is still believed"
    assert session.state == "deciding"
    session.answered()
    assert session.receive(b"x") is None


def test_asterisk_is_at_fault_when_it_ends_inside_the_block() -> None:
    session = AgiSession()
    session.receive(BLOCK[:-1])
    with pytest.raises(AsteriskAtFaultError):
        session.receive(b"")
    assert session.state == "over"


def test_a_hangup_while_deciding_is_nobodys_fault() -> None:
    session = AgiSession()
    session.receive(BLOCK)
    assert session.receive(b"") is None
    assert session.state == "over"


@pytest.mark.parametrize(
    "pieces",
    [[BLOCK, b"HANGUP\n"], [BLOCK + b"HANGUP\n"], [BLOCK[:-1], b"\nHANGUP\n"], [BLOCK + b"HANGUP\nHANGUP\n"]],
)
def test_asterisk_that_gives_up_ends_the_session(pieces: list[bytes]) -> None:
    session = AgiSession()
    for piece in pieces[:-1]:
        session.receive(piece)
    assert session.receive(pieces[-1]) is None
    assert session.state == "over"


@pytest.mark.parametrize("after", [b"", b"HANGUP\n", b"HANGUP\nHANGUP\n"])
def test_the_report_of_an_end_is_read_also_from_one_who_has_hung_up(after: bytes) -> None:
    session = AgiSession()
    call = session.receive(BLOCK.replace(b"route?", b"ended?end=qs%3DTIMEOUT&") + after)
    assert call is not None and (call.ended, call.tainted) == ("qs=TIMEOUT", "")
    session.answered()
    assert session.receive(b"HANGUP\n") is None
    assert session.state == "draining"


def test_we_are_at_fault_when_we_answer_out_of_turn_or_read_on() -> None:
    session = AgiSession()
    with pytest.raises(RouterAtFaultError, match="answer while asking"):
        session.answered()
    session.receive(BLOCK)
    session.answered()
    with pytest.raises(RouterAtFaultError, match="answer while draining"):
        session.answered()
    session.receive(b"")
    with pytest.raises(RouterAtFaultError, match="end while over"):
        session.receive(b"")
