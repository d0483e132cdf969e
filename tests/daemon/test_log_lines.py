"""Lines of the log hold what was said, and nothing of it acts."""

from __future__ import annotations

import logging
import re
import sys

import pytest

from asterisk_router.daemon.log_lines import FORMAT, LogLines
from tests.fuzz.hostile_texts import hostile_texts

BEGINS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING ")


def entry(message: str, *arguments: object, exc_info: object = None) -> str:
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, message, arguments, exc_info)  # type: ignore[arg-type]
    return LogLines(FORMAT).format(record)


@pytest.mark.parametrize("text", hostile_texts())
def test_a_text_is_in_its_entry_and_acts_nowhere(text: bytes) -> None:
    said = text.decode(errors="replace")
    first, *more = entry("a call of %s is left aside", said).split("\n")
    assert BEGINS.match(first)
    assert all(line.startswith("  ") for line in more)
    assert all(line.isprintable() for line in (first, *more))
    assert ("zq7" in said) == ("zq7" in "".join((first, *more)))


def test_a_traceback_stands_indented_below_its_entry() -> None:
    try:
        raise ZeroDivisionError("\n2026-11-23 15:00:00,000 ERROR forged\x1b[2J")
    except ZeroDivisionError:
        first, *more = entry("a fault of ours", exc_info=sys.exc_info()).split("\n")
    assert first.endswith("WARNING a fault of ours")
    assert "  2026-11-23 15:00:00,000 ERROR forged\\x1b[2J" in more
    assert all(line.startswith("  ") for line in more)


def test_what_is_printable_stays_as_it_is() -> None:
    assert entry("%s", "Žofia, „naša“ 日本").endswith("WARNING Žofia, „naša“ 日本")
