"""The day: who calls, in which order, by which line and trunk; the same seed gives the same day."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...wire.incoming_call import IncomingCall
from .made_up_callers import KINDS, Kind, Person, national, number_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

FROM_S = 1_795_413_600
"""When the day begins: Monday, 23 November 2026, 7:00 in Bratislava; in seconds since 1970 UTC."""
DAY_S = 12 * 3600
"""How long it lasts."""

LINE = "+42120550000"
"""The chief number of the shop."""
ADVERTISED_LINES = ("+42125550800", "+42125550801")
TRUNK = "trunk"
"""Where the calls come in: the shop's policy says that it screens."""
INCIDENT_LINE = "+42125550911"

INSPECTORS_FROM, INSPECTORS_CALL_FROM, INSPECTORS_UNTIL = 9000, 9100, 9149
INSPECTORS = (number_of(INSPECTORS_FROM), number_of(INSPECTORS_UNTIL))
"""First and last number of the made-up authority."""

STRANGERS_FROM = 5000
"""Where in the fictitious range the numbers begin that nobody has on record."""

SHARES = {
    "A1": 22,
    "A2": 12,
    "A3": 26,
    "A4": 10,
    "A5": 4,
    "A6": 5,
    "A7": 5,
    "A8": 2,
    "A9": 2,
    "A10": 3,
    "A11": 2,
    "A12": 7,
}
"""How many of a hundred calls come from each sort of caller."""

JUST_CALLED = 3
"""Strangers who called last do not call again at once: histories are noted after the answer."""

NOT_A_NUMBER = ("anonymous", "", "12ab", "+999123")


class PlannedCall(NamedTuple):
    """One call before it is made."""

    kind: Kind
    """Who calls."""
    call: IncomingCall
    """What Asterisk would say about it."""
    at_s: float = FROM_S
    """When it rings, in seconds since 1970 UTC."""


def planned_calls(people: list[Person], count: int, random: Random) -> Iterator[PlannedCall]:
    """`count` calls, at least 20, in the order in which they ring; every sort of caller at least once."""
    strangers: list[str] = []
    for serial, kind in enumerate(_order(count, random)):
        if kind.row == "A2" and len(strangers) <= JUST_CALLED:
            kind = KINDS[0]  # nobody called long enough ago
        at_s = FROM_S + (serial + random.random()) / count * DAY_S
        yield PlannedCall(kind, _call(kind, serial, people, strangers, random), at_s)


def _order(count: int, random: Random) -> list[Kind]:
    shares = [SHARES[kind.row] * (kind.people / _people(kind.row) if kind.people else 1) for kind in KINDS]
    first, again, *others = KINDS
    order = others + random.choices(KINDS, shares, k=count - len(KINDS) - JUST_CALLED)
    random.shuffle(order)
    return [first] * (JUST_CALLED + 1) + order + [again]


def _people(row: str) -> int:
    return sum(kind.people for kind in KINDS if kind.row == row)


def _call(kind: Kind, serial: int, people: list[Person], strangers: list[str], random: Random) -> IncomingCall:
    call = IncomingCall(called_number=LINE, trunk=TRUNK, language="en", channel=f"PJSIP/{TRUNK}-{serial:08x}")
    call = call._replace(uniqueid=f"1795000000.{serial}", linkedid=f"1795000000.{serial}")
    if kind.row == "A1":
        strangers.append(number_of(STRANGERS_FROM + len(strangers)))
        line = random.choice((LINE, *ADVERTISED_LINES))
        return _screened(call, strangers[-1], random)._replace(called_number=line)
    if kind.row == "A2":
        return _screened(call, random.choice(strangers[:-JUST_CALLED]), random)
    if kind.row == "A8":
        place = random.randrange(INSPECTORS_CALL_FROM, INSPECTORS_UNTIL + 1)
        return _screened(call, number_of(place), random)
    if kind.row == "A12":
        return _without_number(call, random)
    person = random.choice([person for person in people if person.kind is kind])
    call = _screened(call, person.number, random)
    if kind.row == "A9":  # a decoy is played only to a number that its carrier vouches for
        return call._replace(attestation="A", verification="success")
    if kind.row == "A5" and random.random() < 0.5:
        return call._replace(called_number=INCIDENT_LINE)
    return call


def _screened(call: IncomingCall, number: str, random: Random) -> IncomingCall:
    """The call from a number that the carrier asserts: it screens, by the shop's policy."""
    return call._replace(caller_number=national(number, random), asserted=f"<sip:{number}@{TRUNK}>")


def _without_number(call: IncomingCall, random: Random) -> IncomingCall:
    written = random.choice(NOT_A_NUMBER)
    if written:
        return call._replace(caller_number=written)
    return call._replace(caller_number=national(number_of(4000), random), presentation="prohib_not_screened")
