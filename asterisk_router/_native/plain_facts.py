"""Reads the facts of a call into buckets and labels, in plain Python; the twin of `ext/facts.pyx`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

TAG_NAME, TAG_TRUST, TAG_EXPIRES = 0, 4, 6
"""Where name, trust and expires_at_s stand in a `Tag`."""

AT = 3
"""Where the moment of the call, at_s, stands in a `Situation`."""

CALL_AT, CALL_OUTCOME = 0, 1
"""Where at_s and outcome stand in a `PastCall`."""

VALUE, TRUTH, CALLS, ANSWERED, MISSED, MISSED_SINCE_ANSWER = range(6)
"""What a slot makes of a value: itself; whether it is not empty; of past calls how many, how many were answered, how
many were missed, and how many since the last answered one. Where an outcome that would count is unknown, so is it."""

MOST_STEPS = 3
"""Paths of a slot, and positions of a path."""

_COUNTS = {ANSWERED: "answered", MISSED: "missed"}


class Slot(NamedTuple):
    """How one slot of the program is filled."""

    read: Any
    """Reads the value from the situation; None where `path` says all there is to say."""
    paths: tuple[tuple[int, ...], ...]
    """Position after position, from the situation to the value, one to three; of up to three paths the first whose
    value is not empty counts, else the last."""
    gate: int
    """Position of a flag in the situation without which the value is None; -1 for none."""
    makes: int
    """What is made of the value: VALUE, TRUTH...; VALUE for one that `read` reads."""
    window_s: int
    """Only past calls of so many last seconds count; 0 for all."""
    find: Mapping[Any, Any]
    """The bucket of what was made; or whatever else is to be had for it."""


def value_of(situation: tuple[Any, ...], paths: Sequence[Sequence[int]], gate: int, makes: int, window_s: int) -> Any:
    """What a slot without `read` holds, before it is put into its bucket."""
    if gate >= 0 and not situation[gate]:
        return None
    value: Any = None
    for path in paths:
        value = situation
        for position in path:
            value = value[position]
        if value:
            break
    if makes == VALUE:
        return value
    return bool(value) if makes == TRUTH else _count(value, makes, situation[AT] - window_s if window_s else 0)


def _count(calls: tuple[tuple[Any, ...], ...], makes: int, since_s: float) -> int | None:
    count = 0
    for call in reversed(calls):
        if call[CALL_AT] < since_s:
            continue
        outcome = call[CALL_OUTCOME]
        if makes == CALLS:
            count += 1
        elif outcome == "unknown":
            return None
        elif makes != MISSED_SINCE_ANSWER:
            count += outcome == _COUNTS[makes]
        elif outcome == "answered":
            break
        else:
            count += 1
    return count


class Facts:
    """The slots of one program, in order."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = tuple(slots)
        if any(len(each) > MOST_STEPS for slot in slots for each in (slot.paths, *slot.paths)):
            raise ValueError(f"at most {MOST_STEPS} paths, of at most {MOST_STEPS} positions")

    def buckets(self, situation: tuple[Any, ...], first: list[Any]) -> list[Any]:
        """`first`, and after it one bucket a slot."""
        for read, paths, gate, makes, window_s, find in self._slots:
            value = value_of(situation, paths, gate, makes, window_s) if read is None else read(situation)
            first.append(find[value])
        return first


def labels_of(tags: tuple[Any, ...], known: Mapping[str, int], at_s: float, trust: int) -> list[int]:
    """Labels of those tags that the program knows, that have not expired and for which `trust` is enough."""
    return [
        known[tag[TAG_NAME]]
        for tag in tags
        if tag[TAG_NAME] in known and tag[TAG_TRUST] <= trust and not 0 < tag[TAG_EXPIRES] <= at_s
    ]
