"""`asterisk-router route`: a decision without a call."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from . import options, tables

if TYPE_CHECKING:
    from ...callers.caller import Caller
    from ...policy.explain import AtomSeen, Explanation, RuleSeen
    from ...wire.incoming_call import IncomingCall
    from ..routing import RoutedCall

ATTESTED = {"E1": ("", ""), "E2": ("B", "success"), "E3": ("A", "success")}
"""Trust -> the attestation and verification with which a trunk would bring it about."""


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
    own_agent: str
    """Account manager, empty for who is on record."""
    open_matters: tuple[str, ...]
    """What is open with them besides what is on record."""

    def call(self) -> IncomingCall:
        """The call a door would hand over."""
        from ...wire.incoming_call import IncomingCall

        attestation, verification = ATTESTED[self.trust]
        return IncomingCall(
            caller_number=self.number,
            called_number=self.line,
            trunk=self.trunk,
            presentation=self.presentation,
            language=self.language,
            choice=self.choice,
            attestation=attestation,
            verification=verification,
        )

    def caller(self, found: Caller) -> Caller:
        """The caller on record, with what was imagined."""
        from ...callers.caller import Tag

        return found._replace(
            tags=(*found.tags, *(Tag(name, author="route") for name in self.tags)),
            value=found.value if self.value is None else self.value,
            own_agent=self.own_agent or found.own_agent,
            open_matters=(*found.open_matters, *self.open_matters),
        )


@click.command()
@click.argument("number")
@click.option("--line", required=True, metavar="DID", help="Number called.")
@options.needed_policy
@click.option("--at", default="", metavar="TIME", help="When it rings: 2026-11-23T09:30, in the machine's time zone.")
@click.option("--explain", is_flag=True, help="Show every rule that was tried, the values it saw, and why it lost.")
@click.option("--redis", metavar="URL|embedded", help="Look the caller up there; without it the caller is unknown.")
@options.state_dir
@click.option("--tag", "tags", multiple=True, metavar="NAME", help="Imagine the caller carries this tag.")
@click.option("--value", type=int, help="Imagine this revenue with the caller.")
@click.option("--own-agent", default="", metavar="NAME", help="Imagine this account manager.")
@click.option("--open-matter", "open_matters", multiple=True, metavar="WORD", help="Imagine this open with them.")
@click.option("--trust", type=click.Choice(list(ATTESTED)), default="E1", help="Imagine the number attested so.")
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
    as_json: bool,
    **imagined: Any,
) -> None:
    """Show what would be decided for a call, without a call.

    Nothing is stored. The line is unknown but for what --load says of queues (free, waiting, longest_wait,
    expected_wait, pressure) and agents (free).

    \b
    Examples:
      asterisk-router route +42125550100 --line +42120550000 --policy shop
      asterisk-router route +42125550100 --line +42120550000 --policy shop --tag customer --explain
      asterisk-router route anonymous --line +42120550000 --policy shop --at 2026-11-23T22:15 --json
      asterisk-router route +42125550100 --line +42120550000 --policy shop --load sales.expected_wait=3m
    """
    from ..moments import parse_moment

    at_s = parse_moment(at) if at else time.time()
    routed, explanation = _route(policy, redis, state_dir, Imagined(**imagined), load, at_s)
    if as_json:
        plain = _as_json(routed)
        if explain:
            plain["rules"] = tables.as_plain(explanation.rules)
        tables.print_json(plain)
        return
    _print_decision(routed)
    if explain:
        click.echo()
        tables.print_table(("Step", "Rule", "Where", "Result", "Seen"), map(_rule_row, explanation.rules), "rule")


def _route(
    policy: str, redis: str | None, state_dir: Path, imagined: Imagined, load: tuple[str, ...], at_s: float
) -> tuple[RoutedCall, Explanation]:
    import asyncio
    from contextlib import nullcontext

    from ...callers.memory_book import MemoryBook
    from ..routing import explain, route_without_call, with_load

    ports = options.ports()
    loaded = ports.load_policy(policy)

    async def routed() -> tuple[RoutedCall, Explanation]:
        async with ports.open_book(redis, state_dir) if redis else nullcontext(MemoryBook()) as book:
            path = with_load(ports.call_path(loaded, book), load)
            decided = await route_without_call(path, imagined.call(), at_s, imagined.caller)
            return decided, explain(path, decided)

    return asyncio.run(routed())


def _as_json(routed: RoutedCall) -> dict[str, Any]:
    """The decision under the words a script would look for, the rest of it behind."""
    plain = routed.decision._asdict()
    first = {"number": plain.pop("number"), "class": plain.pop("caller_class")}
    return {**first, **plain, "microseconds": round(routed.microseconds, 2)}


def _rule_row(rule: RuleSeen) -> tuple[str, ...]:
    return (rule.step, rule.name, rule.where, rule.result, "; ".join(map(_atom, rule.atoms)) or "-")


def _atom(atom: AtomSeen) -> str:
    """A question and the value seen, with the answer where the value does not say it by itself."""
    answer = {True: "yes", False: "no", None: "unknown"}[atom.answer]
    return f"{atom.text}: {atom.value}" if atom.value == answer else f"{atom.text}: {atom.value}, so {answer}"


def _print_decision(routed: RoutedCall) -> None:
    decision = routed.decision
    tables.print_facts(
        [
            ("Number", f"{decision.number or '-'} ({routed.number.kind} {routed.number.country}".rstrip() + ")"),
            ("Trust", f"E{decision.trust}"),
            ("Class", decision.caller_class),
            ("Branch", decision.branch),
            ("Queue", decision.queue),
            ("Head start", f"{decision.head_start_s} s"),
            ("Greeting", decision.greeting),
            ("Menu", decision.menu),
            ("Agent", decision.agent),
            ("Then mobile", decision.agent_mobile),
            ("Desk rings", f"{decision.agent_wait_s} s" if decision.agent_wait_s else ""),
            ("Promised wait", f"{decision.promised_wait_s} s" if decision.promised_wait_s else ""),
            ("Told wait", f"{decision.expected_wait_s} s" if decision.expected_wait_s else ""),
            ("Call back", decision.call_back),
            ("Recorded", decision.record),
            ("Language", decision.language),
            ("Screen name", decision.screen_name),
            ("Card", decision.card_url),
            ("Reason", decision.reason),
            ("Policy", decision.policy_version),
            ("Degraded", decision.degraded),
            ("Decided in", f"{routed.microseconds:.2f} us (median of 100, without the look-up)"),
        ]
    )
