"""Callers of an import on their way to the daemon: pieces, each a length and one msgpack array.

    length (4 bytes, the highest first) | [number, record, number, record, ...]

A record is that of `caller_record`; a piece of length 0 is the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct

import msgpack  # type: ignore[import-untyped]

from ..callers.caller import Caller
from ..errors import CallerRecordError
from .caller_record import decode, encode_each

HEAD = Struct(">I")
"""What a piece begins with: how many bytes follow."""

END = HEAD.pack(0)
"""Comes behind the last piece."""

MOST_BYTES = 4 * 1024 * 1024
"""The longest piece."""

MOST_CALLERS = 1000
"""Callers in one piece: some milliseconds of work for whoever reads it."""


def pieces(callers: Sequence[Caller]) -> Iterator[tuple[int, bytes]]:
    """How many callers are in it, and the piece; raises CallerRecordError for one that fits into none.

    >>> [(count, len(piece)) for count, piece in pieces([Caller(("+12025550100",), "Ann")])]
    [(1, 26)]
    """
    for start in range(0, len(callers), MOST_CALLERS):
        yield from _pieces(callers[start : start + MOST_CALLERS])


def _pieces(callers: Sequence[Caller]) -> Iterator[tuple[int, bytes]]:
    texts: list[str | bytes] = []
    for caller, record in zip(callers, encode_each(callers), strict=True):
        texts += (caller.numbers[0], record)
    body = msgpack.packb(texts)
    if len(body) <= MOST_BYTES:
        yield len(callers), HEAD.pack(len(body)) + body
    elif len(callers) > 1:
        half = len(callers) // 2
        yield from _pieces(callers[:half])
        yield from _pieces(callers[half:])
    else:
        raise CallerRecordError("this caller is too long for the way to the daemon", where=callers[0].numbers[0])


def read_piece(body: bytes) -> list[Caller]:
    """The callers of a piece, without its head; raises CallerRecordError, never anything else."""
    try:
        texts = msgpack.unpackb(body, use_list=False)
    except Exception as fault:  # msgpack raises ValueError, TypeError, OverflowError and kinds of its own
        raise CallerRecordError(f"that is no piece of an import: {type(fault).__name__}") from None
    if type(texts) is not tuple or len(texts) % 2 or len(texts) > 2 * MOST_CALLERS:
        raise CallerRecordError("that is no piece of an import: not numbers and records")
    numbers, records = texts[::2], texts[1::2]
    if not {str}.issuperset(map(type, numbers)) or not {bytes}.issuperset(map(type, records)):
        raise CallerRecordError("that is no piece of an import: not numbers and records")
    return [decode(record, number) for number, record in zip(numbers, records, strict=True)]
