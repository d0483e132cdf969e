"""Reads the facts of a call into buckets and labels, in plain Python; the twin of `ext/facts.pyx`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

TAG_NAME, TAG_TRUST, TAG_EXPIRES = 0, 4, 6
"""Where name, trust and expires_at_s stand in a `Tag`."""

AT = 3
"""Where the moment of the call, at_s, stands in a `Situation`."""


class Slot(NamedTuple):
    """How one slot of the program is filled."""

    read: Any
    """Reads the value from the situation; None where `path` says all there is to say."""
    path: tuple[int, ...]
    """Position after position, from the situation to the value: one to three."""
    gate: int
    """Position of a flag in the situation without which the value is None; -1 for none."""
    window_s: int
    """If not 0 the value is a tuple of tuples, and what counts is how many begin with a moment of the last seconds."""
    find: Mapping[Any, int]
    """The bucket of a value."""


class Facts:
    """The slots of one program, in order."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = tuple(slots)

    def buckets(self, situation: tuple[Any, ...], first: list[int]) -> list[int]:
        """`first`, and after it one bucket a slot."""
        for read, path, gate, window_s, find in self._slots:
            if read is not None:
                value = read(situation)
            elif gate >= 0 and not situation[gate]:
                value = None
            else:
                value = situation
                for position in path:
                    value = value[position]
                if window_s:
                    since_s = situation[AT] - window_s
                    value = sum(1 for each in value if each[0] >= since_s)
            first.append(find[value])
        return first


def labels_of(tags: tuple[Any, ...], known: Mapping[str, int], at_s: float, trust: int) -> list[int]:
    """Labels of those tags that the program knows, that have not expired and for which `trust` is enough."""
    return [
        known[tag[TAG_NAME]]
        for tag in tags
        if tag[TAG_NAME] in known and tag[TAG_TRUST] <= trust and not 0 < tag[TAG_EXPIRES] <= at_s
    ]
