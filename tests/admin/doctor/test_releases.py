"""What the doctor says between an upgrade and the restart."""

from __future__ import annotations

import pytest

from asterisk_router import __version__
from asterisk_router.admin.doctor.releases import about_release
from asterisk_router.admin.status import DaemonStatus


@pytest.mark.parametrize(
    ("worker", "keeper", "said"),
    [
        (__version__, __version__, ""),
        ("0.0.1", "0.0.1", "7 runs 0.0.1, "),
        ("", "", "7 runs an older release, "),
        (__version__, "0.0.1", "the keeper of 7 runs 0.0.1, "),
        (__version__, "", "the keeper of 7 runs an older release, "),
    ],
)
def test_who_runs_an_older_release_is_told_with_the_least_that_brings_the_new_one(
    worker: str, keeper: str, said: str
) -> None:
    daemon = DaemonStatus(7, "shop-1", "/p.toml", "", "", 0, {}, {}, worker, keeper)
    found = list(about_release(daemon))
    assert [(each.state, each.said) for each in found] == (
        [("yellow", f"{said}installed is {__version__}")] if said else []
    )
    if worker == __version__:
        assert all("systemctl restart" in each.remedy and "USR2" not in each.remedy for each in found)
    else:
        assert all("USR2" in each.remedy for each in found)
