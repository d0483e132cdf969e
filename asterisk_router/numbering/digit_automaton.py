"""Patterns over digits, turned into tables a kernel can walk: one step a digit, no backtracking.

Only what building tables needs; no call ever runs this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import pack

from ..errors import NumberingPlanError

DIGITS = "0123456789"
DEAD = 0
"""The node from which nothing is accepted any more."""


class NodePool:
    """Nodes of any number of automata: equal ones exist once, so the tails of all countries are shared."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, ...]] = [(0,) * 11]
        self._known: dict[tuple[int, ...], int] = {self._rows[0]: DEAD}

    def node(self, label: int, children: Iterable[int]) -> int:
        """The node with `label` (0 for not accepting) and ten `children`, one a digit; made when new."""
        row = (label, *children)
        known = self._known.setdefault(row, len(self._rows))
        if known == len(self._rows):
            self._rows.append(row)
        return known

    def labels(self) -> bytes:
        """The label of each node, one byte a node."""
        return bytes(row[0] for row in self._rows)

    def steps(self) -> bytes:
        """The ten children of each node, little-endian unsigned 16-bit."""
        if len(self._rows) > 0xFFFF:
            raise NumberingPlanError("the patterns need more nodes than a table holds", remedy="use fewer patterns")
        return b"".join(pack("<10H", *row[1:]) for row in self._rows)


class DigitPatterns:
    """A non-deterministic automaton for several patterns at once, in the dialect of phonenumberslite's metadata.

    That dialect is digits, `\\d`, `[..]`, groups, `|`, `?`, `{n}`, `{n,m}`; `$` is read as "or one digit more",
    so that whoever labels the states still sees the difference between the end and no end.
    """

    def __init__(self) -> None:
        self._jumps: list[list[int]] = []
        self._steps: list[list[tuple[str, int]]] = []

    def add(self, pattern: str) -> tuple[int, int]:
        """Add a pattern; returns its first state and the state in which the whole of it was seen."""
        start = self._state()
        end, at = self._choice(pattern, 0, start)
        if at != len(pattern):
            raise NumberingPlanError(f"pattern {pattern!r} cannot be read at character {at + 1}")
        return start, end

    def closure(self, states: Iterable[int]) -> frozenset[int]:
        """Every state reachable from `states` without reading a digit."""
        seen: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += self._jumps[state]
        return frozenset(seen)

    def step(self, states: frozenset[int], digit: str) -> frozenset[int]:
        """Every state reachable from `states` by reading `digit`."""
        return self.closure(to for state in states for digits, to in self._steps[state] if digit in digits)

    def _state(self) -> int:
        self._jumps.append([])
        self._steps.append([])
        return len(self._jumps) - 1

    def _choice(self, pattern: str, at: int, start: int) -> tuple[int, int]:
        end = self._state()
        while True:
            branch = self._state()
            self._jumps[start].append(branch)
            last, at = self._sequence(pattern, at, branch)
            self._jumps[last].append(end)
            if pattern[at : at + 1] != "|":
                return end, at
            at += 1

    def _sequence(self, pattern: str, at: int, start: int) -> tuple[int, int]:
        state = start
        while at < len(pattern) and pattern[at] not in "|)":
            least, most, after = _repetition(pattern, _atom_end(pattern, at))
            for count in range(most):
                before = state
                state = self._atom(pattern, at, before)
                if count >= least:  # each optional turn can be left out, and with it all that follow
                    skipped = self._state()
                    self._jumps[before].append(skipped)
                    self._jumps[state].append(skipped)
                    state = skipped
            at = after
        return state, at

    def _atom(self, pattern: str, at: int, start: int) -> int:
        if pattern[at] == "(":
            return self._choice(pattern, at + (3 if pattern.startswith("(?:", at) else 1), start)[0]
        end = self._state()
        if pattern[at] == "$":
            self._jumps[start].append(end)
            self._steps[start].append((DIGITS, end))
        else:
            self._steps[start].append((_digits(pattern[at : _atom_end(pattern, at)]), end))
        return end


def _atom_end(pattern: str, at: int) -> int:
    if pattern[at] == "[":
        return pattern.index("]", at) + 1
    if pattern[at] != "(":
        return at + (2 if pattern[at] == "\\" else 1)
    depth = 0
    for place in range(at, len(pattern)):
        depth += {"(": 1, ")": -1}.get(pattern[place], 0)
        if not depth:
            return place + 1
    raise NumberingPlanError(f"pattern {pattern!r} has a group without an end")


def _digits(atom: str) -> str:
    if atom == "\\d":
        return DIGITS
    found = ""
    inside = atom.strip("[]").replace("\\d", DIGITS)
    for place, char in enumerate(inside):
        if char == "-":
            found += DIGITS[int(inside[place - 1]) : int(inside[place + 1]) + 1]
        elif char in DIGITS:
            found += char
        else:
            raise NumberingPlanError(f"pattern part {atom!r} is no digit")
    return found


def _repetition(pattern: str, at: int) -> tuple[int, int, int]:
    """Least and most repetitions of the atom that ended at `at`, and where the pattern goes on."""
    if pattern[at : at + 1] == "?":
        return 0, 1, at + 1
    if pattern[at : at + 1] != "{":
        return 1, 1, at
    end = pattern.index("}", at)
    least, _, most = pattern[at + 1 : end].partition(",")
    return int(least), int(most or least), end + 1


def walkable(
    pool: NodePool,
    patterns: DigitPatterns,
    start: Iterable[int],
    label: Callable[[frozenset[int], str], int],
    longest: int,
    outlook: Callable[[str], object] = lambda digits: None,
) -> int:
    """Turn `patterns` from the states `start` into nodes of `pool`; returns the first node.

    `label(states, digits)` gives the label of the node reached by `digits`; digit strings longer than `longest` are
    not accepted. Strings that reach the same states at the same length with the same label share a node; `outlook`
    tells those apart of which that is not enough to know the labels that follow.
    """
    known: dict[tuple[object, ...], int] = {}

    def build(states: frozenset[int], digits: str) -> int:
        if not states or len(digits) > longest:
            return DEAD
        mark = label(states, digits)
        key = (states, len(digits), mark, outlook(digits))
        if key not in known:
            known[key] = pool.node(mark, [build(patterns.step(states, digit), digits + digit) for digit in DIGITS])
        return known[key]

    return build(patterns.closure(start), "")
