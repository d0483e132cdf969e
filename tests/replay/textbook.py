"""Waits of queues that have a formula, to hold the simulation against."""

from __future__ import annotations

from typing import NamedTuple


class Expected(NamedTuple):
    """What the formulas say of a queue in the long run."""

    waits: float
    """Probability that a caller finds no agent free."""
    mean_wait_s: float
    """Mean wait of all callers."""
    abandoned: float = 0.0
    """Probability that a caller hangs up."""


def erlang_c(per_hour: float, service_s: float, agents: int) -> Expected:
    """M/M/c: Erlang's second formula, by the recursion of his first."""
    load = per_hour * service_s / 3600
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    waits = blocked / (1 - load / agents * (1 - blocked))
    return Expected(waits, waits * service_s / (agents - load))


def erlang_a(per_hour: float, service_s: float, agents: int, patience_s: float) -> Expected:
    """M/M/c+M (Palm 1957): the probabilities of the birth and death process, added up until they are nothing."""
    rate, served, impatient = per_hour / 3600, 1 / service_s, 1 / patience_s
    present, weight, total, waits, queue = 0, 1.0, 1.0, 0.0, 0.0
    while present < agents or weight > total * 1e-18:
        present += 1
        weight *= rate / (min(present, agents) * served + max(present - agents, 0) * impatient)
        total += weight
        if present >= agents:
            waits += weight
            queue += (present - agents) * weight
    return Expected(waits / total, queue / total / rate, queue / total * impatient / rate)


def cobham(per_hour: tuple[float, float], service_s: float, agents: int) -> tuple[Expected, Expected]:
    """M/M/c, two classes of one service time, the first before the second, nobody interrupted.

    Cobham 1954; Kella and Yechiali 1985 for several agents.
    """
    waits = erlang_c(sum(per_hour), service_s, agents).waits
    first = per_hour[0] * service_s / 3600 / agents
    both = sum(per_hour) * service_s / 3600 / agents
    start_s = waits * service_s / agents
    return Expected(waits, start_s / (1 - first)), Expected(waits, start_s / (1 - first) / (1 - both))
