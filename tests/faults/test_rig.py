"""Whatever the router stands on is broken, in short: no call is lost, hung, or sent where the policy does not send it.

`make faults` is the long form: a minute each, with the waits of the calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.fault import Fault, nothing
from tests.faults.rig import STALL_MS, Pace, Row, run
from tests.faults.stand import Stand, standing
from tests.live.undisturbed import undisturbed

LIVE = Path(__file__).parents[1] / "live"
SHORT = Pace(third_s=0.5)
ONLY_HERE = [fault for fault in FAULTS if not fault.shown_by and not fault.name.startswith("nothing")]


@pytest.fixture(scope="module")
def stand(request: pytest.FixtureRequest, testbed: Path) -> Iterator[Stand]:
    """Everything up and well."""
    with standing(testbed) as stand:
        yield stand
        stand.site.keep_log = bool(request.session.testsfailed)


@pytest.mark.live
@pytest.mark.alone
@pytest.mark.parametrize("fault", ONLY_HERE, ids=lambda fault: fault.name)
def test_no_call_is_lost_or_hung(stand: Stand, fault: Fault) -> None:
    def row() -> Row:
        (row,) = run(stand, [fault], SHORT)
        print(row)
        assert (row.lost, row.wrong, row.said) == (0, 0, "")
        return row

    undisturbed(row, lambda row: row.guarded <= row.most_guarded and (row.hung == 0 or a_few_are_late(row)))


def a_few_are_late(row: Row) -> bool:
    """Whether half of the calls placed while it was broken were not, and the others by little: no wait of ours."""
    return row.hung <= row.calls / 6 and row.longest_ms <= row.bound_ms + STALL_MS


@pytest.mark.live
@pytest.mark.alone
def test_the_rig_sees_calls_that_are_lost_or_stand_too_long(stand: Stand) -> None:
    ended = Fault(
        "ended", "Asterisk ends its calls", nothing, nothing, bound_ms=0.001,
        meanwhile=lambda stand: stand.site.pbx.cli("channel request hangup all"),
    )  # fmt: skip
    (row,) = run(stand, [ended], SHORT)
    assert row.said.startswith("calls were lost")
    assert row.hung == row.calls - row.lost
    assert not row.kept


def test_what_is_shown_elsewhere_is_shown_there() -> None:
    for fault in FAULTS:
        if fault.shown_by:
            file, test = fault.shown_by.split("::")
            assert re.search(rf"^def {test}\(", (LIVE / file).read_text(), re.MULTILINE), fault.shown_by


def test_faults_are_picked_by_name() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(set(names)) == len(names)
