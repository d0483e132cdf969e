"""A past call is decided as it would have been live, with the history the caller had then."""

from __future__ import annotations

from random import Random

from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.callers.history import add_call
from asterisk_router.numbering.plan import NumberingPlan
from asterisk_router.policy.load import load
from asterisk_router.replay.decisions import Side
from asterisk_router.replay.past_call import LoggedCall
from asterisk_router.replay.replayed_callers import ReplayedCallers, number_of
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1772442000
LINES = ("+42120550000", "02/20550000", "+42125550911", "7", "")
TAGS = ("customer", "vip", "complaint", "supplier", "nobody")


def some_calls(count: int) -> list[LoggedCall]:
    dice = Random(5)
    at_s, calls = AT_S, []
    for line in range(count):
        at_s += dice.choice((0, 30, 7200, 90_000))
        calls.append(
            LoggedCall(
                line, at_s, dice.choice(("02/5550 1234", "+12025550100", "+442079460123", "anonymous", "112", "")),
                dice.choice(LINES), dice.choice(("answered", "missed", "unknown")), trunk=dice.choice(("", "berlin")),
                choice=dice.choice(("", "complaint")), language=dice.choice(("", "de")),
                tags=tuple(dice.sample(TAGS, dice.randrange(3))), value=dice.choice((0, 0, 300, 25_000)),
            )
        )  # fmt: skip
    return calls


def test_it_is_the_decision_of_the_live_policy() -> None:
    policies = [load("shop"), load("clinic")]
    callers, histories = ReplayedCallers(policies, False), dict[str, History]()
    met = set()
    for call in some_calls(3000):
        number = policies[0].numbering.normalise(call.caller, "", call.trunk)
        incoming = IncomingCall(call.caller, call.called, trunk=call.trunk, choice=call.choice)
        history = histories.get(number.key, History())
        known = (number.key,) if number.key and (call.tags or call.value) else ()
        tags = tuple(Tag(name) for name in call.tags)
        caller = Caller(known, tags=tags, value=call.value, language=call.language, history=history)
        sides = []
        for policy in policies:
            trust = policy.trust_of(incoming, number)
            situation = policy.situation(incoming, number, caller, call.at_s, trust, False)
            made = policy.in_full(situation, policy.walk(situation))
            sides.append(Side(made.caller_class, made.branch, made.head_start_s, made.queue))
        assert callers.decide(call).sides == sides
        met |= set(sides)
        if number.key:
            line = next(filter(None, (policy.line_of(call.called).number for policy in policies)), call.called)
            histories[number.key] = add_call(history, call.at_s, line, call.outcome)
    assert len(met) > 20


def test_whoever_calls_again_is_known_by_the_log() -> None:
    callers = ReplayedCallers([load("shop")], False)
    first, second = (
        callers.decide(LoggedCall(1, AT_S + later_s, "02/5550 1234", "+42120550000", "missed")) for later_s in (0, 7200)
    )
    assert [first.sides[0].caller_class, second.sides[0].caller_class] == ["prospect-new", "prospect-again"]
    assert second.sides[0].head_start_s > first.sides[0].head_start_s
    assert (first.number, first.line) == ("+421255501234", "+42120550000")


def test_whoever_withholds_the_number_has_no_history() -> None:
    callers = ReplayedCallers([load("shop")], False)
    for _ in range(3):
        decided = callers.decide(LoggedCall(1, AT_S, "anonymous", "+42120550000", "missed"))
        assert decided.sides[0].caller_class == "unidentified" and decided.number == ""


def test_a_person_stands_for_a_number_as_it_is_written() -> None:
    plan = NumberingPlan("SK")
    assert number_of(LoggedCall(1, 0, "7191646"), plan, persons=True)[:2] == ("e164", "7191646")
    assert number_of(LoggedCall(1, 0, ""), plan, persons=True)[:2] == ("withheld", "")
    assert number_of(LoggedCall(1, 0, "02/5550 1234"), plan, persons=False).key == "+421255501234"


def test_trust_that_the_log_tells_stands_before_what_the_number_is_trusted_for() -> None:
    callers = ReplayedCallers([load("shop")], False)
    vip = LoggedCall(1, AT_S, "+421255500199", "+42120550000", tags=("vip", "customer"))
    told = {trust: callers.decide(vip._replace(trust=trust)).sides[0].caller_class for trust in (-1, 0, 3)}
    assert told[3] == "customer-vip" != told[0]
