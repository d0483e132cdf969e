"""An act of a person as it is recorded: one line of JSON, chained to the line before it by a hash.

Whoever changes, removes or inserts a line breaks the chain there. Whom an act was about stands in it as a random
token that leads nowhere once the caller is forgotten, so the chain need not be rewritten for that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from ..errors import ActRecordError

Outcome = Literal["allowed", "refused", "failed", "done"]
"""`allowed` is written before an act is done, so that none goes unrecorded; `failed` after one that came to nothing;
`refused` in place of one that the role does not reach; `done` where the record is written afterwards."""

OUTCOMES = ("allowed", "refused", "failed", "done")
"""Every outcome."""

FIRST = "0" * 64
"""What the first record names as the hash before it."""


class ActNote(NamedTuple):
    """What is to be recorded of one act."""

    at_s: float
    """When, in seconds since 1970 UTC."""
    who: str
    """The person."""
    role: str
    """Their role then."""
    source: str
    """How it is known who they are: `uid 1000`, `token wallboard`."""
    act: str
    """What they did, in the words of the command line: `tag add`."""
    subject: str = ""
    """What it was done to; a caller by a token."""
    detail: str = ""
    """What else tells one act from another: the name of the tag, the minutes; never a number or a name of a caller."""
    outcome: Outcome = "allowed"
    """What became of it."""
    id: str = ""
    """Names an act that was noted elsewhere first, so that it is recorded once."""


class ActRecord(NamedTuple):
    """One link of the chain."""

    number: int
    """Its place, counted from 1."""
    note: ActNote
    """What is recorded."""
    previous: str
    """The hash of the record before it; FIRST for the first."""
    hash: str
    """The SHA-256 of all of this, in hexadecimal."""


class Fault(NamedTuple):
    """The first place where a chain does not hold."""

    number: int
    """The record's place, counted from 1."""
    problem: str
    """What is wrong there."""


def chained(number: int, note: ActNote, previous: str) -> ActRecord:
    """The record of `note` at that place, behind the record with the hash `previous`.

    >>> chained(1, ActNote(0.0, "eva", "admin", "uid 0", "tag add"), FIRST).hash[:8]
    'eee14f1d'
    """
    return ActRecord(number, note, previous, _hash_of(number, note, previous))


def encode(record: ActRecord) -> bytes:
    """The line of a record, without its end."""
    return _line({**_plain(record.number, record.note, record.previous), "hash": record.hash})


def encode_note(note: ActNote) -> bytes:
    """The line of a note that waits for its place in the chain."""
    return _line(note._asdict())


def decode(line: bytes, where: str = "") -> ActRecord:
    """The record in a line, whether or not its hash is right; raises ActRecordError."""
    try:
        plain = json.loads(line)
        number, previous, own = plain.pop("number"), plain.pop("previous"), plain.pop("hash")
        if type(number) is not int or type(previous) is not str or type(own) is not str:
            raise TypeError("a link that is none")
        return ActRecord(number, _note(plain), previous, own)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        raise ActRecordError(f"no record of an act: {type(fault).__name__}", where=where) from None


def decode_note(line: bytes) -> ActNote:
    """The note in a line; raises ActRecordError."""
    try:
        return _note(json.loads(line))
    except (ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise ActRecordError(f"no note of an act: {type(fault).__name__}") from None


def first_fault(lines: Iterable[bytes]) -> Fault | None:
    """Where a chain, given from its first line on, first fails to hold; None where it holds."""
    previous = FIRST
    for number, line in enumerate(lines, 1):
        try:
            record = decode(line)
        except ActRecordError as fault:
            return Fault(number, fault.problem)
        if record.number != number:
            return Fault(number, f"stands where record {number} should: it calls itself record {record.number}")
        if record.previous != previous:
            return Fault(number, "does not follow from the record before it")
        if record.hash != _hash_of(number, record.note, previous) or encode(record) != line:
            return Fault(number, "was changed after it was written")
        previous = record.hash
    return None


def _note(plain: dict[str, Any]) -> ActNote:
    note = ActNote(**plain)
    texts = (*note[1:7], note.id)
    if type(note.at_s) is not float or note.outcome not in OUTCOMES or any(type(text) is not str for text in texts):
        raise TypeError("not the fields of an act")
    return note


def _hash_of(number: int, note: ActNote, previous: str) -> str:
    return sha256(_line(_plain(number, note, previous))).hexdigest()


def _plain(number: int, note: ActNote, previous: str) -> dict[str, Any]:
    return {"number": number, **note._asdict(), "previous": previous}


def _line(plain: dict[str, Any]) -> bytes:
    """JSON in one way only: what is hashed is what is kept."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
