"""A call-back as the store keeps it: one msgpack array, the version first, then the fields of `CallBack` in order.

A record of another layout is refused, not half read: the next change would be written back without what was not
understood.
"""

from __future__ import annotations

from typing import Any

import msgpack  # type: ignore[import-untyped]

from ..callers.call_back import CallBack, ClosedCallBack, Miss
from ..errors import CallBackRecordError

VERSION = 1
"""Layout written by this release; the first element of every record."""

_KINDS = tuple(type(field) for field in CallBack())
_CLOSED_KINDS = (bytes, float, str, str)
_MISS_KINDS = tuple(type(field) for field in Miss("", "", 0.0, 0.0))


def encode(entry: CallBack) -> bytes:
    """The record of an open entry; raises CallBackRecordError for what no record can hold.

    >>> decode(encode(CallBack("+12025550100", ("+12025550100",), "Ann"))).name
    'Ann'
    """
    try:
        packed: bytes = msgpack.packb((VERSION, *entry))
    except (OverflowError, ValueError, TypeError) as fault:
        raise CallBackRecordError(f"this call-back cannot be stored: {fault}", where=entry.person) from None
    return packed


def decode(record: bytes, person: str = "") -> CallBack:
    """The entry in `record`, which lies under `person`; raises CallBackRecordError, never anything else."""
    try:
        fields = msgpack.unpackb(record, use_list=False)
        version, *values = fields
    except Exception as fault:  # msgpack raises ValueError, TypeError, OverflowError and kinds of its own
        raise _unreadable(person, f"{type(fault).__name__}: {fault}") from None
    if type(version) is int and version > VERSION:
        what = f"the call-back was written by a newer release (version {version})"
        raise CallBackRecordError(what, where=person, remedy="upgrade this asterisk-router")
    if version != VERSION or not _are(values, _KINDS):
        raise _unreadable(person, "its fields are not those of a call-back")
    entry = CallBack(*values)
    if not all(type(miss) is tuple and _are(miss, _MISS_KINDS) for miss in entry.misses):
        raise _unreadable(person, "a missed call is malformed")
    if any(type(text) is not str for text in entry.numbers + entry.tried):
        raise _unreadable(person, "a number or a unique ID is no text")
    return entry._replace(misses=tuple(Miss(*miss) for miss in entry.misses))


def encode_closed(closed: ClosedCallBack) -> bytes:
    """The record of a settled call-back; raises CallBackRecordError."""
    try:
        packed: bytes = msgpack.packb((encode(closed.entry), *closed[1:]))
    except (OverflowError, ValueError, TypeError) as fault:
        raise CallBackRecordError(f"this call-back cannot be stored: {fault}", where=closed.entry.person) from None
    return packed


def decode_closed(record: bytes) -> ClosedCallBack:
    """The settled call-back in `record`; raises CallBackRecordError, never anything else."""
    try:
        fields = msgpack.unpackb(record, use_list=False)
    except Exception as fault:
        raise _unreadable("", f"{type(fault).__name__}: {fault}") from None
    if type(fields) is not tuple or not _are(fields, _CLOSED_KINDS):
        raise _unreadable("", "its fields are not those of a settled call-back")
    return ClosedCallBack(decode(fields[0]), *fields[1:])


def _are(values: Any, kinds: tuple[type, ...]) -> bool:
    return len(values) == len(kinds) and all(
        type(value) is kind or (kind is float and type(value) is int) for value, kind in zip(values, kinds, strict=True)
    )


def _unreadable(person: str, why: str) -> CallBackRecordError:
    return CallBackRecordError(
        f"the call-back cannot be read: {why}", where=person, remedy="remove it with `asterisk-router callbacks close`"
    )
