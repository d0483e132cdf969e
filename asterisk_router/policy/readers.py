"""How each fact of `facts.FACTS` is read from a call; None is unknown."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..callers.caller import Caller, History, PastCall, Tag
from ..numbering.number import Number
from ..wire.incoming_call import IncomingCall
from .facts import NUMBER_KINDS, WEEKDAYS, FactUse, Value
from .live_readers import live_reader
from .live_view import LiveViews
from .schedules import Schedule, is_listed, zone
from .situation import Line, Situation
from .treatment import Agent

Read = Callable[[Situation], Value]
"""One fact of one call."""

IDENTIFIED = Situation._fields.index("identified")
"""Where a situation says whether the caller can be believed."""


@dataclass(frozen=True)
class Field:
    """A fact that stands in the situation as it is; the kernel reads it without calling anybody."""

    path: tuple[int, ...]
    """Position after position, from the situation to the value."""
    gate: int = -1
    """Position of the flag without which it is unknown; -1 for none."""
    window_s: int = 0
    """If not 0 the value is the past calls, and the fact how many rang within the last seconds."""

    def __call__(self, s: Situation) -> Value:
        """The value, for whoever reads facts one by one."""
        if self.gate >= 0 and not s[self.gate]:
            return None
        value: Any = s
        for position in self.path:
            value = value[position]
        return sum(1 for past in value if past.at_s >= s.at_s - self.window_s) if self.window_s else value


def _field(where: str, gate: int = -1, window_s: int = 0) -> Field:
    """The field at a dotted place: `caller.history.calls`."""
    kinds: dict[str, Any] = {"call": IncomingCall, "number": Number, "caller": Caller, "line": Line, "history": History}
    path, kind = [], Situation
    for name in where.split("."):
        path.append(kind._fields.index(name))
        kind = kinds.get(name, kind)
    return Field(tuple(path), gate, window_s)


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
        agents = house.agents
        return lambda s: s.caller.own_agent in agents if s.identified else None
    return _PLAIN[name]


def _seen(s: Situation) -> Value:
    return bool(s.caller.numbers or s.caller.history.calls) if s.identified else None


def _missed_since_answer(s: Situation) -> Value:
    if not s.identified:
        return None
    missed = 0
    for past in reversed(s.caller.history.recent):
        if past.outcome == "answered":
            break
        if past.outcome == "unknown":
            return None
        missed += 1
    return missed


def _days_since_last_call(s: Situation) -> Value:
    last = s.caller.history.last_at_s
    return max(int(s.at_s - last) // 86400, 0) if s.identified and last else None


def _language(s: Situation) -> Value:
    language = s.caller.language or s.line.language or s.call.language
    return language.partition("_")[0].lower() if language else ""


def _country(s: Situation) -> Value:
    return s.number.country if s.number.key else None


def _number_kind(s: Situation) -> Value:
    return s.number.kind if s.number.kind in NUMBER_KINDS else "malformed"


def _redirected(s: Situation) -> Value:
    return s.call.redirecting_number not in ("", "unknown")  # Asterisk writes `unknown` for none (res_agi.c)


_PLAIN: dict[str, Read] = {
    "seen": _seen,
    "missed_since_answer": _missed_since_answer,
    "days_since_last_call": _days_since_last_call,
    "value": _field("caller.value", IDENTIFIED),
    "orders": _field("caller.orders", IDENTIFIED),
    "last_agent": lambda s: s.caller.history.last_agent or None if s.identified else None,
    "language": _language,
    "country": _country,
    "number_kind": _number_kind,
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


def _within(s: Situation, window_s: int) -> tuple[PastCall, ...]:
    """The kept calls of the last `window_s` seconds; all of them for 0."""
    recent = s.caller.history.recent
    if not recent or not window_s:
        return recent
    since = s.at_s - window_s
    if recent[0].at_s >= since:
        return recent
    return tuple(past for past in recent if past.at_s >= since)


def _calls(window_s: int) -> Read:
    if not window_s:
        return _field("caller.history.calls", IDENTIFIED)
    return _field("caller.history.recent", IDENTIFIED, window_s)


def _ended(outcome: str) -> Callable[[int], Read]:
    def bind(window_s: int) -> Read:
        def read(s: Situation) -> Value:
            if not s.identified:
                return None
            count = 0
            for past in _within(s, window_s):
                if past.outcome == "unknown":
                    return None
                count += past.outcome == outcome
            return count

        return read

    return bind


_WINDOWED: dict[str, Callable[[int], Read]] = {
    "calls": _calls,
    "answered": _ended("answered"),
    "missed": _ended("missed"),
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
