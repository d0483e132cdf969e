"""`asterisk-router check`: is this policy fit to route calls."""

from __future__ import annotations

import click

from . import options, tables


@click.command()
@click.argument("policy", metavar="POLICY")
@options.as_json
def check(policy: str, as_json: bool) -> None:
    """Check a policy and run the tests inside it; report all faults.

    POLICY is a file, or a shipped name: shop, outsourcer, clinic.

    \b
    Examples:
      asterisk-router check /etc/asterisk-router/policy.toml
      asterisk-router check shop
    """
    from ...errors import PolicyError
    from ..policies import summary

    try:
        checked = summary(options.ports().load_policy(policy))
    except PolicyError as fault:
        if not as_json:
            raise
        tables.print_json({"policy": policy, "faults": [found._asdict() for found in fault.faults]})
        raise click.exceptions.Exit(1) from None
    if as_json:
        tables.print_json({"policy": policy, "faults": [], **checked._asdict()})
        return
    click.echo(f"{policy}: fit to route calls")
    tables.print_facts(checked._asdict().items())
