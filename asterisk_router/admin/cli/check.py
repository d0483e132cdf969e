"""`asterisk-router check`: is this policy fit to route calls."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...errors import PolicyFault


@click.command()
@click.argument("policy", metavar="POLICY")
@click.option("--strict", is_flag=True, help="Refuse a policy for its warnings, too.")
@click.option(
    "--dialplan",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Hold it against the dialplan in DIR as well: branches, queues, and a person at key 0.",
)
@click.option(
    "--ami",
    metavar="ami://USER:SECRET@HOST:PORT/NAME",
    multiple=True,
    help="Ask this PBX, too: is each queue there, with agents and their skills, and, if its user may read the dialplan "
    "(write = reporting), each branch. May be given several times.",
)
@options.as_json
def check(policy: str, strict: bool, dialplan: Path | None, ami: tuple[str, ...], as_json: bool) -> None:
    """Check a policy and run the tests inside it; report everything with file:line:column and what to do.

    POLICY is a file, or a shipped name: shop, outsourcer, clinic. An error refuses the policy: no daemon takes it. A
    warning is about what works and is probably not meant: a protected class that is lowered, callers who can starve,
    rules that no test reaches.

    \b
    Examples:
      asterisk-router check /etc/asterisk-router/policy.toml
      asterisk-router check shop
      asterisk-router check --dialplan /etc/asterisk policy.toml
      asterisk-router check --ami "ami://router@127.0.0.1/berlin?secret_file=FILE" policy.toml
      asterisk-router check --strict --json policy.toml

    \b
    Exit codes:
      0  fit to route calls, with warnings perhaps
      1  refused: an error, or with --strict a warning
      2  the command line cannot be understood
    """
    from ...errors import PolicyError
    from ...settings import parse_ami
    from ..policies import checked

    try:
        asked = [(server.name, partial(options.ports().look_at, server)) for server in map(parse_ami, ami)]
        found = checked(policy, strict, dialplan, asked)
    except PolicyError as fault:
        if not as_json:
            raise
        tables.print_json({"policy": policy, "faults": _plain(fault.faults)})
        raise click.exceptions.Exit(1) from None
    if as_json:
        tables.print_json(
            {
                "policy": policy,
                "faults": _plain(found.warnings),
                "notes": found.notes,
                **found.summary._asdict(),
            }
        )
        return
    for warning in found.warnings:
        click.echo(tables.printable(str(warning)), err=True)
    for note in found.notes:
        click.echo(tables.printable(note), err=True)
    click.echo(f"{policy}: fit to route calls")
    tables.print_facts(found.summary._asdict().items())


def _plain(faults: Sequence[PolicyFault]) -> list[dict[str, object]]:
    return [fault._asdict() for fault in faults]
