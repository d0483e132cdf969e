"""`asterisk-router decoy`: who answers for the decoy branch, and what became of its callers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from ...errors import NotAllowedError, RouterError, StoreError
from . import options, tables

if TYPE_CHECKING:
    from ..asked.decoy import DecoyOff
    from ..ports import Notices

OFF_S = 5.0
"""How long the daemon may take to switch it off before that is tried without it."""


@click.group()
def decoy() -> None:
    """Switch the decoy branch on and off, and see what became of its callers.

    It is off until a named person answers for it, and is played only to callers whose tag a second person approved
    (`tag approve`). It withholds; it must not lie: docs/guard-rails.md.
    """


@decoy.command()
@click.option("--responsible", metavar="NAME", required=True, help="Who answers for every call that meets it.")
@options.store
@options.as_json
def on(responsible: str, place: options.StorePlace, as_json: bool) -> None:
    """Switch it on for every daemon of the installation.

    \b
    Example:
      asterisk-router decoy on --responsible "Eva Nova"
    """
    from ..asked.decoy import DecoyOn

    _print_status(place.ask(DecoyOn(responsible)), as_json)


@decoy.command()
@click.option("--why", default="", metavar="TEXT", help="Why, for those who ask later.")
@options.store
@options.as_json
def off(why: str, place: options.StorePlace, as_json: bool) -> None:
    """Switch it off: no daemon plays a decoy a second later, also where Redis is slow or away.

    Exit code 1 where Redis could not be told: then it is off on this host, and on every other host for as long as
    Redis cannot be reached from there.

    \b
    Example:
      asterisk-router decoy off --why "complaint of a customer"
    """
    from ..asked.decoy import DecoyOff

    wish = DecoyOff(why)
    try:
        told = place.ask_daemon(wish, OFF_S)
    except NotAllowedError:
        raise
    except RouterError as fault:  # frozen, or it cannot itself: whatever this user may do is done here
        click.echo(f"not by the daemon: {fault}", err=True)
        told = None
    _print_status(told.done if told is not None else _off(wish, place), as_json)


def _off(wish: DecoyOff, place: options.StorePlace) -> dict[str, Any]:
    """Switch it off where no daemon is there to ask."""
    from ..callers.decoy import not_everywhere
    from ..people import acting, roles

    person = roles.present_person(place.state_dir)
    person.check("decoy off", acting.LEAST_ROLE["decoy off"])
    state = options.ports().state_files(place.state_dir)
    try:  # first what needs no Redis
        wish.stop_here(state.acts, place.state_dir, person)
    except OSError as fault:
        click.echo(f"not stopped by file on this host: {fault}", err=True)
    try:
        return place.do(lambda shared: wish.stop_everywhere(place.context(shared), person))
    except StoreError as fault:
        raise not_everywhere(fault) from None


@decoy.command()
@options.store
@options.as_json
def status(place: options.StorePlace, as_json: bool) -> None:
    """Show whether it is on, since when, and who answers for it.

    \b
    Example:
      asterisk-router decoy status --json
    """
    from ..callers import decoy as acts

    _print_status(place.do(lambda shared: acts.status(shared.decoys, notices(place), place.state_dir)), as_json)


@decoy.command()
@click.option("--since", default="", metavar="AGE|DATE", help="7d, or 2026-11-01; else since it was switched on.")
@options.policy
@options.store
@options.as_json
def report(since: str, policy: str | None, place: options.StorePlace, as_json: bool) -> None:
    """Count the callers who met it, and those who left it for a person.

    Above the share of the policy (`[decoy] escape_share`; where it says nothing, 20 of a hundred from 10 uses on) it
    switches itself off.

    \b
    Examples:
      asterisk-router decoy report --policy shop.toml
      asterisk-router decoy report --since 7d --json
    """
    from .. import moments
    from ..callers import decoy as acts

    now_s = time.time()
    since_s = moments.parse_past(since, int(now_s)) if since else 0
    rules = options.ports().load_policy(policy).decoy_rules if policy else None
    found = place.do(lambda shared: acts.report(shared.decoys, rules, since_s, now_s))
    if as_json:
        tables.print_json(found)
        return
    above = "as the policy says: --policy FILE shows it"
    if rules:
        above = f"above {rules.escape_share} % of {rules.escape_uses} uses or more"
    tables.print_facts(
        [
            ("Decoy", "on" if found["on"] else "off"),
            ("Since", moments.as_moment(found["since_s"])),
            ("Uses", str(found["uses"])),
            ("Left for a person", f"{found['escapes']} ({found['share']} %)"),
            ("Switches itself off", above),
            ("Why off", found["why_off"]),
        ]
    )


def notices(place: options.StorePlace) -> Notices:
    """What the daemons of this host say of themselves."""
    return options.ports().state_files(place.state_dir).notices


def _print_status(status: dict[str, Any], as_json: bool) -> None:
    if as_json:
        tables.print_json(status)
        return
    from .. import moments

    since = moments.as_moment(status["since_s"]) if status["since_s"] else ""
    tables.print_facts(
        [
            ("Decoy", "on" if status["on"] else "off"),
            ("Since", since),
            ("By", status["by"]),
            ("Answers for it", status["responsible"]),
            ("Why", status["why"]),
            ("On this host", "stopped" if status["stopped_on_this_host"] else ""),
            ("Uses", str(status["uses"]) if status["on"] else ""),
            ("Left for a person", str(status["escapes"]) if status["on"] else ""),
            *(("Set aside", f"{calls} x {why}") for why, calls in status["set_aside"].items()),
        ]
    )
