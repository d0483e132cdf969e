"""What daemons say of themselves, read as their status; a real one is seen in tests/admin/cli/test_status.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.ports import StateFiles
from asterisk_router.admin.status import daemons
from asterisk_router.errors import RouterError
from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.store.daemon_notices import DaemonNotices
from asterisk_router.store.policy_versions import PolicyVersions

SAID = {
    "policy_version": "shop-1", "policy_file": "/p.toml", "shipped": False, "shadow_file": "",
    "policy_fault": "", "store_fault": "", "degraded": 3, "degraded_why": {"store away": 3},
    "claims_refused": {"line unknown": 2},
}  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> StateFiles:
    return StateFiles(PolicyVersions(tmp_path), DaemonNotices(tmp_path / "daemons"), ActMirror(tmp_path))


def test_no_daemon_is_said(state: StateFiles) -> None:
    with pytest.raises(RouterError, match="no daemon runs"):
        daemons(state)


@pytest.mark.parametrize(
    ("other", "well"),
    [({}, True), ({"policy_fault": "p.toml:1:1: not UTF-8"}, False), ({"store_fault": "cannot connect"}, False)],
)
def test_a_daemon_is_well_when_it_does_now_what_it_is_told(state: StateFiles, other: dict, well: bool) -> None:
    DaemonNotices(Path(state.notices._folder)).publish({**SAID, **other})  # type: ignore[attr-defined]
    (status,) = daemons(state)
    assert status.well is well
    assert (status.degraded, status.degraded_why) == (3, {"store away": 3}), "what was is no fault of now"
    assert status.claims_refused == {"line unknown": 2}
    assert (status.release, status.keeper_release) == ("", ""), "a daemon of an older release does not say"
