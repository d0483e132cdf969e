"""When and how often a missed call is called back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .file.entries import Entries
from .file.words import duration_of
from .schedules import Schedule


class CallBackRules(NamedTuple):
    """`[call_backs]` of a policy, with what holds where it says nothing."""

    hours: Schedule = Schedule("", "UTC", [(0, 7 * 1440)], frozenset())
    """Within which call-backs are dialled; always unless said."""
    attempts: int = 3
    """How often one is tried."""
    pause_s: int = 15 * 60
    """Seconds between two attempts."""
    expire_s: int = 3 * 86400
    """Seconds after the last missed call at which an entry is closed."""
    dial: bool = False
    """Whether the router dials them when an agent is free; else people do."""

    def is_open(self, at_s: float) -> bool:
        """Whether people may be called back at that second since 1970 UTC."""
        return self.hours.is_open(at_s)


def call_back_rules_of(entries: Entries, schedules: Mapping[str, Schedule]) -> CallBackRules:
    """The rules of a policy whose references have been checked, faults added to `entries`."""
    entry = entries.one("call_backs")
    rules = CallBackRules()
    if entry is None:
        return rules
    fields = entry.fields
    if fields.get("dial") and "open" not in fields:
        remedy = 'write open = "office", a schedule within which people may be called'
        entries.faults.append(entry.fault("dial", "dial: the calling hours are not said", remedy))
    rules = rules._replace(
        hours=schedules.get(fields.get("open", ""), rules.hours),
        **{name: fields[key] for key, name in _FIELDS.items() if key in fields},
    )
    if rules.attempts == 0:
        entries.faults.append(entry.fault("attempts", "attempts: none would ever be made", "write at least 1"))
    if rules.expire_s <= rules.pause_s:
        problem = f"expire: {duration_of(rules.expire_s)} leaves no room for a pause of {duration_of(rules.pause_s)}"
        entries.faults.append(entry.fault("expire", problem, "write a longer expire, or a shorter pause"))
    return rules


_FIELDS = {"attempts": "attempts", "pause": "pause_s", "expire": "expire_s", "dial": "dial"}
