"""`asterisk-router version`: what runs here."""

from __future__ import annotations

import click

from . import options, tables


@click.command()
@options.as_json
def version(as_json: bool) -> None:
    """Show versions, and which twin of each kernel runs.

    A kernel is `compiled` where the install found a C compiler; `plain` gives the same answers, slower.

    \b
    Example:
      asterisk-router version --json
    """
    from ..versions import versions

    here = versions()
    if as_json:
        tables.print_json(here._asdict())
        return
    click.echo(f"asterisk-router {here.version}")
    tables.print_facts([("Python", here.python), ("System", here.system)])
    click.echo()
    tables.print_table(("Kernel", "Twin"), list(here.kernels.items()), "kernel")
    click.echo()
    tables.print_table(("Library", "Version"), list(here.libraries.items()), "library", "libraries")
