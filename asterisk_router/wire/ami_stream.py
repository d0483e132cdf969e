"""The manager interface byte by byte: whatever pieces the network makes of it, whole blocks come out.

A block is decoded only when its end is there, so a letter split between two segments arrives whole; events nobody
asked for are dropped undecoded. What a caller wrote into their number can look like lines, or like whole blocks:
a block with a line twice, or with none of the marks of an event, carries a `fault` and is not to be believed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..errors import AmiError

MOST_BYTES = 65_536
"""Longest block taken; app_queue's longest has under 3,000 bytes, whatever callers send (a name has 80 at most)."""

MOST_LINES = 400
"""Most lines of a block; AgentComplete, the longest, has 45 and one for each variable of `channelvars`."""

CHANNEL_VARIABLES = "ChanVariable"
"""Key of the variables of the caller's channel: `NAME=value` a line, joined by line feeds."""

_GREETING = b"Asterisk Call Manager/"
_MOST_GREETING = 128
_END = b"\r\n\r\n"
_MANY = (CHANNEL_VARIABLES, "DestChanVariable")
"""The only keys Asterisk writes more than once into a block."""


class Block(NamedTuple):
    """One block of the manager interface."""

    kind: str
    """Name of the event; empty for the response to an action."""
    fields: dict[str, str]
    """Its lines, key to value, the first of a key; variables as `CHANNEL_VARIABLES` says."""
    fault: str = ""
    """Why it is not to be believed; names a key, never a value."""


class BlockReader:
    """Makes blocks of the bytes of one connection, in order, responses and the `wanted` events only."""

    def __init__(self, wanted: Collection[str]) -> None:
        self.version = ""
        """Version of the interface, as `11.0.0`; empty until the greeting is there."""
        self._wanted = {kind.encode(): kind for kind in wanted}
        self._held = b""

    def feed(self, data: bytes) -> list[Block]:
        """Return the blocks that end in `data`; raises AmiError when this is no manager interface, or out of bounds.

        After the error the connection is of no use: where the next block begins is no longer known.
        """
        held = self._held + data
        if not self.version:
            held = self._greeted(held)
        *whole, self._held = held.split(_END)
        if len(self._held) > MOST_BYTES:
            raise AmiError(f"a block of more than {MOST_BYTES:,} bytes")
        blocks = []
        for raw in whole:
            if raw[:7] == b"Event: ":
                line_end = raw.find(b"\r\n")
                kind = self._wanted.get(raw[7:line_end] if line_end > 0 else raw[7:], "")
                if kind:
                    blocks.append(_read(kind, raw))
                elif b"\r\nQueue: " in raw and b"\r\nUniqueid: " in raw:
                    blocks.append(Block("", {}, "an unknown event about a caller in a queue"))
            elif raw[:10] == b"Response: ":
                blocks.append(_read("", raw))
            else:
                blocks.append(Block("", {}, "begins with neither Event nor Response"))
        return blocks

    def _greeted(self, held: bytes) -> bytes:
        """Take the greeting off; what remains, nothing while it is incomplete."""
        line, ended, rest = held.partition(b"\r\n")
        if not held.startswith(_GREETING[: len(held)]) or len(line) > _MOST_GREETING:
            raise AmiError("not greeted as by a manager interface", remedy="host and port of manager.conf?")
        if not ended:
            return held
        self.version = line[len(_GREETING) :].decode("ascii", "replace") or "unknown"
        return rest


def _read(kind: str, raw: bytes) -> Block:
    """One block that Asterisk may have written; raises AmiError for one out of bounds."""
    lines = raw.decode("utf-8", "replace").split("\r\n")
    if len(raw) > MOST_BYTES or len(lines) > MOST_LINES:
        raise AmiError(f"a block of {len(raw):,} bytes and {len(lines):,} lines")
    fields: dict[str, str] = {}
    fault = ""
    for line in lines:
        key, colon, value = line.partition(": ")
        if key not in fields and colon:
            fields[key] = value
        elif key in _MANY and colon:
            fields[key] += "\n" + value
        elif not fault:
            fault = f"{shown(key)} comes twice" if colon else "a line without a key"
    return Block(kind, fields, fault)


def shown(key: str) -> str:
    """A key for a message or a log: only what keys are made of, for it may be a caller's text.

    >>> shown("Queue"), shown("+421 2 5550")
    ('Queue', 'a line')
    """
    return key if key.isascii() and key.isalpha() and len(key) < 40 else "a line"
