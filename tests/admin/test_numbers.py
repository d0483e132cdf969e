"""Streams of raw caller IDs, read and written a block at a time."""

from __future__ import annotations

import io
import json
import os
import threading

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.admin.numbers import as_json, as_row, blocks_of_lines, normalise_lines
from asterisk_router.numbering.number import Number
from asterisk_router.numbering.plan import NumberingPlan

SLOVAK = NumberingPlan("SK")


class InPieces(io.RawIOBase):
    """A pipe whose writer writes at these places."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def read(self, size: int = -1) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


@given(st.lists(st.binary(max_size=9), max_size=9))
def test_lines_do_not_depend_on_how_they_arrive(pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    together = [line for block in blocks_of_lines(InPieces([text])) for line in block]  # type: ignore[arg-type]
    apart = [line for block in blocks_of_lines(InPieces(list(pieces))) for line in block]  # type: ignore[arg-type]
    whole = text.decode("utf-8", "replace").split("\n")
    assert together == apart == (whole[:-1] if whole[-1] == "" else whole)


def test_a_line_is_answered_before_the_next_one_comes() -> None:
    read, write = os.pipe()
    with open(read, "rb") as source, open(write, "wb", buffering=0) as sink:
        blocks = blocks_of_lines(source)
        sink.write(b"02/5550 0100\n")
        first: list[list[str]] = []
        reader = threading.Thread(target=lambda: first.append(next(blocks)), daemon=True)
        reader.start()
        reader.join(60)
        assert first == [["02/5550 0100"]]


@given(st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"])))
def test_json_holds_whatever_was_written(raw: str) -> None:
    number = Number("malformed", "", "", raw)
    assert json.loads(as_json(number)) == {"raw": raw, "kind": "malformed", "number": "", "country": ""}


def test_a_row_is_aligned_and_names_all() -> None:
    assert as_row(SLOVAK.normalise("02/5550 0100")).split() == ["e164", "+421255500100", "SK", "02/5550", "0100"]
    assert as_row(SLOVAK.normalise("anonymous")).split() == ["withheld", "-", "-", "anonymous"]


def test_a_carriage_return_ends_the_line() -> None:
    written = normalise_lines(SLOVAK.normalise, ["02/5550 0100\r"], as_json)
    assert [json.loads(line)["number"] for line in written] == ["+421255500100"]


def test_what_was_written_commands_no_terminal() -> None:
    raw = "1\x1b[2J\x7f\u202e2"
    number = Number("malformed", "", "", raw)
    assert as_row(number).isprintable()
    assert as_json(number).isprintable()
    assert json.loads(as_json(number))["raw"] == raw
