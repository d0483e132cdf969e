"""No number of a caller stands whole in the log."""

from __future__ import annotations

import io
import logging

import pytest

from asterisk_router.daemon.masked_log import MaskedLog, log_to
from asterisk_router.errors import StoreError


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
