"""A caller as the store keeps them: one msgpack array, `[version, name, tags, value, ...]`, trailing empties dropped.

The array is read under the key of one number, so a person with a single number (nearly everybody) does not
repeat it inside, and a person with a single tag has no array around it. Every field is written so that its
usual value is empty or 0 and costs a byte, or nothing at the end: Redis keeps a record of up to 44 bytes in
one piece of memory with its header, a longer one in two.

Adding a field to the layout means a new `VERSION`: a record this release cannot read whole is refused, not
half read, because the next change would be written back without what was not understood. New releases go on
reading every older version; so upgrade all daemons before using what is new. A record that needs nothing new is
written in the oldest layout that holds it: only callers with a tag set by hand are of version 2, imported ones are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgpack  # type: ignore[import-untyped]

from ..callers.caller import HISTORY_RECENT, Caller, CallOutcome, History, PastCall, Tag
from ..errors import CallerRecordError

VERSION = 1
"""Layout of nearly all records; the first element of each."""

VERSION_BY_HAND = 2
"""Layout of records with a tag that a person set or approved: such a tag has four fields more."""

OUTCOMES: tuple[CallOutcome, ...] = ("unknown", "answered", "missed")
"""How a past call ended, by its number in the record."""

BUFFER_BYTES = 512
"""Where a record is put together, grown as it needs; msgpack's own choice, a megabyte, costs more than the packing."""

FARTHEST = 1 << 53
"""No time, step or count in a history is larger: what is read can be written again with one more call in it."""

_EMPTY: tuple[Any, ...] = (VERSION, "", (), 0, 0, "", "", (), (), ())
_TYPES = tuple(type(field) for field in _EMPTY)
_EMPTY_TAG: tuple[Any, ...] = ("", 0, "", "", 0, 0, 0, "", "", 0, 0)
_TAG_TYPES = tuple(type(field) for field in _EMPTY_TAG)
_EMPTY_HISTORY: tuple[Any, ...] = (0, 0, 0, (), (), "")
_HISTORY_TYPES = tuple(type(field) for field in _EMPTY_HISTORY)
_NO_HISTORY = History()
_OUTCOME_CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}
_tuple = tuple.__new__  # makes a NamedTuple at half the price: a look-up may make 17 of them
_USUAL_CONFIDENCE = 100
_USUAL_TRUST = 1


def encode(caller: Caller) -> bytes:
    """The record of `caller`; raises CallerRecordError for a value no record can hold (over 64 bits, lone surrogates).

    >>> encode(Caller(numbers=("+12025550100",), name="Ann")).hex(" ")
    '92 01 a3 41 6e 6e'
    """
    return encode_each((caller,))[0]


def encode_each(callers: Iterable[Caller]) -> list[bytes]:
    """What `encode` makes of every one of `callers`, much faster where their tags are alike; raises the same error."""
    pack = msgpack.Packer(buf_size=BUFFER_BYTES).pack
    records: list[bytes] = []
    packed_tags: Sequence[Any] = ()
    packed_of: tuple[Tag, ...] = ()
    version = VERSION
    for numbers, name, tags, value, orders, language, own_agent, open_matters, history in callers:
        if tags is not packed_of:  # most callers of an import share the tags of the one before
            packed_tags, packed_of = _pack_tags(tags), tags
            version = VERSION_BY_HAND if any(any(tag[7:]) for tag in tags) else VERSION
        fields = [version, name, packed_tags, value, orders]
        if language or own_agent or open_matters or history != _NO_HISTORY or len(numbers) > 1:
            past = () if history == _NO_HISTORY else _pack_history(history)
            fields += (language, own_agent, open_matters, past, numbers if len(numbers) > 1 else ())
        while not fields[-1]:
            del fields[-1]
        try:
            records.append(pack(fields))
        except (OverflowError, ValueError, TypeError) as fault:
            raise CallerRecordError(
                f"this caller cannot be stored: {fault}",
                where=numbers[0] if numbers else "",
                remedy="names must be valid text, numbers below 2^63",
            ) from None
    return records


def decode(record: bytes, key: str = "") -> Caller:
    """The caller in `record`, as it lies under the number `key`; raises CallerRecordError, never anything else.

    >>> decode(bytes.fromhex("9201a3416e6e"), "+12025550100").name
    'Ann'
    """
    try:
        fields = msgpack.unpackb(record, use_list=False)
    except Exception as fault:  # msgpack raises ValueError, TypeError, OverflowError and kinds of its own
        raise _unreadable(key, f"{type(fault).__name__}: {fault}") from None
    count = len(fields) if type(fields) is tuple else 0
    if (
        not count
        or not VERSION <= (fields[0] if type(fields[0]) is int else 0) <= VERSION_BY_HAND
        or count > len(_EMPTY)
        or tuple(map(type, fields)) != _TYPES[:count]
    ):
        raise _foreign(fields, key)
    _, name, tags, value, orders, language, own_agent, matters, history, numbers = fields + _EMPTY[count:]
    if tags:
        tags = (_unpack_tag(tags, key),) if type(tags[0]) is str else tuple([_unpack_tag(tag, key) for tag in tags])
    if history:
        history = _unpack_history(history, key)
    if (numbers or matters) and any(type(text) is not str for text in numbers + matters):
        raise _unreadable(key, "a number or an open matter is no text")
    if key and not numbers:
        numbers = (key,)
    fields = (numbers, name, tags, value, orders, language, own_agent, matters, history or _NO_HISTORY)
    return _tuple(Caller, fields)


def encode_tag(tag: Tag) -> bytes:
    """One tag alone, as the tags of number ranges are kept; raises CallerRecordError like `encode`."""
    return encode(Caller(tags=(tag,)))


def decode_tag(record: bytes, key: str = "") -> Tag:
    """The tag of `encode_tag`; raises CallerRecordError, never anything else."""
    tags = decode(record, key).tags
    if len(tags) != 1:
        raise _unreadable(key, "not one tag")
    return tags[0]


def _foreign(fields: Any, key: str) -> CallerRecordError:
    """Why these are not the fields of a caller."""
    if type(fields) is not tuple or not fields or type(fields[0]) is not int or fields[0] < VERSION:
        return _unreadable(key, "not an array that begins with a version")
    if fields[0] > VERSION_BY_HAND or len(fields) > len(_EMPTY):
        what = f"the record was written by a newer release (version {fields[0]}, {len(fields)} fields)"
        return CallerRecordError(what, where=key, remedy="upgrade this asterisk-router")
    return _unreadable(key, "its fields are not those of a caller")


def _unreadable(key: str, why: str) -> CallerRecordError:
    return CallerRecordError(
        f"the stored record cannot be read: {why}", where=key, remedy="remove it with `asterisk-router caller forget`"
    )


def _pack_tags(tags: tuple[Tag, ...]) -> Sequence[Any]:
    return _pack_tag(tags[0]) if len(tags) == 1 else [_pack_tag(tag) for tag in tags]


def _pack_tag(tag: Tag) -> list[Any]:
    name, author, evidence, confidence, trust, created_at_s, expires_at_s, *hands = tag
    if any(hands):
        doubt = _USUAL_CONFIDENCE - confidence
        return [name, created_at_s, author, evidence, expires_at_s, doubt, trust - _USUAL_TRUST, *hands]
    if author and trust == _USUAL_TRUST and confidence == _USUAL_CONFIDENCE and not (evidence or expires_at_s):
        return [name, created_at_s, author]
    doubt = _USUAL_CONFIDENCE - confidence
    fields = [name, created_at_s, author, evidence, expires_at_s, doubt, trust - _USUAL_TRUST]
    while len(fields) > 1 and not fields[-1]:
        del fields[-1]
    return fields


def _unpack_tag(fields: Any, key: str) -> Tag:
    if type(fields) is tuple:
        count = len(fields)
        if tuple(map(type, fields)) == _TAG_TYPES[:count]:
            name, created_at_s, author, evidence, expires_at_s, doubt, trust, *hands = fields + _EMPTY_TAG[count:]
            if 0 <= doubt <= _USUAL_CONFIDENCE and 0 <= trust + _USUAL_TRUST <= 4:
                confidence = _USUAL_CONFIDENCE - doubt
                known = (
                    name,
                    author,
                    evidence,
                    confidence,
                    trust + _USUAL_TRUST,
                    created_at_s,
                    expires_at_s,
                    *hands,
                )
                return _tuple(Tag, known)
    raise _unreadable(key, "a tag is malformed")


def _pack_history(history: History) -> list[Any]:
    """`[calls, last, last - first, (seconds before, outcome + 3 * line) of each call, newest first, lines, agent]`."""
    calls, first_at_s, last_at_s, last_agent, recent = history
    lines: dict[str, int] = {}
    steps: list[int] = []
    later_s = last_at_s
    for at_s, outcome, line in reversed(recent):
        steps += (later_s - at_s, _OUTCOME_CODES[outcome] + lines.setdefault(line, len(lines) * len(OUTCOMES)))
        later_s = at_s
    fields = [calls, last_at_s, last_at_s - first_at_s, steps, list(lines), last_agent]
    while not fields[-1]:
        del fields[-1]
    return fields


def _unpack_history(fields: Any, key: str) -> History:
    count = len(fields)
    if tuple(map(type, fields)) != _HISTORY_TYPES[:count]:
        raise _unreadable(key, "the history is malformed")
    calls, at_s, span_s, steps, lines, last_agent = fields + _EMPTY_HISTORY[count:]
    first_at_s, last_at_s = at_s - span_s, at_s
    if (
        not (-FARTHEST <= at_s <= FARTHEST and -FARTHEST <= span_s <= FARTHEST and 0 <= calls <= FARTHEST)
        or len(steps) > 2 * HISTORY_RECENT
        or not {int}.issuperset(map(type, steps))
        or not {str}.issuperset(map(type, lines))
        or (steps and not -FARTHEST <= min(steps) <= max(steps) <= FARTHEST)
    ):
        raise _unreadable(key, "a past call is malformed")
    ends = [(outcome, line) for line in lines for outcome in OUTCOMES]
    recent = []
    try:
        for step_s, code in zip(steps[::2], steps[1::2], strict=True):
            at_s -= step_s
            recent.append(_tuple(PastCall, (at_s, *ends[code])))
    except (ValueError, IndexError):
        raise _unreadable(key, "a past call is malformed") from None
    recent.reverse()
    return History(calls, first_at_s, last_at_s, last_agent, tuple(recent))
