"""How the daemons that run are: by which policy they route, whether they find callers, what they could not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import RouterError

if TYPE_CHECKING:
    from .ports import StateFiles


class DaemonStatus(NamedTuple):
    """One daemon, by its own words of a second ago."""

    pid: int
    """Its process."""
    policy_version: str
    """What routes its calls."""
    policy_file: str
    """The file that is to."""
    policy_fault: str
    """Why the version in force is not what the file says; empty when it is."""
    store_fault: str
    """Why its calls meet no caller at the moment; empty while they do."""
    degraded: int
    """Calls decided without their caller since its start."""
    degraded_why: dict[str, int]
    """What failed -> how often; one call may meet two failures."""
    claims_refused: dict[str, int]
    """Why a bare number was not believed to be more than a stranger's -> how often, since its start."""

    release: str
    """Release of the package that it runs, which an upgrade leaves as it is; empty where it does not say."""
    keeper_release: str
    """The same of the keeper of several workers, else its own."""

    @property
    def well(self) -> bool:
        """Whether it does now what it is told to; what was is no fault of now."""
        return not self.policy_fault and not self.store_fault


def daemons(state: StateFiles) -> list[DaemonStatus]:
    """The daemons on this state directory; raises RouterError when there is none, OSError."""
    notices = state.notices.read_all()
    if not notices:
        raise RouterError(
            "no daemon runs on this state directory",
            remedy="start one, asterisk-router serve, or name its --state-dir",
        )
    return [_status(notice) for notice in notices]


def _status(notice: dict[str, Any]) -> DaemonStatus:
    said = {"release": "", "keeper_release": "", **notice}  # an older daemon says less
    return DaemonStatus(*(said[name] for name in DaemonStatus._fields))
