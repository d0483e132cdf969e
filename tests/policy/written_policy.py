"""Small policies for tests, and where their faults must stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.callers.trust import E3
from asterisk_router.errors import PolicyError
from asterisk_router.numbering.number import Number
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.imagining.line import ImaginedLine, imagined_line
from asterisk_router.policy.load import load
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.situation import LiveAnswers
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall

AT_S = 1772442000.0
"""Monday 2026-03-02 09:00 UTC."""

NUMBER = Number("e164", "+421255501001", "SK")

HOUSE = """\
[policy]
name = "house"
[queues.sales]
asterisk = "400"
busy_from = "40s"
overloaded_from = "3m"
value_bar = [{ wait = "30s", value = 500 }, { wait = "2m", value = 3000 }]
skills = { german = { max_penalty = 3 }, patient = { queue = "care" } }
[queues.care]
[agents.anna]
desk = "PJSIP/anna"
mobile = "PJSIP/+421255501901@trunk"
[agents.boris]
desk = "PJSIP/boris"
[schedules.office]
open = ["mon-fri 08:00-18:00"]
[classes.incident]
branch = "incident"
queue = "sales"
[classes.caller]
branch = "sales"
queue = "sales"
[[classify]]
name = "incident"
when = "choice == 'incident'"
class = "incident"
"""

CLOSE = '[[classify]]\nname = "everybody else"\nclass = "caller"\n'


def policy_of(folder: Path, text: str) -> Policy:
    """The house with more in it."""
    file = folder / "policy.toml"
    file.write_text(HOUSE + text + CLOSE, encoding="utf-8")
    return load(str(file))


def assert_refused(folder: Path, marked: str, problem: str, remedy: str = "") -> None:
    """The house with `marked` in it is refused at the character behind the ¦, for that reason."""
    text = HOUSE + marked + CLOSE
    file = folder / "policy.toml"
    file.write_text(text.replace("¦", ""), encoding="utf-8")
    before = text[: text.index("¦")]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    with pytest.raises(PolicyError) as caught:
        load(str(file))
    there = [fault for fault in caught.value.faults if (fault.line, fault.column) == place]
    assert there, f"nothing at {place}: {caught.value}"
    assert problem in there[0].problem
    assert remedy in there[0].remedy


def imagined(policy: Policy, **load: object) -> ImaginedLine:
    """A line as a `[[test]]` writes it, `__` for the dot: `sales__free=0`."""

    def complain(keys: tuple[str, ...], problem: str, remedy: str) -> None:
        raise AssertionError(problem)

    table = {key.replace("__", "."): value for key, value in load.items()}
    return imagined_line(table, policy.queue_rules, policy.agents, complain)


def decided(
    policy: Policy, live: LiveAnswers = LiveLine.UNKNOWN, caller: Caller = Caller.UNKNOWN, **call: str
) -> Decision:
    """What a call from an attested number gets: nothing is withheld."""
    return policy.decide(IncomingCall(**call), NUMBER, caller, AT_S, E3, False, live)
