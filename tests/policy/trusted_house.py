"""A house where each privilege can be enjoyed, and who enjoys it at which trust."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.numbering.number import Number
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.guard.claims import Claims
from asterisk_router.policy.imagining.line import ImaginedLine, imagined_line
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.policy_tests import approved_tag
from asterisk_router.policy.situation import DecoySwitch, LiveAnswers
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1772442000.0
NUMBER = Number("e164", "+12025550100", "US")

HOUSE = """\
[policy]
name = "house"
[queues.sales]
[queues.incident]
[agents.anna]
desk = "PJSIP/anna"
mobile = "PJSIP/+12025550190@trunk"
[lines."+12025550199"]
kind = "incident"
[classes.vip]
branch = "sales"
queue = "sales"
greeting = "greet-vip"
head_start = "8m"
agent = "own"
preempts = true
screen = "VIP {name}"
card_url = "https://crm.example/?n={number}"
[classes.incident]
branch = "incident"
queue = "incident"
greeting = "greet-incident"
head_start = "4h"
preempts = true
[classes.inspector]
branch = "inspector"
queue = "sales"
greeting = "greet-plain"
head_start = "1h"
card_url = "https://crm.example/?n={number}"
[classes.competitor]
branch = "decoy"
greeting = "greet-decoy"
[classes.stranger]
branch = "sales"
queue = "sales"
greeting = "greet-stranger"
head_start = "1m"
[classes.rest]
branch = "reception"
queue = "sales"
[[classify]]
name = "incident"
when = "line.kind == 'incident' or tag('sla')"
class = "incident"
[[classify]]
name = "inspector"
when = "tag('inspector')"
class = "inspector"
[[classify]]
name = "vip"
when = "tag('vip')"
class = "vip"
[[classify]]
name = "competitor"
when = "tag('competitor')"
class = "competitor"
[[classify]]
name = "shown"
when = "number_kind == 'e164'"
class = "stranger"
[[classify]]
name = "rest"
class = "rest"
"""


def house_of(folder: Path, trust: str = "") -> Policy:
    """The house, with keys of `[trust]`."""
    file = folder / "house.toml"
    file.write_text(f"{HOUSE}[trust]\n{trust}\n", encoding="utf-8")
    return load(str(file))


def line_of(policy: Policy, waiting: int = 3) -> ImaginedLine:
    """So many callers wait in sales."""

    def complain(keys: tuple[str, ...], problem: str, remedy: str) -> None:
        raise AssertionError(problem)

    return imagined_line({"sales.waiting": waiting, "incident.waiting": 0}, policy.queue_rules, policy.agents, complain)


def caller_of(*tags: str) -> Caller:
    """Somebody on record, whose account manager is Anna; a competitor approved by two people, who has none."""
    if tags == ("competitor",):
        return Caller((NUMBER.key,), "Jana", (approved_tag("competitor", AT_S)._replace(trust=0),))
    return Caller((NUMBER.key,), "Jana", tuple(Tag(name, trust=0) for name in tags), own_agent="anna")


def decided(
    policy: Policy,
    trust: int,
    *tags: str,
    live: LiveAnswers | None = None,
    claims: Claims = Claims.NONE,
    at_s: float = AT_S,
    **call: str,
) -> Decision:
    """What somebody with those tags gets at a trust while the decoy is on; the line is known unless told otherwise."""
    caller = caller_of(*tags) if tags else Caller.UNKNOWN
    live = line_of(policy) if live is None else live
    return policy.decide(IncomingCall(**call), NUMBER, caller, at_s, trust, False, live, claims, DecoySwitch("", "Eva"))


ENJOYS: dict[str, Callable[[Policy, int], bool]] = {
    "incident": lambda policy, trust: decided(policy, trust, called_number="+12025550199").head_start_s == 4 * 3600,
    "head_start": lambda policy, trust: decided(policy, trust, "vip").head_start_s == 480,
    "names": lambda policy, trust: decided(policy, trust, "vip").greeting == "greet-vip",
    "mobile": lambda policy, trust: decided(policy, trust, "vip").agent_mobile != "",
    "decoy": lambda policy, trust: decided(policy, trust, "competitor").branch == "decoy",
}
"""By privilege: whether somebody who has a right to it enjoys it at a trust."""
