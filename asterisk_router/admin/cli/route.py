"""`asterisk-router route`: a decision without a call."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import explained, options, tables

if TYPE_CHECKING:
    from ...callers.caller import Caller
    from ...wire.incoming_call import IncomingCall
    from ..routing import RoutedCall, Story


class Imagined(NamedTuple):
    """Call and caller as the command line describes them."""

    number: str
    """Raw caller ID."""
    line: str
    """Raw number called."""
    trust: str
    """`E1` ... `E3`."""
    trunk: str
    """Trunk the call comes in by."""
    choice: str
    """What the caller chose in a menu."""
    language: str
    """Channel language."""
    presentation: str
    """Caller ID presentation."""
    tags: tuple[str, ...]
    """Tags added to the caller."""
    value: int | None
    """Value of the caller, None for what is on record."""
    approved: tuple[str, ...]
    """Tags added as a second person has approved them."""
    own_agent: str
    """Account manager, empty for who is on record."""
    open_matters: tuple[str, ...]
    """What is open with them besides what is on record."""
    at_s: float
    """When it rings, in seconds since 1970 UTC."""

    def call(self) -> IncomingCall:
        """The call a door would hand over."""
        from ...wire.incoming_call import IncomingCall

        attestation, verification, proven = options.EVIDENCE[self.trust]
        return IncomingCall(
            caller_number=self.number,
            called_number=self.line,
            trunk=self.trunk,
            presentation=self.presentation,
            language=self.language,
            choice=self.choice,
            attestation=attestation,
            verification=verification,
            proven=proven,
        )

    def caller(self, found: Caller) -> Caller:
        """The caller on record, with what was imagined; a tag alone may be that of a number range."""
        from ...callers.caller import Tag
        from ...policy.policy_tests import approved_tag

        on_record = self.value is not None or self.own_agent or self.open_matters
        return found._replace(
            numbers=found.numbers or ((self.number,) if on_record else ()),
            tags=(
                *found.tags,
                *(Tag(name, author="route") for name in self.tags),
                *(approved_tag(name, self.at_s) for name in self.approved),
            ),
            value=found.value if self.value is None else self.value,
            own_agent=self.own_agent or found.own_agent,
            open_matters=(*found.open_matters, *self.open_matters),
        )


@click.command()
@click.argument("number")
@click.option("--line", required=True, metavar="DID", help="Number called.")
@options.needed_policy
@click.option("--at", default="", metavar="TIME", help="When it rings: 2026-11-23T09:30, in the machine's time zone.")
@click.option("--explain", is_flag=True, help="Show every rule tried, what it saw, and what it would take.")
@click.option("--redis", metavar="URL|embedded", help="Look the caller up there; without it the caller is unknown.")
@options.state_dir
@click.option("--tag", "tags", multiple=True, metavar="NAME", help="Imagine the caller carries this tag.")
@click.option("--approved", multiple=True, metavar="NAME", help="The same, approved by a second person.")
@click.option("--decoy", is_flag=True, help="Imagine the decoy switched on.")
@click.option("--value", type=int, help="Imagine this revenue with the caller.")
@click.option("--own-agent", default="", metavar="NAME", help="Imagine this account manager.")
@click.option("--open-matter", "open_matters", multiple=True, metavar="WORD", help="Imagine this open with them.")
@click.option(
    "--trust", type=click.Choice(list(options.EVIDENCE)), default="E1", help="Imagine the number proven so far."
)
@click.option("--trunk", default="", metavar="NAME", help="Trunk the call comes in by.")
@click.option("--choice", default="", metavar="WORD", help="What the caller chose in a menu before.")
@click.option("--language", default="", metavar="LANG", help="Language of the channel.")
@click.option("--load", multiple=True, metavar="FACT=VALUE", help="Imagine the line: sales.free=0, anna.free=true.")
@click.option("--presentation", default="", metavar="WORD", help="Caller ID presentation, such as prohib.")
@options.as_json
def route(
    policy: str,
    at: str,
    explain: bool,
    redis: str | None,
    state_dir: Path,
    load: tuple[str, ...],
    decoy: bool,
    as_json: bool,
    **imagined: Any,
) -> None:
    """Show what would be decided for a call, without a call.

    Nothing is stored. --explain adds every rule in order with the values it saw, and for each what would have to change
    for another outcome, proven by deciding that call too. The line is unknown but for what --load says of queues
    (free, waiting, longest_wait, expected_wait, pressure) and agents (free).

    \b
    Examples:
      asterisk-router route +42125550100 --line +42120550000 --policy shop
      asterisk-router route +42125550100 --line +42120550000 --policy shop --tag customer --explain
      asterisk-router route anonymous --line +42120550000 --policy shop --at 2026-11-23T22:15 --json
      asterisk-router route +42125550100 --line +42120550000 --policy shop --load sales.expected_wait=3m
      asterisk-router route +42125550109 --line +42120550000 --policy shop --approved competitor --decoy --trust E2
    """
    from ..moments import parse_moment

    at_s = parse_moment(at) if at else time.time()
    routed, story = _route(policy, redis, state_dir, Imagined(**imagined, at_s=at_s), load, decoy, explain)
    if as_json:
        tables.print_json(explained.as_json(routed) | (tables.as_plain(story) if story else {}))
        return
    explained.print_decision(routed)
    if story:
        explained.print_story(story)


def _route(
    policy: str,
    redis: str | None,
    state_dir: Path,
    imagined: Imagined,
    load: tuple[str, ...],
    decoy: bool,
    explain: bool,
) -> tuple[RoutedCall, Story | None]:
    import asyncio
    from contextlib import nullcontext

    from ...callers.memory_book import MemoryBook
    from ..routing import route_without_call, story_of, unasked_tags, with_load

    ports = options.ports()
    loaded = ports.load_policy(policy)
    for said in unasked_tags(loaded, (*imagined.tags, *imagined.approved)):
        click.echo(tables.printable(said), err=True)

    async def routed() -> tuple[RoutedCall, Story | None]:
        async with ports.open_book(redis, state_dir) if redis else nullcontext(MemoryBook()) as book:
            path = with_load(ports.call_path(loaded, book), load, decoy)
            decided = await route_without_call(path, imagined.call(), imagined.at_s, imagined.caller)
            return decided, story_of(path, decided) if explain else None

    return asyncio.run(routed())
