"""`python -m tests.policy.agreement [COUNT] [--seed N]`: does the explanation tell what the policy decides?

COUNT calls at random (1,000,000) meet the shipped policies and others made up at random. For each the decision of the
live path, the explanation, the same decision by the plain twins of the kernels, and the rules read one by one as they
are written must be the same. Exit code 1 when one is not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple
from unittest import mock

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from asterisk_router._native import PLAIN_ONLY, twins
from asterisk_router.policy.explain import Explanation
from asterisk_router.policy.facts.table import FactUse, Value
from asterisk_router.policy.load import load, shipped
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.rules.conditions import truth_of
from asterisk_router.policy.situation import Situation
from tests.policy.random_calls import call_at_random, pool_of
from tests.policy.random_policies import made_up

CALLS_A_POLICY = 1_000
STEPS = ("classify", "treat", "bonus")


class Pair(NamedTuple):
    """One policy, walked by the kernels in charge and by the plain twins."""

    policy: Policy
    plain: Policy


@contextmanager
def plain_twins() -> Iterator[None]:
    """Policies loaded inside walk in plain Python."""
    with mock.patch.dict("os.environ", {PLAIN_ONLY: "1"}):
        yield


def pairs(random: Random, folder: Path) -> Iterator[Pair]:
    """The shipped policies, then made-up ones, three of them before each shipped one again."""
    names = shipped()
    for turn in range(10**9):
        if turn < len(names) or turn % 4 == 0:
            name = names[turn % len(names)]
            policy = load(name)
        else:
            policy = made_up(random, folder)
            name = str(folder / "made-up.toml")
        with plain_twins():
            yield Pair(policy, load(name))


def differs(pair: Pair, s: Situation) -> str:
    """What is not the same about one call; empty when everything is."""
    policy, given = pair.policy, (*s[:6], s.live, s.decoy)
    decided = policy.decide(*given[:7], decoy=s.decoy)
    told = policy.explain(*given)
    if told.decision != decided:
        return f"explained {told.decision}, decided {decided}"
    if pair.plain.decide_as_it_stands(s) != decided:
        return f"plain twins {pair.plain.decide_as_it_stands(s)}, compiled {decided}"
    if s.call.tainted:
        return ""
    return misread(told, policy, s)


def misread(told: Explanation, policy: Policy, s: Situation) -> str:
    """A rule of which the explanation does not say what it is as written; empty when there is none.

    Every rule not won is told by reading it as written; so none of them may have matched, and those that won must have.
    """
    seen = policy.gatherer.seen_by(s)
    written = [rule for step in STEPS for rule in policy.rules[step]]

    def read(use: FactUse) -> Value:
        return told.decision.caller_class == use.argument if use.fact.source == "class" else seen(use)

    ended: set[str] = set()
    for rule, told_rule in zip(written, told.rules, strict=True):
        if told_rule.result == "won" and truth_of(rule.condition, read) is not True:
            return f"{told_rule} won, and does not hold as written"
        if told_rule.result == "set aside":
            if truth_of(rule.condition, read) is not True or not told.decision.set_aside:
                return f"{told_rule} is set aside, and does not hold as written or nobody is told"
            continue
        if told_rule.result == "matched" or (told_rule.result == "not reached") != (rule.step in ended):
            return f"{told_rule} is out of order"
        if told_rule.result == "won" and rule.step != "bonus":
            ended.add(rule.step)
    return "" if "classify" in ended else "no classify rule won"


def disagreements(
    count: int, seed: int, folder: Path, calls_a_policy: int = CALLS_A_POLICY
) -> Iterator[tuple[int, str]]:
    """How many calls were compared so far, and what was not the same about the latest; empty when all was."""
    random = Random(seed)
    done = 0
    for pair in pairs(random, folder):
        pool = pool_of(pair.policy, random)
        for _ in range(min(calls_a_policy, count - done)):
            s = call_at_random(pool, random)
            done += 1
            found = differs(pair, s)
            yield done, f"{pair.policy.name}: {found}\n  {s}" if found else ""
        if done >= count:
            return


def main() -> int:
    """Run the comparison; 0 when not one call is told differently."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000, help="how many calls")
    parser.add_argument("--seed", type=int, default=5, help="another seed, other calls")
    given = parser.parse_args()
    wrong = done = 0
    with tempfile.TemporaryDirectory() as folder:
        for done, found in disagreements(given.count, given.seed, Path(folder)):
            if found:
                wrong += 1
                if wrong <= 20:
                    print(f"\r{found}")
            if done % 1_000 == 0:
                print(f"\r{done:,} explained, {wrong:,} differently", end="", file=sys.stderr, flush=True)
    print("\r", end="", file=sys.stderr)
    print(f"rules {twins()['rules']}, facts {twins()['facts']}, against their plain twins")
    print(f"{done:,} calls decided and explained, {wrong:,} differently")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
