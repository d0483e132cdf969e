"""A caller as the store keeps them: one msgpack array, `[version, numbers, name, tags, ...]`, trailing empties dropped.

The array is read under the key of one number, so a person with a single number (nearly everybody) does not
repeat it inside. Every field is written so that its usual value is empty or 0 and costs a byte, or nothing
at the end. Adding a field to the layout means a new `VERSION`: a record this release cannot read whole is
refused, not half read, because the next change would be written back without what was not understood.
New releases go on reading every older version; so upgrade all daemons before using what is new.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import msgpack  # type: ignore[import-untyped]

from ..callers.caller import HISTORY_RECENT, Caller, CallOutcome, History, PastCall, Tag
from ..errors import CallerRecordError

VERSION = 1
"""Layout written by this release; the first element of every record."""

OUTCOMES: tuple[CallOutcome, ...] = ("unknown", "answered", "missed")
"""How a past call ended, by its number in the record."""

_EMPTY = (VERSION, (), "", (), 0, 0, "", "", (), ())
_TYPES = tuple(type(field) for field in _EMPTY)
_EMPTY_TAG = ("", 0, "", "", 0, 0, 0)
_TAG_TYPES = tuple(type(field) for field in _EMPTY_TAG)
_EMPTY_HISTORY = (0, 0, 0, (), (), "")
_HISTORY_TYPES = tuple(type(field) for field in _EMPTY_HISTORY)
_NO_HISTORY = History()
_USUAL_CONFIDENCE = 100
_USUAL_TRUST = 1


def encode(caller: Caller) -> bytes:
    """The record of `caller`; raises CallerRecordError for a value no record can hold (over 64 bits, lone surrogates).

    >>> encode(Caller(numbers=("+12025550100",), name="Ann")).hex(" ")
    '93 01 90 a3 41 6e 6e'
    """
    numbers, name, tags, value, orders, language, own_agent, open_matters, history = caller
    fields: list[Any] = [VERSION, numbers if len(numbers) > 1 else (), name, ()]
    if tags:
        fields[3] = [_pack_tag(tag) for tag in tags]
    fields += (value, orders, language, own_agent, open_matters)
    if history != _NO_HISTORY:
        fields.append(_pack_history(history))
    while not fields[-1]:
        del fields[-1]
    try:
        return msgpack.packb(fields)  # type: ignore[no-any-return]
    except (OverflowError, ValueError, TypeError) as fault:
        raise CallerRecordError(
            f"this caller cannot be stored: {fault}",
            where=numbers[0] if numbers else "",
            remedy="names must be valid text, numbers below 2^63",
        ) from None


def decode(record: bytes, key: str = "") -> Caller:
    """The caller in `record`, as it lies under the number `key`; raises CallerRecordError, never anything else.

    >>> decode(bytes.fromhex("930190a3416e6e"), "+12025550100").name
    'Ann'
    """
    try:
        fields = msgpack.unpackb(record, use_list=False)
    except Exception as fault:  # msgpack raises ValueError, TypeError, OverflowError and kinds of its own
        raise _unreadable(key, f"{type(fault).__name__}: {fault}") from None
    if type(fields) is not tuple or not fields or type(fields[0]) is not int:
        raise _unreadable(key, "not an array that begins with a version")
    if fields[0] > VERSION or len(fields) > len(_EMPTY):
        raise CallerRecordError(
            f"the record was written by a newer release (version {fields[0]}, {len(fields)} fields)",
            where=key,
            remedy="upgrade this asterisk-router",
        )
    fields += _EMPTY[len(fields) :]
    if fields[0] != VERSION or tuple(map(type, fields)) != _TYPES:
        raise _unreadable(key, "its fields are not those of a caller")
    _, numbers, name, tags, value, orders, language, own_agent, open_matters, history = fields
    if not all(type(text) is str for text in chain(numbers, open_matters)):
        raise _unreadable(key, "a number or an open matter is no text")
    return Caller(
        numbers or ((key,) if key else ()),
        name,
        tuple([_unpack_tag(tag, key) for tag in tags]),
        value,
        orders,
        language,
        own_agent,
        open_matters,
        _unpack_history(history, key) if history else _NO_HISTORY,
    )


def encode_tag(tag: Tag) -> bytes:
    """One tag alone, as the tags of number ranges are kept; raises CallerRecordError like `encode`."""
    return encode(Caller(tags=(tag,)))


def decode_tag(record: bytes, key: str = "") -> Tag:
    """The tag of `encode_tag`; raises CallerRecordError, never anything else."""
    tags = decode(record, key).tags
    if len(tags) != 1:
        raise _unreadable(key, "not one tag")
    return tags[0]


def _unreadable(key: str, why: str) -> CallerRecordError:
    return CallerRecordError(
        f"the stored record cannot be read: {why}", where=key, remedy="remove it with `asterisk-router caller forget`"
    )


def _pack_tag(tag: Tag) -> list[Any]:
    name, author, evidence, confidence, trust, created_at_s, expires_at_s = tag
    doubt = _USUAL_CONFIDENCE - confidence
    fields = [name, created_at_s, author, evidence, expires_at_s, doubt, trust - _USUAL_TRUST]
    while len(fields) > 1 and not fields[-1]:
        del fields[-1]
    return fields


def _unpack_tag(fields: Any, key: str) -> Tag:
    if type(fields) is tuple and len(fields) <= len(_EMPTY_TAG):
        fields += _EMPTY_TAG[len(fields) :]
        if tuple(map(type, fields)) == _TAG_TYPES:
            name, created_at_s, author, evidence, expires_at_s, doubt, trust = fields
            if 0 <= doubt <= _USUAL_CONFIDENCE and 0 <= trust + _USUAL_TRUST <= 4:
                confidence = _USUAL_CONFIDENCE - doubt
                return Tag(name, author, evidence, confidence, trust + _USUAL_TRUST, created_at_s, expires_at_s)
    raise _unreadable(key, "a tag is malformed")


def _pack_history(history: History) -> list[Any]:
    """`[calls, last, last - first, (seconds before, outcome + 3 * line) of each call, newest first, lines, agent]`."""
    calls, first_at_s, last_at_s, last_agent, recent = history
    lines = list(dict.fromkeys([call.line for call in recent]))
    steps: list[int] = []
    later_s = last_at_s
    for call in reversed(recent):
        steps += (later_s - call.at_s, OUTCOMES.index(call.outcome) + len(OUTCOMES) * lines.index(call.line))
        later_s = call.at_s
    fields = [calls, last_at_s, last_at_s - first_at_s, steps, lines, last_agent]
    while not fields[-1]:
        del fields[-1]
    return fields


def _unpack_history(fields: Any, key: str) -> History:
    if len(fields) <= len(_EMPTY_HISTORY):
        fields += _EMPTY_HISTORY[len(fields) :]
        if tuple(map(type, fields)) == _HISTORY_TYPES and len(fields[3]) <= 2 * HISTORY_RECENT:
            calls, at_s, span_s, steps, lines, last_agent = fields
            first_at_s, last_at_s = at_s - span_s, at_s
            recent = []
            try:
                for step_s, code in zip(steps[::2], steps[1::2], strict=True):
                    at_s -= step_s
                    line, outcome = divmod(code, len(OUTCOMES))
                    recent.append(PastCall(at_s, OUTCOMES[outcome], lines[line]))
            except (TypeError, ValueError, IndexError):
                raise _unreadable(key, "a past call is malformed") from None
            if all(type(text) is str for text in lines) and type(at_s) is int:
                return History(calls, first_at_s, last_at_s, last_agent, tuple(reversed(recent)))
    raise _unreadable(key, "the history is malformed")
