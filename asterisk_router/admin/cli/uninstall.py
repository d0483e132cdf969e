"""`asterisk-router uninstall`: takes away what `install` laid down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options
from .install import root

if TYPE_CHECKING:
    from ..installation.record import Record


@click.command()
@click.option("--apply", is_flag=True, help="Do it. Without this nothing is changed.")
@root
@options.as_json
def uninstall(apply: bool, root: Path, as_json: bool) -> None:
    """Take the installation away again: prints every step, and does them with --apply.

    Removes the files and lines that install wrote and nobody edited since, and puts back what it had copied. The
    user, the callers and the journal stay. Refused while the service is enabled, and while a trunk still leads to the
    router, for its calls would end.

    \b
    Examples:
      asterisk-router uninstall
      sudo systemctl disable --now asterisk-router.service
      sudo asterisk-router uninstall --apply
    """
    from ..installation.machine import Machine
    from ..installation.record import Record
    from ..installation.uninstall import refuse_while_calls_come, refuse_while_it_starts_by_itself, steps
    from .install_steps import show_and_do

    machine = Machine(root)
    record = Record.of(machine)
    todo = steps(machine, record)
    if apply:
        refuse_while_calls_come(machine)
        refuse_while_it_starts_by_itself(machine)
    rest = {
        "first": [f"systemctl disable --now {' '.join(_units(record))}"] if todo else [],
        "not_touched": ["the user asterisk-router", "/var/lib/asterisk-router, with callers and journal", "Redis"],
        "then": ["systemctl daemon-reload", "asterisk -rx 'core reload'"] if todo else [],
    }
    show_and_do(todo, rest, apply=apply, as_json=as_json, finish=lambda: None)


def _units(record: Record) -> list[str]:
    """Those of systemd that were installed."""
    from ..installation.layout import UNIT_DIR

    return [path.rpartition("/")[2] for path in record.files if path.startswith(f"{UNIT_DIR}/")]
