"""`asterisk-router status`: how the daemons on this machine are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options, tables

if TYPE_CHECKING:
    from ..status import DaemonStatus


@click.command()
@options.state_dir
@options.as_json
def status(state_dir: Path, as_json: bool) -> None:
    """Show by which policy each daemon routes, whether it finds callers, and how many calls went without theirs.

    It asks no Redis and no PBX: daemons say it of themselves, once a second, in the state directory. Calls without
    their caller are counted since the start of the daemon; its log says each minute what came.

    \b
    Examples:
      asterisk-router status
      asterisk-router status --json
      sudo asterisk-router status --state-dir /var/lib/asterisk-router

    \b
    Exit codes:
      0  every daemon routes by its policy file and finds callers
      1  one does not, or none runs
    """
    from ..status import daemons

    found = daemons(options.ports().state_files(state_dir))
    if as_json:
        tables.print_json([{**each._asdict(), "well": each.well} for each in found])
    else:
        for each in found:
            _print(each)
    if not all(each.well for each in found):
        raise click.exceptions.Exit(1)


def _print(daemon: DaemonStatus) -> None:
    why = _counted(daemon.degraded_why)
    tables.print_facts(
        [
            ("Daemon", f"{daemon.pid}, release {daemon.release or 'unknown'}"),
            ("Policy", f"{daemon.policy_version}  {daemon.policy_file}"),
            ("Not in force", daemon.policy_fault),
            ("Callers", daemon.store_fault or "are found"),
            ("Calls without their caller", f"{daemon.degraded} ({why})" if why else daemon.degraded),
            ("Claims refused", _counted(daemon.claims_refused) or 0),
        ]
    )


def _counted(reasons: dict[str, int]) -> str:
    """The reasons, the most frequent first."""
    return ", ".join(f"{why}: {count}" for why, count in sorted(reasons.items(), key=lambda each: -each[1]))
