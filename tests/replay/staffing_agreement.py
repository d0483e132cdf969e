"""`python -m tests.replay.staffing_agreement`: do we find what pyworkforce finds by Erlang C?

Every load of a grid from a shop to a thousand agents: probability of waiting, share answered in time and occupancy with
crews from just enough upwards, and the agents needed. Exit code 1 when a share differs in its sixth digit, or when the
agents needed differ for another reason than the one named in `starts_too_high`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import product
from math import floor
from pathlib import Path
from types import ModuleType
from typing import Any

if not __package__:  # run as a file
    sys.path.insert(0, str(Path(__file__).parents[2]))

from asterisk_router.replay.erlang import Goal, Load, agents_needed, service

CALLS = (0.5, 2, 7, 13, 40, 100, 333, 1000, 4000, 10_000)
"""In half an hour."""

HANDLING_MIN = (0.5, 1.7, 3, 5, 12)
WITHIN_S = (1, 10, 20, 60, 180)
SHARES = (0.3, 0.5, 0.8, 0.9, 0.95, 0.99)
MORE = (0, 1, 2, 5, 20)
"""Agents beyond the fewest that can cope."""

TOLERATED = 1e-6


def peer() -> Any:
    """`ErlangC` of pyworkforce: its file of formulas alone, for the package imports an optimiser and numpy as well."""
    package = find_spec("pyworkforce")
    if package is None or not package.submodule_search_locations:
        sys.exit("pyworkforce is not installed: pip install --no-deps pyworkforce")
    for name, wanted in (("joblib", ("Parallel", "delayed")), ("pyworkforce.utils", ("ParameterGrid",))):
        stand_in = ModuleType(name)  # of what only its grid of runs uses
        vars(stand_in).update(dict.fromkeys(wanted))
        sys.modules[name] = stand_in
    formulas = Path(package.submodule_search_locations[0]) / "queuing" / "erlang.py"
    spec = spec_from_file_location("peer_erlang", formulas)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ErlangC


def shares(erlang_c: Any) -> Iterator[float]:
    """How far each share of ours is from theirs."""
    for calls, handling_min, within_s, more in product(CALLS, HANDLING_MIN, WITHIN_S, MORE):
        load = Load(calls / 1800, handling_min * 60)
        agents = floor(load.erlangs) + 1 + more
        theirs = erlang_c(transactions=calls, aht=handling_min, asa=within_s / 60, interval=30)
        ours = service(agents, load, within_s)
        yield abs(ours.waits - theirs.waiting_probability(agents))
        yield abs(ours.in_time - theirs.service_level(agents))
        yield abs(ours.occupancy - theirs.achieved_occupancy(agents))


def crews(erlang_c: Any) -> Iterator[tuple[str, bool]]:
    """Each goal in words, and whether as many agents are found for it; none where `starts_too_high` says why."""
    for calls, handling_min, within_s, share in product(CALLS, HANDLING_MIN, WITHIN_S, SHARES):
        load, goal = Load(calls / 1800, handling_min * 60), Goal(within_s, share)
        theirs = erlang_c(transactions=calls, aht=handling_min, asa=within_s / 60, interval=30)
        asked, ours = theirs.required_positions(service_level=share)["raw_positions"], agents_needed(load, goal)
        if not starts_too_high(asked, ours, load, goal):
            yield f"{load}, {goal}: {ours} agents, {asked} there", asked == ours


def starts_too_high(theirs: int, ours: int, load: Load, goal: Goal) -> bool:
    """Whether theirs is the very crew their search begins with, `round(erlangs + 1)`, and one less is enough."""
    return ours == theirs - 1 and theirs == round(load.erlangs + 1) and goal.met_by(service(ours, load, goal.within_s))


def main() -> int:
    """Run the comparison; 0 when we agree."""
    erlang_c = peer()
    apart = list(shares(erlang_c))
    found = list(crews(erlang_c))
    goals = len(CALLS) * len(HANDLING_MIN) * len(WITHIN_S) * len(SHARES)
    differ = [words for words, alike in found if not alike]
    print("\n".join(differ[:50]))
    print(f"pyworkforce {version('pyworkforce')}")
    print(f"{len(apart):,} shares compared, largest difference {max(apart):.1e}")
    print(f"agents needed for {goals:,} goals: {len(differ)} differ; {goals - len(found)} of theirs have one too many,")
    print("  where their search begins with it and one less keeps the promise")
    return 1 if max(apart) > TOLERATED or differ else 0


if __name__ == "__main__":
    sys.exit(main())
