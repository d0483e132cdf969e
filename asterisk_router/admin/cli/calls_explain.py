"""`asterisk-router calls explain`: why a past call went where it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from . import explained, options, tables

if TYPE_CHECKING:
    from ...callers.registered_call import BeganCall
    from ...wire.incoming_call import IncomingCall
    from ..past_calls import FoundCall
    from ..ports import Shared
    from ..routing import RoutedCall, Story


@click.command("explain")
@click.argument("uniqueid", metavar="UNIQUEID|last")
@options.needed_policy
@click.option("--trust", type=click.Choice(list(options.EVIDENCE)), help="Imagine the number proven so far.")
@click.option("--trunk", default="", metavar="NAME", help="Imagine the trunk it came in by.")
@click.option("--language", default="", metavar="LANG", help="Imagine the language of the channel.")
@click.option("--load", multiple=True, metavar="FACT=VALUE", help="Imagine the line: sales.free=0, anna.free=true.")
@click.option("--full", is_flag=True, help="Show the whole number: it belongs to a person.")
@options.store
@options.as_json
def explain_call(
    uniqueid: str,
    policy: str,
    trust: str | None,
    trunk: str,
    language: str,
    load: tuple[str, ...],
    full: bool,
    place: options.StorePlace,
    as_json: bool,
) -> None:
    """Show why a past call went where it went: it is decided again, and compared with what was decided then.

    From then are the number, trust in it, line, moment, choice in a menu, and whether the store failed. From now are
    the policy and the caller's record, without the calls that came later and the tags set later. The registry keeps
    neither the trunk nor the language of the channel or the load of the line: they are taken for unknown, unless
    imagined by an option. The answer says so too.

    \b
    Examples:
      asterisk-router calls explain last --policy shop
      asterisk-router calls explain berlin-1700000000.12 --policy shop --load sales.free=0 --trust E2
      asterisk-router calls explain 1700000000.12 --policy shop --full --json
    """
    from ..past_calls import decide_again, find
    from ..routing import story_of, with_load

    loaded = options.ports().load_policy(policy)

    async def act(shared: Shared) -> tuple[FoundCall, RoutedCall, Story]:
        found = await find(shared.calls, uniqueid)
        path = with_load(options.ports().call_path(loaded, shared.book), load)
        call = _call(found.began, trust or f"E{found.began.trust}", trunk, language)
        path, routed = await decide_again(path, found, call)
        return found, routed, story_of(path, routed)

    found, routed, story = place.do(act)
    if as_json:
        plain = _as_json(found) | {"now": explained.as_json(routed)} | tables.as_plain(story)
        tables.print_json(plain if full else _hidden(plain, found.began.number))
        return
    shown = routed if full else _hidden_call(routed)
    _print_comparison(found, routed, full)
    click.echo()
    explained.print_decision(shown)
    explained.print_story(story)


def _call(began: BeganCall, trust: str, trunk: str, language: str) -> IncomingCall:
    """The call as far as it is kept, the rest as imagined."""
    from ...wire.incoming_call import IncomingCall

    attestation, verification, proven = options.EVIDENCE.get(trust, options.EVIDENCE["E1"])
    return IncomingCall(
        caller_number=began.number,
        called_number=began.line,
        trunk=trunk,
        language=language,
        choice=began.choice,
        attestation=attestation,
        verification=verification,
        proven=proven,
        uniqueid=began.uniqueid,
        linkedid=began.linkedid,
    )


def _as_json(found: FoundCall) -> dict[str, Any]:
    from .. import past_calls
    from ..calls import as_plain

    taken = {"from_then": past_calls.FROM_THEN, "from_now": past_calls.FROM_NOW, "not_kept": past_calls.NOT_KEPT}
    ended = as_plain(found.ended, True) if found.ended else None
    return {"then": as_plain(found.began, True), "ended": ended, "taken": taken}


def _print_comparison(found: FoundCall, routed: RoutedCall, full: bool) -> None:
    from ...numbering.number import masked
    from .. import past_calls
    from ..moments import to_the_second

    then, now, ended = found.began, routed.decision, found.ended
    number = then.number if full or not then.number else masked(then.number)
    policies = "the same policy" if then.policy_version == now.policy_version else f"policy {now.policy_version}"
    tables.print_facts(
        [
            ("Call", f"{then.uniqueid}, {number or 'withheld'}, at {to_the_second(then.at_s)}"),
            ("Ended", (ended.how or ended.outcome) if ended else "not, or nobody reported it"),
            ("Decided then", _said(then.caller_class, then.branch, then.queue, then.head_start_s, then.rule)),
            ("By policy", then.policy_version or "not known: only the end of the call is kept"),
            ("Decided now", "as then" if found.is_same(routed) else _said(*_of(routed))),
            ("By", policies),
            ("From then", past_calls.FROM_THEN),
            ("From now", past_calls.FROM_NOW),
            ("Not kept", past_calls.NOT_KEPT),
        ]
    )


def _of(routed: RoutedCall) -> tuple[str, str, str, int, str]:
    now = routed.decision
    return now.caller_class, now.branch, now.queue, now.head_start_s, now.rule


def _said(caller_class: str, branch: str, queue: str, head_start_s: int, rule: str) -> str:
    if not caller_class:
        return "nothing: it took the default"
    words = [f"class {caller_class}", f"branch {branch}", f"queue {queue or 'none'}", f"head start {head_start_s} s"]
    return ", ".join(words + ([f"rule {rule!r}"] if rule else []))


def _hidden_call(routed: RoutedCall) -> RoutedCall:
    """The decision with its number masked wherever it stands."""
    decision = routed.decision
    hidden = {name: _hidden(value, decision.number) for name, value in decision._asdict().items()}
    return routed._replace(decision=decision._replace(**hidden))


def _hidden(value: Any, number: str) -> Any:
    """A value with a number masked wherever it stands in it."""
    from ...numbering.number import masked

    digits = number.lstrip("+")
    if not digits:
        return value
    if isinstance(value, str):
        return value.replace(digits, masked(digits))
    if isinstance(value, dict):
        return {key: _hidden(each, number) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(each, number) for each in value]
    return value
