"""The short form of the state machines; `make fuzz` plays each with so many examples more."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.fuzz.machines.agi_pump import AnyPump
from tests.fuzz.machines.agi_session import AnyAgiSession
from tests.fuzz.machines.ari_events import AnyAriEvents
from tests.fuzz.machines.journal_frames import AnyJournal
from tests.fuzz.machines.manager_stream import AnyManagerStream
from tests.fuzz.machines.redis_wire import AnyRedisWire

EXAMPLES = int(os.environ.get("ASTERISK_ROUTER_EXAMPLES", "25"))
STEPS = 40
MACHINES = (AnyAgiSession, AnyAriEvents, AnyJournal, AnyManagerStream, AnyPump, AnyRedisWire)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_whatever_comes_in_whatever_order(machine: type[RuleBasedStateMachine]) -> None:
    how = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    played = 0

    def another() -> RuleBasedStateMachine:
        nonlocal played
        played += 1
        return machine()

    run_state_machine_as_test(another, settings=how)
    print(f"played {played} times")
