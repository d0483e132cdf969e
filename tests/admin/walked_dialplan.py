"""Walks a written dialplan as Asterisk would, every way a condition can turn out, up to the first person rung."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

STEP = re.compile(r"(?:exten => ([^,]+),1|same => n)(?:\((\w+)\))?,(\w+)\((.*)\)\s*$")
PERSON = ("Queue", "Dial")
"""Applications that ring somebody."""

SPOKEN = ("Background", "Playback", "Read")
"""Applications that make the caller listen first."""

QUEUES_OF_FREEPBX = "ext-queues"
"""The context of FreePBX in which its queues are."""

QUEUE = "reception"
"""What stands for a queue the dialplan computes."""


class Place(NamedTuple):
    """Where a call stands."""

    context: str
    extension: str
    step: int
    dialled: str
    """What EXTEN is there."""


class Step(NamedTuple):
    """One line of an extension."""

    label: str
    application: str
    arguments: str


class Way(NamedTuple):
    """One way of a call, without a key, to the first person, or to its end."""

    heard: tuple[tuple[str, str], ...]
    """Applications that made the caller listen, each with its arguments, in order."""
    person: bool
    """Whether somebody was rung in the end."""


class Dialplan:
    """Every extension of a file."""

    def __init__(self, text: str) -> None:
        self._steps: dict[tuple[str, str], list[Step]] = {}
        context = extension = ""
        for line in text.splitlines():
            if line.startswith("["):
                context = line[1 : line.index("]")]
            found = STEP.match(line.strip())
            if found:
                extension = found[1] or extension
                self._steps.setdefault((context, extension), []).append(Step(found[2] or "", found[3], found[4]))

    def ways(self, context: str, extension: str) -> set[Way]:
        """Every way from the first step of an extension."""
        start = self._extension(context, extension)
        assert start is not None, f"no {extension} in {context}"
        return set(self._from(start, (), (), frozenset()))

    def _extension(self, context: str, extension: str) -> Place | None:
        for known_context, known in self._steps:
            pattern = known[1:].replace("X", "[0-9]") if known.startswith("_") else re.escape(known)
            if known.startswith("_") and pattern[-1] in ".!":
                pattern = pattern[:-1] + (".+" if pattern[-1] == "." else ".*")
            if known_context == context and re.fullmatch(pattern, extension):
                return Place(context, known, 0, extension)
        return None

    def _from(
        self, at: Place, back: tuple[Place, ...], heard: tuple[tuple[str, str], ...], seen: frozenset[object]
    ) -> Iterator[Way]:
        steps = self._steps[at.context, at.extension]
        if (at, back) in seen or at.step >= len(steps):
            return  # a loop says nothing that going round once did not say
        seen |= {(at, back)}
        _, application, arguments = steps[at.step]
        onward = at._replace(step=at.step + 1)
        if application in PERSON or f"{QUEUES_OF_FREEPBX}," in arguments.rpartition("?")[2]:
            yield Way(heard, True)
            return
        if application == "Hangup":
            yield Way(heard, False)
            return
        if application in SPOKEN:
            heard = (*heard, (application, arguments))
        for target, returns in self._next(application, arguments, at, onward, back):
            yield from self._from(target, returns, heard, seen)

    def _next(
        self, application: str, arguments: str, at: Place, onward: Place, back: tuple[Place, ...]
    ) -> Iterator[tuple[Place, tuple[Place, ...]]]:
        if application == "Return":
            if back:
                yield back[-1], back[:-1]
            return
        condition, _, targets = arguments.rpartition("?") if application.endswith("If") else ("", "", arguments)
        goes = application in ("Goto", "GotoIf", "Gosub", "GosubIf")
        for target in re.split(r":(?![^{]*})", targets) if goes else ():
            place = self._target(target, at)
            if place is not None:
                yield place, (*back, onward) if application.startswith("Gosub") else back
        if application not in ("Goto", "Gosub"):
            yield onward, back

    def _target(self, target: str, at: Place) -> Place | None:
        target = re.sub(r"\$\{EXTEN\}", at.dialled, re.sub(r"\$\{(?!EXTEN).*\}", QUEUE, target))
        names = [name.strip() for name in re.sub(r"\(.*", "", target).split(",")]
        if len(names) == 1:
            labels = [step.label for step in self._steps[at.context, at.extension]]
            return at._replace(step=labels.index(names[0]))
        context, extension, label = names if len(names) == 3 else (at.context, *names)
        place = self._extension(context, extension)
        if place is None or label == "1":
            return place
        labels = [step.label for step in self._steps[place.context, place.extension]]
        return place._replace(step=labels.index(label))
