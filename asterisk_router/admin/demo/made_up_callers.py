"""Made-up people who call the shop; every number lies in a range reserved for fiction."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

CALLS_A_CROWD = 150


class Kind(NamedTuple):
    """A sort of caller, as the mission numbers them."""

    row: str
    """`A1` ... `A12`."""
    what: str
    """Who they are, for the screen."""
    people: int = 0
    """How many of them are on record for every `CALLS_A_CROWD` calls."""
    tags: tuple[str, ...] = ()
    """Tags of which each carries one."""
    worth: int = 0
    """What they have brought in on average, in whole units of currency."""
    open_matter: str = ""
    """What is open with them."""
    own_agent: str = ""
    """Who looks after them."""


KINDS = (
    Kind("A1", "first call"),
    Kind("A2", "calls again"),
    Kind("A3", "customer, new order", 60, ("customer",), 900),
    Kind("A3", "key customer, new order", 6, ("customer;vip",), 60_000, own_agent="anna"),
    Kind("A4", "customer, working question", 20, ("customer",), 1_500, "deal"),
    Kind("A5", "customer, incident", 8, ("customer;sla",), 9_000, "incident"),
    Kind("A6", "customer, complaint", 8, ("customer;complaint",), 700, "complaint"),
    Kind("A7", "supplier or partner", 9, ("supplier", "partner", "investor")),
    Kind("A8", "inspector"),
    Kind("A9", "competitor", 3, ("competitor",)),
    Kind("A10", "family of the staff", 5, ("staff-family",)),
    Kind("A11", "problem caller", 3, ("problem",)),
    Kind("A12", "withheld or malformed"),
)
"""In the order of the mission."""

COLUMNS = ("Phone", "Name", "Tags", "Turnover", "Orders", "Manager", "Open")
CSV_MAP = "number=Phone,name=Name,tag=Tags,value=Turnover,orders=Orders,own_agent=Manager,open_matter=Open"

FIRST_NAMES = ("Anna", "Boris", "Clara", "Daniel", "Eva", "Filip", "Greta", "Hugo", "Ida", "Jakub", "Lena", "Marek")
LAST_NAMES = ("Novak", "Horvath", "Kovac", "Varga", "Toth", "Nagy", "Balaz", "Molnar", "Simko", "Polak", "Urban")


class Person(NamedTuple):
    """Somebody on record."""

    kind: Kind
    """What sort of caller."""
    number: str
    """Canonical number."""


def number_of(place: int) -> str:
    """The canonical number at a place in the fictitious range +421 2 5550 xxxx."""
    return f"+4212{55_500_000 + place}"


def write_people(path: Path, calls: int, random: Random) -> list[Person]:
    """Write to a CSV file, as a CRM would, the people of whom so many `calls` will come, and say who they are."""
    crowds = -(-calls // CALLS_A_CROWD)  # or else everybody would call so often that it counts as a complaint
    people: list[Person] = []
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for kind in KINDS:
            for serial in range(kind.people * crowds):
                number = number_of(100 + len(people))
                people.append(Person(kind, number))
                writer.writerow(_row(kind, number, serial, random))
    return people


def _row(kind: Kind, number: str, serial: int, random: Random) -> tuple[object, ...]:
    worth = random.randrange(kind.worth // 2, kind.worth * 2) if kind.worth else ""
    name = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
    tags = kind.tags[serial % len(kind.tags)]
    orders = random.randrange(1, 9) if worth else ""
    return (national(number, random), name, tags, worth, orders, kind.own_agent, kind.open_matter)


def national(number: str, random: Random) -> str:
    """A canonical Slovak number in one of the ways in which people and trunks write it."""
    digits = number.removeprefix("+421")
    return random.choice(
        (
            number,
            f"00421{digits}",
            f"0{digits}",
            f"0{digits[0]}/{digits[1:5]} {digits[5:]}",
            f"+421 {digits[0]} {digits[1:]}",
        )
    )
