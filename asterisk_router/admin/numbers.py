"""Which number is this: raw caller IDs, one after another, as the numbering plan reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from json import JSONEncoder
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from ..numbering.number import Number

_encoded = JSONEncoder().encode

BLOCK_BYTES = 1 << 18
"""How much is read at once from a file of numbers; a slow writer's lines are answered as they come."""


def quoted(text: str) -> str:
    """Text as a JSON string that commands no terminal and turns no writing round.

    >>> quoted("Ann\\x7f")
    '"Ann\\\\u007f"'
    """
    return _encoded(text).replace("\x7f", "\\u007f")


def blocks_of_lines(source: BinaryIO) -> Iterator[list[str]]:
    """The lines of `source`, as many at a time as are there; a last line needs no line feed.

    Bytes that are no UTF-8 become U+FFFD, as they do in a call.
    """
    read = getattr(source, "read1", source.read)
    rest = b""
    while block := read(BLOCK_BYTES):
        whole, line_feed, tail = block.rpartition(b"\n")
        if not line_feed:
            rest += block
            continue
        yield (rest + whole).decode("utf-8", "replace").split("\n")
        rest = tail
    if rest:
        yield [rest.decode("utf-8", "replace")]


def as_row(number: Number) -> str:
    """One number as a row of aligned columns: kind, canonical number, country, what was written (if need be quoted)."""
    raw = number.raw if number.raw.isprintable() else quoted(number.raw)
    return f"{number.kind:<10} {number.key or '-':<18} {number.country or '-':<4} {raw}"


def as_json(number: Number) -> str:
    """One number as a JSON object on one line; only the raw text can hold anything that needs quoting."""
    return (
        f'{{"raw": {quoted(number.raw)}, "kind": "{number.kind}", '
        f'"number": "{number.key}", "country": "{number.country}"}}'
    )


def normalise_lines(
    normalise: Callable[[str], Number], lines: Iterable[str], written: Callable[[Number], str]
) -> Iterator[str]:
    """Each line normalised and written out; a carriage return at its end is not part of the number."""
    for line in lines:
        yield written(normalise(line.rstrip("\r")))
