"""`asterisk-router demo`: a day of calls."""

from __future__ import annotations

import click

from . import options


@click.command()
@click.option("--calls", metavar="N", type=click.IntRange(20, 4000), default=150, show_default=True, help="How many.")
@click.option("--seed", metavar="N", type=int, default=22, show_default=True, help="The same seed, the same day.")
@options.as_json
def demo(calls: int, seed: int, as_json: bool) -> None:
    """Play a day of calls to the real daemon; nothing else is needed.

    Starts `asterisk-router serve` with the shop policy on a store of its own, imports made-up callers, and asks
    over FastAGI as Asterisk does. The day is a Monday, 7:00 to 19:00 in Bratislava, whatever the time is here.
    Nothing is left behind. Exit code 0 only if every call was answered.

    \b
    Examples:
      asterisk-router demo
      asterisk-router demo --calls 1000 --json
    """
    import asyncio

    from ..demo.play import play
    from ..demo.summary import Screen

    screen = Screen(as_json)
    asyncio.run(play(options.ports(), calls, seed, screen))
    if screen.failures:
        raise click.ClickException(screen.failures)
