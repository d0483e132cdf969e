"""Calls at random, at and beside everything a policy asks about."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from asterisk_router.callers.caller import Caller, CallOutcome, History, PastCall, Tag
from asterisk_router.callers.trust import trust_of
from asterisk_router.policy.imagining.line import ImaginedLine
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.policy_tests import approved_tag
from asterisk_router.policy.situation import NO_DECOY, DecoySwitch, LiveAnswers, Situation
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.live_lines import FREE, IN_USE, line_of
from tests.policy.written_policy import AT_S

WRITTEN = (
    "02/5550 1234", "+421255501001", "+12025550147", "+442079460123", "201", "112", "anonymous", "", "12", "x1y",
    "0000000000000000000",
)  # fmt: skip
ENDS: tuple[CallOutcome, ...] = ("unknown", "answered", "missed")
WEEK_S = 7 * 86_400


class Pool(NamedTuple):
    """The values calls of one policy are drawn from."""

    policy: Policy
    tags: tuple[str, ...]
    matters: tuple[str, ...]
    amounts: tuple[int, ...]
    words: tuple[str, ...]
    lines: tuple[str, ...]
    live: tuple[LiveAnswers, ...]


def pool_of(policy: Policy, random: Random) -> Pool:
    """Everything the rules of a policy tell apart."""
    space = policy.compiled.space
    values = [value for dimension in space.dimensions for value in dimension.values]
    whole = {int(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)}
    labels = {
        kind: sorted(str(use.argument) for use in space.labels if use.fact.arguments == kind)
        for kind in ("tag", "matter")
    }
    waiting = [line_of({"anna": FREE, "boris": IN_USE}, waiting=count) for count in (0, 3, 9)]
    return Pool(
        policy,
        (*labels["tag"], "another"),
        (*labels["matter"], "another"),
        tuple(sorted({max(each + step, 0) for each in whole | {0} for step in (-1, 0, 1)})),
        (*sorted({value for value in values if isinstance(value, str)}), "", "another", "en_GB"),
        (*policy.lines, "+42120559999", ""),
        (LiveLine.UNKNOWN, *waiting, *(imagined(policy, random) for _ in range(40))),
    )


def imagined(policy: Policy, random: Random) -> ImaginedLine:
    """A line at random, some of it unknown."""
    waits = sorted({0, 29, 30, 31, 119, 120, 121, 400, *(queue.busy_from_s for queue in policy.queue_rules.values())})
    queues: dict[tuple[str, str], int] = {}
    for queue in policy.queue_rules.values():
        for attribute in ("free", "waiting", "longest_wait", "expected_wait"):
            if random.random() < 0.7:
                amount = random.choice(waits) if attribute.endswith("wait") else random.choice((0, 1, 2, 7))
                queues[queue.asterisk, attribute] = amount
    desks = {agent.desk: random.random() < 0.5 for agent in policy.agents.values() if random.random() < 0.7}
    return ImaginedLine(queues, desks)


def call_at_random(pool: Pool, random: Random) -> Situation:
    """One call."""
    policy, choose = pool.policy, random.choice
    at_s = AT_S + random.randrange(-WEEK_S, WEEK_S)
    call = IncomingCall(
        caller_number=choose(WRITTEN),
        called_number=choose(pool.lines),
        trunk=choose(pool.words) if random.random() < 0.3 else "",
        presentation="prohib" if random.random() < 0.05 else "",
        redirecting_number=choose(("", "", "unknown", "+12025550199")),
        language=choose(("", "sk", "en_GB", "de")),
        choice=choose(pool.words) if random.random() < 0.5 else "",
        attestation=choose(("", "A", "B", "C")),
        verification=choose(("", "success", "failed")),
        tainted="keys out of order" if random.random() < 0.01 else "",
    )
    live = choose(pool.live)
    if isinstance(live, LiveLine) and random.random() < 0.8:
        at_s = AT_S + random.random() * 3  # while it can be believed
    number = policy.numbering.normalise(call.caller_number, call.presentation, call.trunk)
    degraded = random.random() < 0.05
    caller = Caller.UNKNOWN if degraded or not number.key else caller_at_random(pool, random, number.key, at_s)
    trust = random.randrange(5) if random.random() < 0.3 else trust_of(call, number)
    decoy = choose((NO_DECOY, DecoySwitch("not confirmed"), DecoySwitch("", "eva"), DecoySwitch("", "eva")))
    return policy.situation(call, number, caller, at_s, trust, degraded, live, decoy)


def caller_at_random(pool: Pool, random: Random, key: str, at_s: float) -> Caller:
    """Who could be behind a number; a fifth of them nobody."""
    if random.random() < 0.2:
        return Caller.UNKNOWN
    choose = random.choice
    ages = sorted(
        (choose((60, 1800, 3600, 7200, 86_400, 172_800, 172_801, 700_000)) for _ in range(choose((0, 0, 1, 2, 4, 9)))),
        reverse=True,
    )
    recent = tuple(PastCall(int(at_s) - age, choose(ENDS)) for age in ages)
    first_s, last_s = (recent[0].at_s, recent[-1].at_s) if recent else (0, 0)
    agents = (*pool.policy.agents, "", "another")
    tags = tuple(
        Tag(
            choose(pool.tags),
            trust=choose((0, 1, 1, 1, 2, 3)),
            expires_at_s=choose((0, 0, 0, int(at_s), int(at_s) + 60)),
        )
        for _ in range(choose((0, 0, 1, 1, 2, 3)))
    )
    if random.random() < 0.2:
        tags = (*tags, approved_tag("competitor", at_s - choose((0, 0, 0, 29, 31)) * 86_400))
    return Caller(
        numbers=(key,),
        name=choose(("", "Ann")),
        tags=tags,
        value=choose(pool.amounts),
        orders=choose(pool.amounts),
        language=choose(("", "sk", "en_GB", "de", "fr")),
        own_agent=choose(agents),
        open_matters=tuple({choose(pool.matters) for _ in range(choose((0, 0, 1, 2)))}),
        history=History(len(recent), first_s, last_s, choose(agents), recent),
    )
