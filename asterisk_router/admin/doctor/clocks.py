"""Clocks: schedules, ages of the live line and leases go by them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from .finding import Finding, green, red, yellow

APART_S = 2.0
"""Further apart than this two clocks are not set by the same time: a lease of the router's is 3 s long."""

_REMEDY = "let one NTP service set both: systemctl enable --now systemd-timesyncd, or chrony"


def about_clocks(others: Mapping[str, tuple[float | None, float]]) -> Iterator[Finding]:
    """How far each clock is from ours; by name: what it showed, None where it does not tell, and ours then."""
    for name, (theirs_s, ours_s) in others.items():
        if theirs_s is None:
            continue
        apart_s = theirs_s - ours_s
        if abs(apart_s) > APART_S:
            side = "ahead of" if apart_s > 0 else "behind"
            yield red("clock", f"{name} is {abs(apart_s):.0f} s {side} this machine", _REMEDY)
        else:
            yield green("clock", f"{name} and this machine agree")


def about_time_zone(policy: str, machine: str) -> Finding:
    """Whether the policy's opening hours are read in the machine's time zone, as Asterisk's logs and CDRs are."""
    if not machine or policy == machine:
        return green("time zone", f"hours of the policy are those of {policy}")
    remedy = "fine if it is meant; else [policy] timezone, or: timedatectl set-timezone ZONE"
    return yellow("time zone", f"hours of the policy are those of {policy}, this machine shows {machine}", remedy)


def zone_of_machine() -> str:
    """The machine's time zone by its name; empty where it has none."""
    link = os.path.realpath("/etc/localtime")
    return link.partition("/zoneinfo/")[2]
