"""How each fact of `table.FACTS` is read from a call; None is unknown."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..._native.plain_facts import ANSWERED, CALLS, MISSED, MISSED_SINCE_ANSWER, TRUTH, VALUE, value_of
from ...callers.caller import Caller, History, Tag
from ...numbering.number import Number
from ...wire.incoming_call import IncomingCall
from ..live_view import LiveViews
from ..schedules import Schedule, is_listed, zone
from ..situation import Line, Situation
from ..treatment import Agent
from .live_readers import live_reader
from .table import WEEKDAYS, FactUse, Value

Read = Callable[[Situation], Value]
"""One fact of one call."""

IDENTIFIED = Situation._fields.index("identified")
"""Where a situation says whether the caller can be believed."""


@dataclass(frozen=True)
class Field:
    """A fact that stands in the situation as it is; the kernel reads it without calling anybody."""

    paths: tuple[tuple[int, ...], ...]
    """Position after position, from the situation to the value; of several the first whose value is not empty."""
    gate: int = -1
    """Position of the flag without which it is unknown; -1 for none."""
    makes: int = VALUE
    """What is made of it: the value itself, its truth, or a count of past calls."""
    window_s: int = 0
    """Past calls of so many last seconds count; 0 for all."""
    meaning: Callable[[Any], Value] | None = None
    """What the value means, where it is not the fact itself; asked once for each of the values met most."""

    def __call__(self, s: Situation) -> Value:
        """The fact, for whoever reads facts one by one."""
        value: Value = value_of(s, self.paths, self.gate, self.makes, self.window_s)
        return value if value is None or self.meaning is None else self.meaning(value)


def _field(
    where: str, gate: int = -1, makes: int = VALUE, window_s: int = 0, meaning: Callable[[Any], Value] | None = None
) -> Field:
    """The field at a dotted place, `caller.history.calls`, or the first of several, with spaces between them."""
    return Field(tuple(map(_path, where.split())), gate, makes, window_s, meaning)


def _path(where: str) -> tuple[int, ...]:
    kinds: dict[str, Any] = {"call": IncomingCall, "number": Number, "caller": Caller, "line": Line, "history": History}
    path, kind = [], Situation
    for name in where.split("."):
        path.append(kind._fields.index(name))
        kind = kinds.get(name, kind)
    return tuple(path)


NUMBER_KEY = _path("number.key")
"""Where a situation has the canonical number; empty for none."""


class House(NamedTuple):
    """What facts need to know about the policy itself."""

    timezone: str
    """IANA time zone of `weekday`, `hour`, `time` and `holiday`."""
    schedules: Mapping[str, Schedule]
    """By name."""
    holidays: Mapping[str, frozenset[str]]
    """Lists of dates by name."""
    agents: Mapping[str, Agent]
    """People who answer, by name."""
    views: LiveViews
    """What the policy makes of the live lines."""


def reader_of(use: FactUse, house: House) -> Read:
    """The function that reads one fact, its arguments already bound."""
    name, argument = use.fact.name, use.argument
    if use.fact.source == "live":
        return live_reader(name, str(argument), house.agents, house.views)
    if use.fact.source == "clock":
        return _clock_reader(name, argument, house)
    if name in _WINDOWED and isinstance(argument, int):
        return _WINDOWED[name](argument)
    if name in _BOUND:
        return _BOUND[name](argument)
    if name == "line.open":
        schedules = house.schedules
        return lambda s: schedules[s.line.open].is_open(s.at_s) if s.line.open else None
    if name == "own_agent":
        return _field("caller.own_agent", IDENTIFIED, meaning=house.agents.__contains__)
    return _PLAIN[name]


def _days_since_last_call(s: Situation) -> Value:
    last = s.caller.history.last_at_s
    return max(int(s.at_s - last) // 86400, 0) if s.identified and last else None


def _spoken(language: str) -> Value:
    return language.partition("_")[0].lower()


def _country(s: Situation) -> Value:
    return s.number.country if s.number.key else None


def _redirected(s: Situation) -> Value:
    return s.call.redirecting_number not in ("", "unknown")  # Asterisk writes `unknown` for none (res_agi.c)


_PLAIN: dict[str, Read] = {
    "seen": _field("caller.numbers caller.history.calls", IDENTIFIED, TRUTH),
    "missed_since_answer": _field("caller.history.recent", IDENTIFIED, MISSED_SINCE_ANSWER),
    "days_since_last_call": _days_since_last_call,
    "value": _field("caller.value", IDENTIFIED),
    "orders": _field("caller.orders", IDENTIFIED),
    "last_agent": lambda s: s.caller.history.last_agent or None if s.identified else None,
    "language": _field("caller.language line.language call.language", meaning=_spoken),
    "country": _country,
    "number_kind": _field("number.kind"),
    "trust": _field("trust"),
    "attestation": _field("call.attestation"),
    "line": _field("line.number"),
    "line.kind": _field("line.kind"),
    "line.campaign": _field("line.campaign"),
    "project": _field("line.project"),
    "trunk": _field("call.trunk"),
    "choice": _field("call.choice"),
    "redirected": _redirected,
    "degraded": _field("degraded"),
}


def _counted(makes: int) -> Callable[[int], Read]:
    return lambda window_s: _field("caller.history.recent", IDENTIFIED, makes, window_s)


def _calls(window_s: int) -> Read:
    return _counted(CALLS)(window_s) if window_s else _field("caller.history.calls", IDENTIFIED)


_WINDOWED: dict[str, Callable[[int], Read]] = {
    "calls": _calls,
    "answered": _counted(ANSWERED),
    "missed": _counted(MISSED),
}


def counts(tag: Tag, at_s: float, trust: int) -> bool:
    """Whether a tag has not expired and the number is trusted enough for it."""
    return tag.trust <= trust and not 0 < tag.expires_at_s <= at_s


def _tag(name: str | int) -> Read:
    def read(s: Situation) -> Value:
        if any(tag.name == name and counts(tag, s.at_s, s.trust) for tag in s.caller.tags):
            return True
        return False if s.identified else None

    return read


def _open_matter(matter: str | int) -> Read:
    return lambda s: matter in s.caller.open_matters if s.identified else None


def _prefix(beginning: str | int) -> Read:
    text = str(beginning)
    return lambda s: s.number.key.startswith(text) if s.number.key else None


def _share(percent: str | int) -> Read:
    share = int(percent)
    return lambda s: zlib.crc32(s.number.key.encode()) % 100 < share if s.number.key else None


_BOUND: dict[str, Callable[[str | int], Read]] = {
    "tag": _tag,
    "open_matter": _open_matter,
    "prefix": _prefix,
    "share": _share,
}


def _clock_reader(name: str, argument: str | int, house: House) -> Read:
    if name == "open":
        schedule = house.schedules[str(argument)]
        return lambda s: schedule.is_open(s.at_s)
    timezone = zone(house.timezone)

    def local(s: Situation) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(s.at_s, timezone)

    if name == "holiday":
        dates = house.holidays[str(argument)]
        return lambda s: is_listed(local(s).date(), dates)
    if name == "weekday":
        return lambda s: WEEKDAYS[local(s).weekday()]
    if name == "hour":
        return lambda s: local(s).hour
    return lambda s: local(s).hour * 60 + local(s).minute
