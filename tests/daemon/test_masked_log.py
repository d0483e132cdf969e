"""No number of a caller stands whole in the log, and nothing quoted there acts."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from pathlib import Path

import pytest

from asterisk_router.daemon.masked_log import JournalLog, MaskedLog, is_journal, log_to
from asterisk_router.errors import StoreError
from tests.fuzz.hostile_texts import hostile_texts

FORMAT = "%(asctime)s %(levelname)s %(message)s"
BEGINS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING ")


def entry(message: str, *arguments: object, exc_info: object = None) -> str:
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, message, arguments, exc_info)  # type: ignore[arg-type]
    return MaskedLog(FORMAT).format(record)


@pytest.mark.parametrize("text", hostile_texts())
def test_a_text_is_in_its_entry_and_acts_nowhere(text: bytes) -> None:
    said = text.decode(errors="replace")
    first, *more = entry("a call of %s is left aside", said).split("\n")
    assert BEGINS.match(first)
    assert all(line.startswith("  ") for line in more)
    assert all(line.isprintable() for line in (first, *more))
    assert ("zq7" in said) == ("zq7" in "".join((first, *more)))


@pytest.mark.parametrize("text", hostile_texts())
def test_every_line_for_the_journal_has_its_own_priority_first(text: bytes) -> None:
    record = logging.makeLogRecord({"msg": "left aside: %s", "args": (text.decode(errors="replace"),), "levelno": 40})
    lines = JournalLog("%(message)s").format(record).split("\n")
    assert lines[0].startswith("<3>left aside: ") and all(line.startswith("<3>  ") for line in lines[1:])


def test_the_journal_is_spoken_to_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open(tmp_path / "log", "w+") as file:
        at = os.fstat(file.fileno())
        assert not is_journal(file) and not is_journal(io.StringIO())
        monkeypatch.setenv("JOURNAL_STREAM", f"{at.st_dev}:{at.st_ino}")
        assert is_journal(file) and not is_journal(sys.__stdout__)


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


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("of +421255500100: away", "of +42125550****: away"),
        ("('+12025550100', '+442079460100')", "('+1202555****', '+44207946****')"),
        ("num=%2B421255500100&did=1", "num=%2B42125550****&did=1"),
        ("call 1795413703.12 took 1795413703+1", "call 1795413703.12 took 1795413703+1"),
        ("+1 more, 127.0.0.1:4573, +02:00", "+1 more, 127.0.0.1:4573, +02:00"),
    ],
)
def test_numbers_are_masked_and_nothing_else(said: str, shown: str) -> None:
    assert MaskedLog("%(message)s").format(logging.makeLogRecord({"msg": said})) == shown


def test_a_traceback_is_masked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.Logger("root")
    monkeypatch.setattr(logging, "root", root)
    stream = io.StringIO()
    log_to(stream, "info")
    try:
        raise StoreError("others changed this caller", where="+421255500100")
    except StoreError as fault:
        root.error("a fault: %r", fault, exc_info=fault)
    root.debug("+421255500100")
    assert "StoreError: +42125550****: others changed" in stream.getvalue() and "5500100" not in stream.getvalue()
