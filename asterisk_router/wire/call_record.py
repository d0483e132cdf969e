"""What the registry keeps of a call, as the journal and the stream hold it: one msgpack array.

`[version, kind, field, field, ...]`, the fields in the order of their NamedTuple. A newer release may append fields:
an older one reads what it knows of them, and takes the default for fields a record does not have yet.
"""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]

from ..callers.registered_call import BeganCall, EndedCall, Gap, Registered
from ..errors import CallRecordError

VERSION = 1
"""Layout written by this release; changed only when old fields change their meaning."""

DAY_S = 86_400
"""A day, in seconds."""

_NUMBERS = (int, float)
_KINDS: dict[int, type[Any]] = {1: BeganCall, 2: EndedCall, 3: Gap}
_CODES = {kind: code for code, kind in _KINDS.items()}
_EMPTY = (BeganCall("", "", 0.0, "", ""), EndedCall("", "", 0.0, 0.0, "", ""), Gap(0, 0.0, 0.0))
_TYPES = {type(empty): tuple(_NUMBERS if type(field) is float else type(field) for field in empty) for empty in _EMPTY}
_BUFFER_BYTES = 512  # msgpack's own choice, a megabyte, costs more than the packing


def encode(record: Registered) -> bytes:
    """The bytes of a record; raises CallRecordError for what no record can hold (over 64 bits, lone surrogates).

    >>> encode(Gap(2, 1.0, 2.0)).hex(" ")
    '96 01 03 02 cb 3f f0 00 00 00 00 00 00 cb 40 00 00 00 00 00 00 00 a0'
    """
    try:
        return bytes(msgpack.Packer(buf_size=_BUFFER_BYTES).pack((VERSION, _CODES[type(record)], *record)))
    except (OverflowError, ValueError, TypeError) as fault:
        raise CallRecordError(f"this call cannot be registered: {fault}", where=member(record)) from None


def decode(payload: bytes) -> Registered:
    """The record in `payload`; raises CallRecordError, never anything else."""
    try:
        fields = msgpack.unpackb(payload, use_list=False)
    except Exception as fault:  # msgpack raises ValueError, TypeError, OverflowError and kinds of its own
        raise CallRecordError(f"no record of a call: {type(fault).__name__}: {fault}") from None
    if type(fields) is not tuple or len(fields) < 3 or type(fields[0]) is not int:
        raise CallRecordError("no record of a call: not an array that begins with a version")
    kind = _KINDS.get(fields[1]) if type(fields[1]) is int else None
    if fields[0] != VERSION or kind is None:
        what = f"the record of a call was written by another release (version {fields[0]}, kind {fields[1]!r})"
        raise CallRecordError(what, remedy="upgrade this asterisk-router")
    types, defaults = _TYPES[kind], tuple(kind._field_defaults.values())
    known = fields[2 : 2 + len(types)]
    missing = len(types) - len(known)
    if missing > len(defaults) or not all(map(isinstance, known, types)):
        raise CallRecordError(f"no record of a call: its fields are not those of a {kind.__name__}")
    record: Registered = kind._make(known + defaults[len(defaults) - missing :])
    return record


def erased(payload: bytes) -> bytes:
    """A record of nothing, as long as `payload`, for a place where a record must not move the ones behind it.

    It is a Gap of no records: those who know it pass it over.

    >>> record = encode(BeganCall("b-1", "", 0.0, "+12025550100", ""))
    >>> len(erased(record)) == len(record), decode(erased(record))
    (True, Gap(records=0, from_s=0.0, to_s=0.0, why=''))
    """
    head: bytes = msgpack.packb((VERSION, _CODES[Gap], *Gap(0, 0.0, 0.0)))
    head = bytes((head[0] + 1,)) + head[1:]  # one more element: what fills the room
    room = len(payload) - len(head) - 3
    return head + b"\xda" + room.to_bytes(2, "big") + bytes(room)


def is_erased(record: Registered) -> bool:
    """Whether it is what `erased` leaves."""
    return isinstance(record, Gap) and not record.records


def member(record: Registered) -> str:
    """What names a record among all of its day: a call has one beginning, one end, and one of each choice it made.

    >>> member(BeganCall("berlin-1700000000.12", "", 0.0, "", ""))
    'b:berlin-1700000000.12'
    """
    if isinstance(record, Gap):
        return f"g:{record.from_s:.6f}:{record.to_s:.6f}:{record.why}"
    if isinstance(record, EndedCall):
        return f"e:{record.uniqueid}"
    return f"b:{record.uniqueid}:{record.choice}" if record.choice else f"b:{record.uniqueid}"


def happened_at_s(record: Registered) -> float:
    """When what the record tells happened, in seconds since 1970 UTC."""
    if isinstance(record, BeganCall):
        return record.at_s
    return record.ended_at_s if isinstance(record, EndedCall) else record.to_s


def began_at_s(record: Registered) -> float:
    """When the call rang, in seconds since 1970 UTC; of a Gap when it ends."""
    return record.began_at_s if isinstance(record, EndedCall) else happened_at_s(record)


def day(record: Registered) -> int:
    """The day (days since 1970 UTC) under which a record is remembered: that on which the call began."""
    return int(began_at_s(record) // DAY_S)
