"""Who calls in the live tests: one caller or more for each of A1 to A12, put on record as a sysadmin would."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner, Result

from asterisk_router.admin.callers.tagging import approve_tag
from asterisk_router.admin.cli.router import commands
from asterisk_router.callers.tags import APPROVED_S
from asterisk_router.daemon.main import PORTS
from asterisk_router.policy.load import EXAMPLES
from asterisk_router.store.open_book import open_book

LINE = "+42120550000"
"""The number they call."""


class Person(NamedTuple):
    """A caller, and what the shop's policy owes them."""

    row: str
    """Row of the mission, `A1`."""
    number: str
    """Caller number as the trunk gives it."""
    caller_class: str
    branch: str
    queue: str
    head_start_s: int
    greeting: str
    tags: str = ""
    open_matter: str = ""
    own_agent: str = ""
    attestation: str = "B"
    """As the carrier says in its header: what the shop asks of whoever is more than a stranger."""


PEOPLE = (
    Person("A1", "+42125550101", "prospect-new", "sales", "sales", 60, "prospect", attestation="none"),
    Person("A2", "+42125550102", "prospect-again", "sales", "sales", 240, "again"),
    Person("A3", "+42125550103", "customer-order", "sales", "sales", 300, "benefit", "customer"),
    Person("A3", "+42125550113", "customer-vip", "account-manager", "sales", 480, "", "customer;vip", own_agent="anna"),
    Person("A4", "+42125550104", "customer-question", "support", "support", 180, "customer", "customer", "deal"),
    Person("A5", "+42125550105", "incident", "incident", "incident", 14400, "", "customer;sla", "incident"),
    Person(
        "A6", "+42125550106", "complaint", "complaint", "complaint", 360, "complaint", "customer;complaint", "complaint"
    ),
    Person("A7", "+42125550107", "partner", "reception", "reception", 360, "partner", "partner"),
    Person("A8", "+42125550108", "inspector", "inspector", "reception", 3600, "plain", "inspector"),
    Person("A9", "+42125550109", "competitor", "decoy", "", 0, "market"),
    Person("A10", "+42125550110", "staff-family", "staff-family", "reception", 0, "family", "staff-family"),
    Person("A11", "+42125550111", "problem", "problem", "reception", 0, "accounts", "problem"),
    Person("A12", "anonymous", "unidentified", "default", "reception", 0, "general", attestation="none"),
)
"""In the order of the mission."""


def shop_always_open(folder: Path) -> str:
    """Return the path of the shop's policy for a shop that never closes: the tests run at any hour.

    Its own tests stay behind, for they ask about the hours it is closed.
    """
    text = (EXAMPLES / "shop.toml").read_text(encoding="utf-8").partition("\n[[test]]")[0]
    text = re.sub(r"(?s)(\[schedules\.office\]\n).*?\n\n", r'\1open = ["always"]\n\n', text)
    text = re.sub(r"(?s)(\[schedules\.lunch\]\n).*?\n\n", r'\1open = ["mon 00:00-00:01"]\n\n', text)
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    return str(folder / "shop.toml")


def typed(*words: str) -> Result:
    """What `asterisk-router WORDS` prints and leaves with; in this process, for one of its own takes half a second."""
    return CliRunner().invoke(commands(), words, obj=PORTS)


def command(*words: str) -> str:
    """Run `asterisk-router` as a person would and return what it printed."""
    done = typed(*words)
    assert done.exit_code == 0, f"{' '.join(words)}\n{done.output}"
    return done.stdout


def put_on_record(redis_url: str, folder: Path) -> None:
    """Import everybody who is known from a CSV file, tag the competitor as two people, and switch the decoy on."""
    place = ("--redis", redis_url, "--policy", "shop")
    rows = [
        f"{person.number},{person.tags},{person.own_agent},{person.open_matter}\n" for person in PEOPLE if person.tags
    ]
    (folder / "people.csv").write_text("Phone,Tags,Manager,Open\n" + "".join(rows))
    columns = "number=Phone,tag=Tags,own_agent=Manager,open_matter=Open"
    command("caller", "import", str(folder / "people.csv"), "--map", columns, *place)
    competitor = next(person for person in PEOPLE if person.row == "A9")
    command("tag", "add", competitor.number, "competitor", "--trust", "E2", "--evidence", "x", *place)
    approve(redis_url, folder, competitor.number)
    command("decoy", "on", "--responsible", "Eva Nagy", "--redis", redis_url)


def approve(redis_url: str, folder: Path, number: str) -> None:
    """Approve the competitor's tag as another person than whoever runs these tests."""

    async def approved() -> None:
        async with await open_book(redis_url, state_dir=folder, stays=False) as book:
            now_s = int(time.time())
            await approve_tag(book, number, "competitor", "Hugo Polak", "ticket 7", now_s, now_s + APPROVED_S)

    asyncio.run(approved())
