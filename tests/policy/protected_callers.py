"""`python -m tests.policy.protected_callers [COUNT] [--seed N]`: does one protected caller meet the decoy?

COUNT calls (1,000,000) of callers who carry an approved tag of a competitor, from a trusted number, while the decoy is
on - and of whom something else is known, or may be: that makes each of them protected. They meet the shipped policies,
others made up at random, and one that sends everybody to the decoy that it can. The same calls without the something
else do meet the decoy, and are counted too: else nothing would be proven. Exit code 1 when one call went wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from asterisk_router.callers.caller import Caller, History, PastCall, Tag
from asterisk_router.numbering.number import Number
from asterisk_router.policy.load import load, shipped
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.policy_tests import approved_tag
from asterisk_router.policy.situation import NO_DECOY, DecoySwitch, Situation
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.random_policies import made_up
from tests.policy.written_policy import AT_S

CALLS_A_POLICY = 500
SOLD_TO = ("sales", "sales-info", "decoy")
"""Branches of the policies below that an emergency, an incident, an inspector or a complaint must not meet."""

GREEDY = """\
[policy]
name = "greedy"
[numbering]
country = "SK"
[lines."+42120550000"]
kind = "office"
[lines."+42120550001"]
kind = "incident"
[classes.rival]
branch = "decoy"
[classes.prospect]
branch = "sales"
[classes.complaint]
branch = "complaint"
[classes.inspector]
branch = "inspector"
[classes.client]
branch = "support"
[classes.rest]
branch = "default"
[[classify]]
name = "rivals"
when = "tag('competitor')"
class = "rival"
[[classify]]
name = "anybody seen, or who shows a number"
when = "seen and hour < 20 or number_kind == 'e164' and value < 100000"
class = "rival"
[[classify]]
name = "anybody who is not withheld"
when = "number_kind != 'withheld' and value < 200000"
class = "prospect"
[[classify]]
name = "too late for complaints"
when = "tag('complaint') or choice == 'complaint'"
class = "complaint"
[[classify]]
name = "too late for inspectors"
when = "tag('inspector')"
class = "inspector"
[[classify]]
name = "too late for contracts"
when = "tag('sla') or open_matter('deal')"
class = "client"
[[classify]]
name = "everybody else"
class = "rest"
[[treat]]
name = "the others, too"
when = "not in_class('inspector') and not in_class('rival')"
branch = "decoy"
"""
"""A policy that would decoy everybody."""

Trait = Callable[[Situation, Random], Situation]
"""Makes a call one of a protected caller."""


def _tagged(*names: str) -> Trait:
    def tag(s: Situation, random: Random) -> Situation:
        ended = random.choice((0, 0, int(s.at_s) - 5, int(s.at_s) + 5))  # a tag that ran out may have been right
        other = Tag(random.choice(names), trust=random.randrange(5), expires_at_s=ended)
        tags = [*s.caller.tags, other]
        random.shuffle(tags)
        return s._replace(caller=s.caller._replace(tags=tuple(tags)))

    return tag


def _of_caller(**fields: tuple[object, ...]) -> Trait:
    def known(s: Situation, random: Random) -> Situation:
        chosen = {name: random.choice(values) for name, values in fields.items()}
        return s._replace(caller=s.caller._replace(**chosen))  # type: ignore[arg-type]

    return known


def _of_call(**fields: tuple[str, ...]) -> Trait:
    def called(s: Situation, random: Random) -> Situation:
        return s._replace(call=s.call._replace(**{name: random.choice(values) for name, values in fields.items()}))

    return called


def _numbered(*kinds: str) -> Trait:
    def numbered(s: Situation, random: Random) -> Situation:
        kind = random.choice(kinds)
        key = "112" if kind == "emergency" else "" if kind in ("withheld", "malformed") else s.number.key
        return s._replace(number=Number(kind, key, "", key))  # type: ignore[arg-type]

    return numbered


def _approval(**fields: object) -> Trait:
    def spoilt(s: Situation, random: Random) -> Situation:
        tags = tuple(tag._replace(**fields) for tag in s.caller.tags)  # type: ignore[arg-type]
        return s._replace(caller=s.caller._replace(tags=tags))

    return spoilt


PROTECTED: Mapping[str, Trait] = {
    "emergency call-back": _numbered("emergency"),
    "incident": lambda s, random: random.choice(
        (_of_caller(open_matters=(("incident",),)), _of_call(choice=("incident",)), _tagged("incident"))
    )(s, random),
    "incident line": lambda s, random: s._replace(line=s.line._replace(kind="incident")),
    "inspector, by number or range": _tagged("inspector"),
    "complaint": lambda s, random: random.choice(
        (_of_caller(open_matters=(("complaint",),)), _of_call(choice=("complaint",)), _tagged("complaint"))
    )(s, random),
    "contract": _tagged("sla", "contract", "customer", "insured", "patient"),
    "open matter": _of_caller(open_matters=(("deal",), ("claim",), ("result", "deal"))),
    "value": _of_caller(value=(1, 300, 10_000, -5)),
    "orders": _of_caller(orders=(1, 9)),
    "account manager": _of_caller(own_agent=("anna", "nobody-known")),
    "another tag": _tagged("partner", "kontrola", "vip", "staff-family", "problem"),
    "store away": lambda s, random: s._replace(degraded=True, identified=False, caller=Caller.UNKNOWN),
    "degraded": lambda s, random: s._replace(degraded=True),
    "nobody known": lambda s, random: s._replace(identified=False),
    "no number": _numbered("withheld", "malformed", "internal", "short"),
    "bare number": lambda s, random: s._replace(trust=random.randrange(2)),
    "tainted": _of_call(tainted=("keys out of order",)),
    "nobody approved": _approval(approved_by="", approved_at_s=0),
    "its author approved": _approval(approved_by="somebody", set_by="somebody"),
    "no person set it": _approval(set_by=""),
    "no evidence": _approval(evidence=""),
    "suspended": _approval(suspended_at_s=1),
    "expired": _approval(expires_at_s=int(AT_S) - 40 * 86_400),
    "for ever": _approval(expires_at_s=0),
    "for a year": _approval(expires_at_s=int(AT_S) + 365 * 86_400),
    "no tag": _of_caller(tags=((),)),
    "switched off": lambda s, random: s._replace(decoy=random.choice((NO_DECOY, DecoySwitch("not confirmed")))),
}
"""Everybody who must not meet the decoy: what makes them so."""

NEVER_SOLD_TO = ("emergency call-back", "incident line")
"""Of them, those whom no policy may sell to whatever else it says of them."""


class Met(NamedTuple):
    """One protected caller, and what became of them."""

    why: str
    """What protects them, of PROTECTED."""
    s: Situation
    """The call."""
    fault: str
    """What went wrong; empty for nothing."""
    decoyed_without: bool
    """Whether the same caller without the protection met the decoy."""


def rival(policy: Policy, random: Random) -> Situation:
    """A call of a competitor of whom nothing else is known, with everything a decoy takes."""
    at_s = AT_S + random.randrange(-30 * 86_400, 30 * 86_400)
    key = f"+4212{random.randrange(55_500_000, 55_510_000)}"
    call = IncomingCall(
        caller_number=key,
        called_number=random.choice((*policy.lines, "")),
        attestation="A",
        verification="success",
        language=random.choice(("", "sk")),
    )
    past = tuple(PastCall(int(at_s) - age) for age in sorted(random.sample(range(60, 900_000), 3), reverse=True))
    history = random.choice((History(), History(3, past[0].at_s, past[-1].at_s, "", past)))
    caller = Caller((key,), random.choice(("", "Ann")), (approved_tag("competitor", at_s),), history=history)
    number = policy.numbering.normalise(key)
    trust = random.choice((2, 3, 3, 4))
    s = policy.situation(call, number, caller, at_s, trust, False, decoy=DecoySwitch("", "eva"))
    return s._replace(line=s.line._replace(kind="office" if s.line.kind == "incident" else s.line.kind))


def branch_of(policy: Policy, s: Situation) -> tuple[str, str]:
    """Branch and rule of a call that need not be one Asterisk could make: decided as it stands."""
    decision = policy.decide_as_it_stands(s)
    return decision.branch, decision.rule


def meetings(count: int, seed: int, folder: Path, calls_a_policy: int = CALLS_A_POLICY) -> Iterator[Met]:
    """Protected callers one after another, each with what became of them."""
    random = Random(seed)
    greedy = folder / "greedy.toml"
    greedy.write_text(GREEDY, encoding="utf-8")
    names = [*shipped(), str(greedy)]
    done = 0
    while done < count:
        turn = done // calls_a_policy
        written = turn < len(names) or turn % 2 == 0
        policy = (
            load(names[(turn if turn < len(names) else turn // 2) % len(names)]) if written else made_up(random, folder)
        )
        default = policy.rules["classify"][-1].name
        for _ in range(min(calls_a_policy, count - done)):
            done += 1
            why = random.choice(tuple(PROTECTED))
            s = rival(policy, random)
            protected = PROTECTED[why](s, random)
            branch, rule = branch_of(policy, protected)
            fault = f"{why} met the decoy" if branch == "decoy" else ""
            if why in NEVER_SOLD_TO and branch in SOLD_TO and rule != default:
                fault = f"{why} was sold to by {rule}"
            yield Met(why, protected, f"{policy.name}: {fault}" if fault else "", branch_of(policy, s)[0] == "decoy")


def main() -> int:
    """Run them; 0 when not one met the decoy, and some would have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000, help="how many calls")
    parser.add_argument("--seed", type=int, default=6, help="another seed, other calls")
    given = parser.parse_args()
    calls, decoyed, wrong = Counter[str](), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for done, met in enumerate(meetings(given.count, given.seed, Path(folder)), 1):
            calls[met.why] += 1
            decoyed += met.decoyed_without
            if met.fault:
                wrong += 1
                if wrong <= 20:
                    print(f"\r{met.fault}\n  {met.s}")
            if done % 1_000 == 0:
                print(f"\r{done:,} protected callers, {wrong:,} wrong", end="", file=sys.stderr, flush=True)
    print("\r", end="", file=sys.stderr)
    print(f"{sum(calls.values()):,} protected callers of {len(calls)} kinds, {wrong:,} went wrong")
    print(f"{decoyed:,} of the same callers met the decoy without what protects them")
    return 1 if wrong or not decoyed or len(calls) < len(PROTECTED) else 0


if __name__ == "__main__":
    sys.exit(main())
