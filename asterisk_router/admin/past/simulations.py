"""What callers of each class would wait: a policy's head starts on a queue that is described in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from ...errors import RouterError
from ...policy.file.words import nearest, seconds_of
from ...replay.intervals import Interval
from ...replay.queue_simulation import (
    ClassFigures,
    RandomClass,
    Shifts,
    differences,
    estimate,
    random_calls,
    replicated,
)

if TYPE_CHECKING:
    from ...policy.policy import Policy

CALLS: Final = 20_000
"""Calls in each replication."""

FILLING: Final = 2_000
"""The first of them, not counted: they find an emptier queue than the others."""

RAREST: Final = 1000
"""Of a class that is rarer than one call of so many nothing sure can be said."""

PROMISED_S: Final = 20.0
"""The promised wait of a class whose policy promises none."""

ASSUMED: Final = (
    "calls come at random, as many in every hour; times with an agent and patience are exponential",
    "all these classes wait in one queue, for agents who are alike and answer at once",
    "nobody calls again; head starts are those of the classes, without bonus and treat rules",
)
"""What the figures rest on, to be told beside them."""

SHOWN: Final = ("share_that_waits", "mean_wait_s", "service_level", "abandonment")
"""The figures of a class."""


class ClassAsked(NamedTuple):
    """Callers of one class, as a person describes them."""

    name: str
    """The class, as the policy names it."""
    calls_per_hour: float
    """How many call in an hour."""
    handling_s: float
    """Mean time a call takes an agent: talking and wrap-up."""
    patience_s: float = inf
    """Mean time after which they hang up; `inf`: they never do."""


class ClassEstimate(NamedTuple):
    """What is estimated of one class under one policy."""

    name: str
    """The class."""
    head_start_s: float
    """Its head start under the policy."""
    promised_wait_s: float
    """The wait within which an answer is in time."""
    figures: Mapping[str, Interval]
    """By the names of SHOWN; shares of 1, and seconds. What is compared holds changes instead."""


def asked(calls: Sequence[str], handling: Sequence[str], patience: Sequence[str]) -> list[ClassAsked]:
    """The callers that a command line describes; raises RouterError for what cannot be understood."""
    per_hour = calls_by_class(calls)
    names = list(per_hour)
    handling_s, patience_s = by_class("--handling", handling, names), by_class("--patience", patience, names, inf)
    return [ClassAsked(*each) for each in zip(names, per_hour.values(), handling_s, patience_s, strict=True)]


def by_class(option: str, written: Sequence[str], names: Sequence[str], default: float | None = None) -> list[float]:
    """Seconds of each class from `SPAN` (all classes) and `CLASS=SPAN`; raises RouterError naming `option`.

    A class of which nothing is written gets `default`, and is refused where there is none.
    """
    found: dict[str, float] = {}
    for each in written:
        name, equals, span = each.rpartition("=")
        seconds = seconds_of(span)
        if not seconds:
            raise RouterError(
                f"{option} {each}: {span!r} is no duration", remedy="a number with its unit: 90s, 3m, 1h30m"
            )
        if equals and name not in names:
            raise RouterError(f"{option} {each}: no --calls of a class {name!r}", remedy=nearest(name, names))
        found[name] = seconds
    seconds_s = [found.get(name, found.get("", default)) for name in names]
    for name, one_s in zip(names, seconds_s, strict=True):
        if one_s is None:
            raise RouterError(f"{option} says nothing of {name}", remedy=f"{option} 3m for all classes, or {name}=3m")
    return [one_s for one_s in seconds_s if one_s is not None]


def calls_by_class(written: Sequence[str]) -> dict[str, float]:
    """Calls an hour of each class from `CLASS=NUMBER`; raises RouterError."""
    found: dict[str, float] = {}
    for each in written:
        name, _, number = each.rpartition("=")
        try:
            per_hour = float(number)
        except ValueError:
            per_hour = 0.0
        if not name or not 0 < per_hour < 1e6 or name in found:
            raise RouterError(f"--calls {each} cannot be used", remedy="CLASS=NUMBER of calls an hour, each class once")
        found[name] = per_hour
    return found


def simulated(
    policy: Policy, classes: Sequence[ClassAsked], agents: int, seed: int, replications: int
) -> list[tuple[ClassFigures, ...]]:
    """The figures by class of each replication under a policy.

    Raises RouterError for a class the policy does not have or that hardly ever calls, for classes of several queues,
    and for a queue that would grow for ever.
    """
    ranks = [_of_class(policy, each.name) for each in classes]
    queues = sorted({queue for each in classes if (queue := policy.class_fields(each.name).get("queue"))})
    if len(queues) > 1:
        raise RouterError(f"these classes wait in several queues: {', '.join(queues)}", remedy="simulate one at a time")
    for each in classes:
        if each.calls_per_hour * RAREST < sum(every.calls_per_hour for every in classes):
            raise RouterError(f"of {RAREST} calls less than one is of {each.name}", remedy="leave it out")
    work = sum(each.calls_per_hour * each.handling_s for each in classes) / 3600
    if work >= agents and any(each.patience_s == inf for each in classes):
        raise RouterError(
            f"{agents} agents cannot answer what takes {work:.1f} of them: the queue would grow for ever",
            remedy=f"--agents {int(work) + 1} or more, or say after what time callers hang up: --patience 3m",
        )
    drawn = [
        RandomClass(each.calls_per_hour, each.handling_s, rank[0], each.patience_s)
        for each, rank in zip(classes, ranks, strict=True)
    ]
    filling_s = FILLING * 3600 / sum(each.calls_per_hour for each in classes)
    return replicated(
        lambda number: random_calls(drawn, CALLS, seed, number),
        Shifts.always(agents),
        [promised_s for _, promised_s in ranks],
        replications,
        filling_s,
    )


def estimates(
    policy: Policy, classes: Sequence[ClassAsked], days: Sequence[tuple[ClassFigures, ...]]
) -> list[ClassEstimate]:
    """What is estimated of each class."""
    return [
        ClassEstimate(
            each.name,
            *_of_class(policy, each.name),
            {figure: estimate([day[place] for day in days], figure) for figure in SHOWN},
        )
        for place, each in enumerate(classes)
    ]


def changes(
    policy: Policy,
    classes: Sequence[ClassAsked],
    before: Sequence[tuple[ClassFigures, ...]],
    after: Sequence[tuple[ClassFigures, ...]],
) -> list[ClassEstimate]:
    """What changes for each class where the same calls meet `policy` (`after`) instead (`before`)."""
    return [
        ClassEstimate(
            each.name,
            *_of_class(policy, each.name),
            {
                figure: differences([day[place] for day in before], [day[place] for day in after], figure)
                for figure in SHOWN
            },
        )
        for place, each in enumerate(classes)
    ]


def _of_class(policy: Policy, name: str) -> tuple[float, float]:
    """Head start and promised wait."""
    if name not in policy.classes:
        raise RouterError(f"policy {policy.version} has no class {name!r}", remedy=nearest(name, policy.classes))
    fields = policy.class_fields(name)
    return float(fields.get("head_start", 0)), float(fields.get("promised_wait", PROMISED_S))
