"""Shows the same thing again and again until Ctrl-C, also while the store is away for a while."""

from __future__ import annotations

import asyncio
import io
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import click

from ...errors import RouterError
from .tables import printable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

EVERY_S = 1.0
"""How often a board is published, and so looked at."""

HOME_AND_CLEAR = "\x1b[H\x1b[J"
"""Puts the next screen over the last one without a flicker (ECMA-48 CUP and ED)."""


async def watch(show: Callable[[], Awaitable[None]]) -> None:
    """Let `show` print once a second, on a terminal always in the same place; a failure is shown in its place."""
    clear = HOME_AND_CLEAR if sys.stdout.isatty() else ""
    while True:
        screen = io.StringIO()
        try:
            with redirect_stdout(screen):
                await show()
        except RouterError as fault:
            click.echo(f"{clear}{printable(str(fault))}; looking again", err=not clear)
        else:
            click.echo(clear + screen.getvalue(), nl=False)
        await asyncio.sleep(EVERY_S)
