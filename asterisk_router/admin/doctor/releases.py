"""Whether what runs is what is installed: after an upgrade a daemon, and the keeper of its workers, run the old one."""

from __future__ import annotations

from collections.abc import Iterator

from ... import __version__
from ..status import DaemonStatus
from .finding import Finding, yellow

WORKERS = (
    "systemctl kill -s USR2 --kill-who=main asterisk-router, which no caller notices; "
    "of a service without workers: systemctl restart asterisk-router"
)
KEEPER = "systemctl restart asterisk-router, when few call"


def about_release(daemon: DaemonStatus) -> Iterator[Finding]:
    """How a daemon comes to run the release that is installed; nothing where it does.

    Calls are answered either way, so it is yellow.
    """
    if daemon.release != __version__:
        yield yellow("release", _runs(str(daemon.pid), daemon.release), WORKERS)
    elif daemon.keeper_release != __version__:
        yield yellow("release", _runs(f"the keeper of {daemon.pid}", daemon.keeper_release), KEEPER)


def _runs(who: str, release: str) -> str:
    return f"{who} runs {release or 'an older release'}, installed is {__version__}"
