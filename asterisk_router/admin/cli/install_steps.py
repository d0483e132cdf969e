"""How the steps of an installation are shown, and done when that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from ..installation.steps import Step
from . import tables


def show_and_do(
    steps: Sequence[Step],
    rest: Mapping[str, Sequence[str]],
    *,
    apply: bool,
    as_json: bool,
    finish: Callable[[], None],
) -> None:
    """Show all steps, do those that change something if `apply`, then `finish` whatever came of them.

    `rest` is what else there is to say, by its heading.
    """
    changing = [step for step in steps if step.changes]
    plain: dict[str, Any] = {"steps": [step.as_plain() for step in steps], **rest}
    if not as_json:
        for step in steps:
            rights = f"  ({step.rights})" if step.rights and step.changes else ""
            click.echo(tables.printable(f"  {step.act:11} {step.path}{rights}"))
            click.echo(tables.printable(f"  {'':11} {step.why}"))
    if apply and changing:
        try:
            for step in changing:
                step.do()
        finally:
            finish()
    if as_json:
        tables.print_json({**plain, "applied": apply})
        return
    click.echo(f"\n{_said(len(changing), apply)}")
    for heading, lines in rest.items():
        if lines:
            click.echo(f"\n{heading.replace('_', ' ').capitalize()}:")
            for line in lines:
                click.echo(f"  {line}")


def _said(changes: int, apply: bool) -> str:
    if not changes:
        return "Nothing to do."
    return f"{changes} steps done." if apply else f"{changes} steps to do. Nothing was changed: --apply does it."
