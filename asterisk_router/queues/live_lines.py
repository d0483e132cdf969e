"""The live lines of every PBX this daemon listens to."""

from __future__ import annotations

from collections.abc import Iterable

from .live_line import LiveLine


class LiveLines:
    """Finds the line a call is on."""

    def __init__(self, lines: Iterable[LiveLine] = ()) -> None:
        self._lines = {line.pbx: line for line in lines}
        self._only = next(iter(self._lines.values())) if len(self._lines) == 1 else LiveLine.UNKNOWN

    def of(self, uniqueid: str) -> LiveLine:
        """The line of the PBX whose systemname begins `uniqueid` (`berlin-1700000000.12`), else the only one.

        >>> LiveLines([]).of("1700000000.12") is LiveLine.UNKNOWN
        True
        """
        return self._lines.get(uniqueid.rpartition("-")[0], self._only)
