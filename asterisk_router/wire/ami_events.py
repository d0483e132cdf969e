"""Events of app_queue in our words: a table of which event becomes what.

Strict, for a caller can write lines and whole events into their number: an event without Privilege, one about a
channel without Uniqueid and Linkedid, one with a field missing or no number where one must stand is refused, and
whoever asked wants a snapshot then. A forger who writes two whole, valid events around the rest of the true one is
not seen here; counts (`CallerJoined.callers`) and the next snapshot correct what they did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from ..errors import ForgedBlockError
from ..queues.events import (
    AgentCompleted,
    AgentConnected,
    AgentRung,
    AgentRungInVain,
    CallerAbandoned,
    CallerJoined,
    CallerLeft,
    Ending,
    Event,
    MemberChanged,
    MemberListed,
    MemberRemoved,
)
from .ami_stream import CHANNEL_VARIABLES, shown

Fields = Mapping[str, str]
"""Lines of a block, key to value."""

PRIORITY_VARIABLE = "QUEUE_PRIO"
"""The variable that `channelvars` of manager.conf must let through: a join does not tell its priority otherwise."""

MOST_DIGITS = 12
"""Longest number taken; the longest there are, seconds since 1970, have 10."""

_MOST_TEXT = 256
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WHOLE = re.compile(r"\s*([+-]?\d{1,10})", re.ASCII)


def event_of(kind: str, fields: Fields) -> Event:
    """What a block of one of the `KINDS` says; raises ForgedBlockError."""
    try:
        if "Privilege" not in fields:
            raise ForgedBlockError(f"{kind} without Privilege")
        return _MEANINGS[kind](fields)
    except KeyError as missing:
        raise ForgedBlockError(f"{kind} without {missing.args[0]}") from None
    except ValueError:
        raise ForgedBlockError(f"{kind} with no number where one must stand") from None


@lru_cache(maxsize=4096)
def whole(text: str) -> int:
    """A whole number, at most `MOST_DIGITS` long; raises ValueError.

    >>> whole("-3")
    -3
    """
    digits = text[1:] if text[:1] == "-" else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise ValueError(shown(text))
    return int(text)


def text_of(value: str) -> str:
    """Text for people: `<unknown>` (`unknown` in a snapshot) is nothing, controls are gone, the length is bounded."""
    if value in ("<unknown>", "unknown"):
        return ""
    return _CONTROLS.sub("", value)[:_MOST_TEXT]


def unescaped(value: str) -> str:
    r"""A name or a variable without the C escapes that Asterisk gives it in channel events.

    >>> unescaped(r"Bo \"Bob\" Lee")
    'Bo "Bob" Lee'
    """
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), value) if "\\" in value else value


def member_of(fields: Fields, interface: str, name: str) -> MemberListed:
    """An agent, as events and snapshots alike tell them but for the key of interface and name; raises as `whole`.

    A snapshot leaves out Ringinuse (16.28 and 22.10 alike).
    """
    get = fields.get
    ring_in_use = get("Ringinuse")
    return MemberListed(
        fields[interface],
        text_of(fields[name]),
        fields["StateInterface"],
        fields["Membership"],
        whole(fields["Penalty"]),
        fields["Paused"] == "1",
        text_of(get("PausedReason", "")),
        whole(fields["Status"]),
        get("InCall") == "1",
        whole(fields["CallsTaken"]),
        whole(fields["LastCall"]),
        whole(get("Wrapuptime", "0")),
        None if ring_in_use is None else ring_in_use == "1",
    )


def _priority(fields: Fields) -> int | None:
    """QUEUE_PRIO as app_queue reads it (`sscanf("%30d")`, else 0); None when Asterisk is not told to tell it."""
    found = None
    for line in fields.get(CHANNEL_VARIABLES, "").split("\n"):
        name, _, value = line.partition("=")
        if name == PRIORITY_VARIABLE:
            if found is not None:
                raise ForgedBlockError(f"{PRIORITY_VARIABLE} comes twice")
            read = _WHOLE.match(unescaped(value))
            found = int(read[1]) if read else 0
    return found


def _joined(f: Fields) -> Event:
    uniqueid, linkedid, number, name = f["Uniqueid"], f["Linkedid"], text_of(f["CallerIDNum"]), f["CallerIDName"]
    position, callers = whole(f["Position"]), whole(f["Count"])
    name = text_of(unescaped(name))
    return CallerJoined(f["Queue"], uniqueid, linkedid, f["Channel"], position, callers, _priority(f), number, name)


def _left(f: Fields) -> Event:
    _channel(f)
    return CallerLeft(f["Queue"], f["Uniqueid"], whole(f["Count"]))


def _abandoned(f: Fields) -> Event:
    _channel(f)
    return CallerAbandoned(f["Queue"], f["Uniqueid"], whole(f["HoldTime"]))


def _rung(f: Fields) -> Event:
    _channel(f)
    return AgentRung(f["Queue"], f["Uniqueid"], f["Interface"], text_of(f["MemberName"]))


def _rung_in_vain(f: Fields) -> Event:
    _channel(f)
    return AgentRungInVain(f["Queue"], f["Uniqueid"], f["Interface"])


def _connected(f: Fields) -> Event:
    who, waited, rang = text_of(f["MemberName"]), whole(f["HoldTime"]), whole(f["RingTime"])
    return AgentConnected(
        f["Queue"], f["Uniqueid"], f["Linkedid"], f["Interface"], who, waited, rang, f.get("Channel", "")
    )


def _completed(f: Fields) -> Event:
    uniqueid = ""
    if "Channel" in f:  # the caller's; missing when it was gone before Asterisk told (send_agent_complete, measured)
        _channel(f)
        uniqueid = f["Uniqueid"]
    if f["Reason"] not in ("agent", "caller", "transfer"):
        raise ForgedBlockError("AgentComplete for no reason there is")
    who, waited, talked = text_of(f["MemberName"]), whole(f["HoldTime"]), whole(f["TalkTime"])
    return AgentCompleted(f["Queue"], uniqueid, f["Interface"], who, waited, talked, cast(Ending, f["Reason"]))


def _changed(f: Fields) -> Event:
    return MemberChanged(f["Queue"], member_of(f, "Interface", "MemberName"))


def _removed(f: Fields) -> Event:
    return MemberRemoved(f["Queue"], f["Interface"])


def _channel(f: Fields) -> None:
    """Raise KeyError where a channel's event does not tie it to its call."""
    f["Linkedid"]


_MEANINGS: Mapping[str, Callable[[Fields], Event]] = MappingProxyType({
    "QueueCallerJoin": _joined,
    "QueueCallerLeave": _left,
    "QueueCallerAbandon": _abandoned,
    "AgentCalled": _rung,
    "AgentRingNoAnswer": _rung_in_vain,
    "AgentConnect": _connected,
    "AgentComplete": _completed,
    "QueueMemberAdded": _changed,
    "QueueMemberStatus": _changed,
    "QueueMemberPause": _changed,
    "QueueMemberPenalty": _changed,
    "QueueMemberRinginuse": _changed,
    "QueueMemberRemoved": _removed,
})  # fmt: skip

KINDS = tuple(_MEANINGS)
"""The events that change the live line: class `agent` of the manager interface, Asterisk 16 to 23."""
