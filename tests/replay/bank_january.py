"""A bank's telephone centre in January 1999, as calls of one queue; its log lies beside the repository or not at all.

Taken: the calls of all types that the regular agents answer. Left out, and counted: internet support (agents of its
own), virtual calls, calls of a type that does not exist (slipped lines), and callers who hung up in the voice menu,
before they asked for anybody.

`python -m tests.replay.bank_january` prints the log beside the simulation, as in docs/decisions/simulation.md.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from statistics import fmean

from asterisk_router.replay.intervals import interval_of_one
from asterisk_router.replay.queue_simulation import ClassFigures, estimate, replicated
from asterisk_router.replay.reconstruction import Past, PastQueueCall, Rule

FILE = Path(__file__).parents[3] / "shared" / "data" / "anonymous-bank-january-1999.tsv"

PRIORITY, REGULAR, PROSPECT = range(3)
"""Classes. A prospect (type NW) has no customer id; the description of the data treats one as a regular caller."""

GROUPS = {"priority": (PRIORITY,), "others": (REGULAR, PROSPECT), "all": (PRIORITY, REGULAR, PROSPECT)}
"""Groups of callers, by their classes."""

DAY_S = 86_400


def read(text: str) -> tuple[list[PastQueueCall], Counter[str]]:
    """The calls, on one clock from midnight before the first of January, and what was left out by reason."""
    calls, left_out = [], Counter[str]()
    for line in text.splitlines()[1:]:
        values = line.split("\t")
        why = reason(values)
        if why:
            left_out[why] += 1
        else:
            calls.append(call(values))
    return calls, left_out


def reason(values: list[str]) -> str:
    """Why a line is no call of this queue; empty if it is one."""
    if values[4] not in ("PS", "PE", "NE", "NW", "TT", "IN"):
        return "slipped"
    if values[12] == "PHANTOM":
        return "virtual"
    if values[4] == "IN":
        return "internet"
    return "hung up in the menu" if values[12] == "HANG" and values[11] == "0" else ""


def call(values: list[str]) -> PastQueueCall:
    """One line. Who found an agent free has often lost the customer id, and with it the class."""
    kind, waited_s, answered = values[4], int(values[11]), values[12] == "AGENT"
    class_of: int | None = {"1": REGULAR, "2": PRIORITY}.get(values[3])
    if class_of is None:
        class_of = PROSPECT if kind == "NW" else REGULAR if waited_s else None
    began_s = seconds(values[9]) if waited_s else seconds(values[13])
    return PastQueueCall(
        DAY_S * (int(values[5]) - 990101) + began_s, kind, class_of, waited_s, answered,
        int(values[15]) if answered else 0, "" if values[16] == "NO_SERVER" else values[16],
    )  # fmt: skip


def seconds(text: str) -> int:
    """h:mm:ss."""
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def january(call: PastQueueCall) -> int:
    """The day of a call."""
    return int(call.at_s // DAY_S) + 1


def told_rule(call: PastQueueCall, chance: float) -> float:
    """What the description of the data says: a priority customer is granted 1.5 minutes."""
    return 90.0 * (call.class_of == PRIORITY)


def seen_rule(call: PastQueueCall, chance: float) -> float:
    """What the log shows (`test_the_log_tells_which_rule_was_in_force`).

    Nothing until 10 January (the 11th and 12th are missing), 60 s a step on the 13th and 14th, 90 s a step from the
    15th; one step for every identified customer, two for 64 of 100 calls of priority customers, nobody knows whose.
    """
    step_s = 0.0 if january(call) <= 12 else 60.0 if january(call) <= 14 else 90.0
    return step_s * (0 if call.class_of == PROSPECT else 2 if call.class_of == PRIORITY and chance < 0.64 else 1)


def figures(past: Past, rule: Rule, replications: int) -> dict[str, list[ClassFigures]]:
    """By group, the month of each replication."""
    days = replicated(lambda number: past.drawn(rule, 1, number), past.shifts, [60.0] * 3, replications)
    return {
        name: [sum((day[place] for place in group), ClassFigures(*[0] * 8)) for day in days]
        for name, group in GROUPS.items()
    }


def of_log(calls: list[PastQueueCall], group: str) -> tuple[float, float]:
    """Mean wait of those of a group who waited, and the share of them who hung up."""
    own = [call for call in calls if call.waited_s and call.class_of in GROUPS[group]]
    return fmean(call.waited_s for call in own), fmean(not call.answered for call in own)


def main(replications: int = 40) -> None:
    """Print the table."""
    calls, left_out = read(FILE.read_text())
    past = Past(calls, 3)
    print(f"{len(calls):,} calls; left out: {dict(left_out)}; {replications} replications")
    print(f"had to wait in the log: {fmean(call.waited_s > 0 for call in calls):.1%}")
    for name, rule in (("as seen", seen_rule), ("as told", told_rule), ("none", lambda *_: 0.0)):
        for group, days in figures(past, rule, replications).items():
            wait_s, gone = of_log(calls, group)
            mean, left = estimate(days, "mean_wait_of_waiters_s"), estimate(days, "abandonment_of_waiters")
            one = interval_of_one([day.mean_wait_of_waiters_s or 0.0 for day in days])
            gone_of_one = interval_of_one([day.abandonment_of_waiters or 0.0 for day in days])
            print(
                f"| {name} | {group} | {wait_s:.1f} s | {mean.mean:.1f} +- {mean.half_width:.1f} s | "
                f"{one.low:.1f} to {one.high:.1f} s | {mean.mean / wait_s - 1:+.1%} | {gone:.1%} | "
                f"{left.mean:.1%} +- {left.half_width:.2%} | {gone_of_one.low:.1%} to {gone_of_one.high:.1%} | "
                f"{estimate(days, 'share_that_waits').mean:.1%} |"
            )


if __name__ == "__main__":
    main()
