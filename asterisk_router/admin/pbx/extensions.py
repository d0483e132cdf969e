"""Reads the dialplan of a PBX from its files, as far as it takes to see where a call can go and which keys it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ANY = "*"
"""An extension named by a variable: any of its context."""

_SECTION = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\))?")
_STEP = re.compile(r"(?:exten|same)\s*=>?\s*(.*)")
_PRIORITY = re.compile(r"\s*[\dns+]+(?:\([^)]*\))?\s*,\s*(\w+)\s*(?:\((.*)\))?\s*\Z", re.DOTALL)
_SETS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}


class Step(NamedTuple):
    """One step of an extension."""

    app: str
    """The application, in small letters."""
    arguments: str
    """What stands in its brackets."""
    where: str
    """`file:line`."""


class Dialplan:
    """The contexts of all files read, and the keys callers have in each queue."""

    def __init__(self) -> None:
        self.contexts: dict[str, dict[str, list[Step]]] = {}
        """By context and extension: the steps in order, its labels left out."""
        self.includes: dict[str, list[str]] = {}
        """By context: those it includes."""
        self.queues: dict[str, dict[str, str]] = {}
        """By queue of queues.conf: its options, those of its templates before them."""

    def steps(self, context: str, extension: str) -> list[Step]:
        """The steps of an extension, by its name, a pattern or an included context; of ANY, all of the context."""
        own = self.contexts.get(context, {})
        if extension == ANY:
            return [step for steps in own.values() for step in steps]
        found = own.get(extension)
        if found is None:
            found = next((steps for name, steps in own.items() if _fits(name, extension)), None)
        if found is None:
            included = (self.steps(each, extension) for each in self.includes.get(context, ()) if each != context)
            found = next(filter(None, included), [])
        return found

    def read(self, directory: Path) -> None:
        """Take in `extensions*.conf` and `queues*.conf` of a directory; raises OSError."""
        for path in sorted(directory.glob("extensions*.conf")):
            self._read_extensions(path)
        for path in sorted(directory.glob("queues*.conf")):
            self._read_queues(path)

    def _read_extensions(self, path: Path) -> None:
        context, extension = "", ""
        for number, line in _lines(path):
            section = _SECTION.match(line)
            if section:
                context, extension = section[1], ""
                self.contexts.setdefault(context, {})
                continue
            if line.startswith("include"):
                self.includes.setdefault(context, []).append(line.partition("=")[2].lstrip("> ").partition(",")[0])
                continue
            written = _STEP.match(line)
            if not written or not context:
                continue
            rest = written[1]
            if line.startswith("exten"):
                extension, _, rest = rest.partition(",")
                extension = extension.strip()
            step = _PRIORITY.match(rest)
            if step:
                steps = self.contexts[context].setdefault(extension, [])
                steps.append(Step(step[1].lower(), step[2] or "", f"{path.name}:{number}"))

    def _read_queues(self, path: Path) -> None:
        options: dict[str, str] = {}
        for _, line in _lines(path):
            section = _SECTION.match(line)
            if section:
                options = self.queues.setdefault(section[1], {})
                for template in (section[2] or "").split(","):
                    options.update(self.queues.get(template.strip(), {}))
                continue
            key, _, value = line.partition("=")
            options[key.strip()] = value.lstrip("> ").strip()


def split(text: str, sign: str) -> list[str]:
    """The parts of arguments between signs that stand in no brackets.

    >>> split("router-queue,${IF($[1]?a,b:c)},1", ",")
    ['router-queue', '${IF($[1]?a,b:c)}', '1']
    """
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that say something, without their comments."""
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        said = re.sub(r"(?<!\\);.*", "", line).strip()
        if said and not said.startswith("#"):
            yield number, said


def _fits(pattern: str, extension: str) -> bool:
    """Whether an extension of the dialplan is a pattern that takes in a name (`ast_extension_match` of main/pbx.c)."""
    if not pattern.startswith("_"):
        return False
    parts = re.findall(r"\[[^\]]*\]|.", pattern[1:].replace("-", "") if "[" not in pattern else pattern[1:])
    wanted = "".join(part if part.startswith("[") else _SETS.get(part.upper(), re.escape(part)) for part in parts)
    return re.fullmatch(wanted, extension) is not None
