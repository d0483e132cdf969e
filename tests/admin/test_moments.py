"""Moments and spans as a person writes them."""

from __future__ import annotations

from datetime import datetime

import pytest

from asterisk_router.admin.moments import as_moment, parse_expiry, parse_moment
from asterisk_router.errors import RouterError

NOON_S = int(datetime(2026, 11, 23, 12, 0).timestamp())


@pytest.mark.parametrize("written", ["2026-11-23T12:00", "2026-11-23 12:00", "2026-11-23 12:00:00"])
def test_a_moment_is_in_the_zone_of_the_machine(written: str) -> None:
    assert parse_moment(written) == NOON_S


@pytest.mark.parametrize("written", ["1970-01-02T00:00+00:00", "1970-01-02T00:00:00Z", "1970-01-02T02:00+02:00"])
def test_a_moment_may_bring_its_own_offset(written: str) -> None:
    assert parse_moment(written) == 86400


@pytest.mark.parametrize(
    ("written", "seconds"), [("90min", 5400), ("12h", 43200), ("30d", 2592000), ("2w", 1209600), ("1y", 31536000)]
)
def test_a_span_counts_from_now(written: str, seconds: int) -> None:
    assert parse_expiry(written, NOON_S) == NOON_S + seconds


def test_a_date_expires_at_its_end() -> None:
    assert parse_expiry("2026-11-23", NOON_S) == int(datetime(2026, 11, 24).timestamp())
    assert parse_expiry("2026-11-23 18:30", NOON_S) == NOON_S + 6 * 3600 + 1800


def test_never_is_zero_and_shown_as_nothing() -> None:
    assert parse_expiry("never", NOON_S) == 0
    assert as_moment(0) == "-"
    assert as_moment(NOON_S) == "2026-11-23 12:00"


@pytest.mark.parametrize("written", ["soon", "30", "2026-13-01", "2026-11-22", ""])
def test_what_is_no_moment_to_come_is_refused(written: str) -> None:
    with pytest.raises(RouterError):
        parse_expiry(written, NOON_S)
