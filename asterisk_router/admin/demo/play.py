"""Plays the day: a store, the callers in it, the real daemon over it, one call after another."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from ...callers.caller import Tag
from ...callers.tags import APPROVED_S
from ...wire.incoming_call import IncomingCall
from ..callers import decoy, tagging
from ..callers.caller_csv import parse_map
from ..callers.caller_import import CallerImport
from ..callers.targets import Target
from .agi_client import ask
from .daemon_process import running_daemon
from .day_clock import DayClock
from .day_of_calls import (
    FROM_S,
    INSPECTORS,
    INSPECTORS_CALL_FROM,
    INSPECTORS_FROM,
    LINE,
    STRANGERS_FROM,
    planned_calls,
)
from .evening import owed_call_backs
from .made_up_callers import CSV_MAP, Person, number_of, write_people
from .summary import AnsweredCall, Screen

if TYPE_CHECKING:
    from ...callers.caller_book import CallerBook
    from ...numbering.plan import NumberingPlan
    from ...settings import Address
    from ..ports import Ports

POLICY = "shop"
STORE = "embedded"
CLERK, APPROVER, RESPONSIBLE = "Ida Simko", "Hugo Polak", "Eva Nagy"


async def play(ports: Ports, calls: int, seed: int, screen: Screen) -> None:
    """Play `calls` calls of the day `seed`, showing each, and sum them up."""
    random = Random(seed)
    day = DayClock(calls)
    plan = ports.load_policy(POLICY).numbering
    with tempfile.TemporaryDirectory(prefix="asterisk-router-demo-") as directory:
        state_dir = Path(directory)
        crm = state_dir / "crm.csv"
        people = write_people(crm, calls, random)
        screen.say(f"starting: asterisk-router serve --policy {POLICY} --redis {STORE}")
        async with running_daemon(POLICY, STORE, state_dir, day.clock) as address:
            async with ports.open_book(STORE, state_dir) as book:
                await _import(book, plan, crm, screen)
                await _decoy(book, people, screen)
            async with ports.open_shared(STORE, state_dir) as shared:
                await decoy.switch_on(shared.decoys, state_dir, RESPONSIBLE, RESPONSIBLE, time.time())
            screen.say(f"switched the decoy on: {RESPONSIBLE} answers for it")
            await _until_known(address, day)
            screen.say(f"{calls} calls come in at agi://{address} (--seed {seed}): a Monday from 7:00 to 19:00")
            screen.say(
                f"in {day.takes_s:.0f} seconds; the shop is open from 8:00 to 18:00, and later offers call-backs\n"
            )
            for planned in planned_calls(people, calls, random):
                await day.reach(planned.at_s)
                at_s = day.now_s()
                screen.show(AnsweredCall(planned, ask(address, planned.call), at_s))
            async with ports.open_shared(STORE, state_dir) as shared:
                screen.owed = await owed_call_backs(address, screen.calls, shared.call_backs, day.now_s())
    screen.end()


async def _import(book: CallerBook, plan: NumberingPlan, crm: Path, screen: Screen) -> None:
    """Put everybody on record the way an administrator would: a CSV file for people, a tag for an authority."""
    with open(crm, encoding="utf-8", newline="") as file:
        work = CallerImport(file, parse_map([CSV_MAP]), plan, author="demo")
        report = await work.run(book, lambda: None, lambda rejection: None)
    screen.say(f"imported {report.saved} made-up callers in {report.seconds * 1000:.0f} ms")
    tag = Tag("inspector", "demo", "made-up authority", created_at_s=int(time.time()))
    await tagging.add_tag(book, Target(*INSPECTORS), tag)
    screen.say(f"tagged {INSPECTORS[0]} to {INSPECTORS[1]} as an inspecting authority")


async def _decoy(book: CallerBook, people: list[Person], screen: Screen) -> None:
    """Two people see to it that a decoy may be played to the competitors: one sets the tag, another one approves."""
    rivals = [person.number for person in people if person.kind.row == "A9"]
    until_s = FROM_S + APPROVED_S
    for number in rivals:
        await tagging.add_tag(book, Target(number), Tag("competitor", CLERK, created_at_s=FROM_S, set_by=CLERK))
        await tagging.approve_tag(book, number, "competitor", APPROVER, "made-up file 9", FROM_S, until_s)
    screen.say(f"tagged {len(rivals)} competitors by {CLERK}, approved by {APPROVER} for {APPROVED_S // 86_400} days")


async def _until_known(address: Address, day: DayClock) -> None:
    """Wait until the daemon has heard of the tagged range, which it asks the store for every few seconds.

    It has when a number from the range that never called is no longer what a stranger is.
    """
    stranger = ask(address, IncomingCall(number_of(STRANGERS_FROM - 1), LINE)).variables
    day.start()
    for place in range(INSPECTORS_FROM, INSPECTORS_CALL_FROM):
        official = ask(address, IncomingCall(number_of(place), LINE)).variables
        if official.get("ROUTER_CLASS") != stranger.get("ROUTER_CLASS"):
            return
        await asyncio.sleep(0.1)
