"""One policy file, read: what it holds, and where each thing in it is written."""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple

from ...errors import PolicyFault
from .positions import Path, Positions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)| \(at end of document\)")


class Document(NamedTuple):
    """One file of a policy."""

    file: str
    """Path or shipped name, as faults show it."""
    short: str
    """The file without the directory of the policy, as reasons show it: `shop.toml`, `conf.d/20-night.toml`."""
    tables: dict[str, Any]
    """What it holds."""
    positions: Positions
    """Where that is written."""

    def fault(self, path: Path, problem: str, remedy: str = "") -> PolicyFault:
        """A fault of the key at `path`."""
        return PolicyFault(self.file, *self.positions.of(path), problem, remedy)

    def fault_inside(self, path: Path, problem: str, remedy: str = "", index: int = 0) -> PolicyFault:
        """A fault of the value at `path`, at its character `index` where it is text."""
        return PolicyFault(self.file, *self.positions.inside(path, index), problem, remedy)

    def where(self, path: Path) -> str:
        """`file:line` of a key."""
        return f"{self.short}:{self.positions.of(path)[0]}"


def read_document(file: str, short: str, text: str, faults: list[PolicyFault]) -> Document | None:
    """Read TOML; a file that is not TOML adds one fault and gives None."""
    text = text.replace("\r\n", "\n")
    try:
        return Document(file, short, tomllib.loads(text), Positions(text))
    except tomllib.TOMLDecodeError as wrong:
        place = _TOML_PLACE.search(str(wrong))
        if place and place[1]:
            line, column = int(place[1]), int(place[2])
        else:
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        problem = _TOML_PLACE.sub("", str(wrong))
        faults.append(PolicyFault(file, line, column, f"not TOML: {problem[:1].lower()}{problem[1:]}"))
        return None
