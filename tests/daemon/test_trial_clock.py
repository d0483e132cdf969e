"""The clock of demonstrations and trials."""

from __future__ import annotations

import pytest

from asterisk_router.daemon.trial_clock import TrialClock
from asterisk_router.settings import Clock
from tests.daemon.conftest import BLOCK


def test_it_stands_until_it_is_first_asked_and_then_runs_at_its_speed() -> None:
    real = iter([500.0, 500.0, 501.5])
    clock = TrialClock(Clock(1000.0, 60.0), lambda: next(real))
    assert [clock(), clock(), clock()] == [1000.0, 1000.0, 1090.0]


@pytest.mark.parametrize(("hour", "closed"), [("03:00", True), ("10:00", False)])
def test_a_daemon_goes_by_it_and_warns(daemon, hour: str, closed: bool) -> None:
    router = daemon(clock=f"2026-11-23T{hour}+01:00")
    said = router.call(BLOCK.replace(b"%2B42125550100", b"anonymous").replace(b"+42125550100", b"anonymous"))
    assert (b"house closed" in said) is closed
    assert "NOT THE REAL TIME" in router.log
