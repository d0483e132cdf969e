"""The line a call is on."""

from __future__ import annotations

from asterisk_router.queues.live_line import LiveLine
from asterisk_router.queues.live_lines import LiveLines


def test_the_only_line_is_that_of_every_call() -> None:
    line = LiveLine("berlin")
    lines = LiveLines([line])
    assert lines.of("berlin-1700000000.12") is line
    assert lines.of("1700000000.12") is line


def test_of_several_the_systemname_tells() -> None:
    berlin, east = LiveLine("berlin"), LiveLine("berlin-east")
    lines = LiveLines([berlin, east])
    assert lines.of("berlin-1700000000.12") is berlin
    assert lines.of("berlin-east-1700000000.12") is east
    assert lines.of("munich-1700000000.12") is LiveLine.UNKNOWN
    assert lines.of("1700000000.12") is LiveLine.UNKNOWN
    assert lines.of("") is LiveLine.UNKNOWN


def test_without_a_line_nothing_is_known() -> None:
    assert LiveLines().of("1700000000.12") is LiveLine.UNKNOWN
