"""The explanation tells what the live path decides, on calls at random; `make agreement` asks a million of them."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.callers.caller import Caller
from asterisk_router.queues.live_line import LiveLine
from asterisk_router.wire.incoming_call import IncomingCall
from tests.policy.agreement import disagreements
from tests.policy.live_lines import IN_USE, line_of
from tests.policy.written_policy import AT_S, NUMBER, policy_of

COUNT = 10_000


def test_what_is_explained_is_what_is_decided(tmp_path: Path) -> None:
    found = [(done, wrong) for done, wrong in disagreements(COUNT, 1, tmp_path, calls_a_policy=400)]
    assert found[-1][0] == COUNT
    assert [wrong for _, wrong in found if wrong] == []


def test_the_values_shown_are_those_the_decision_saw(tmp_path: Path) -> None:
    """A waiting time grows while the line does not change; the walk reads it once a turn, and so it is told."""
    policy = policy_of(
        tmp_path, "[[treat]]\nname = \"long\"\nwhen = \"queue('sales').longest_wait > '61s'\"\nrecord = true\n"
    )
    live = line_of({"anna": IN_USE}, waiting=1)

    def told(at_s: float, line: LiveLine) -> tuple[str, bool | None, str]:
        story = policy.explain(IncomingCall(), NUMBER, Caller.UNKNOWN, at_s, 1, False, line)
        rule = next(rule for rule in story.rules if rule.name == "long")
        assert (rule.result == "won") is story.decision.record
        return rule.atoms[0].value, rule.atoms[0].answer, rule.result

    assert told(AT_S, live) == ("1m", False, "no")
    assert told(AT_S + 2.5, live) == ("1m", False, "no"), "as of the latest turn"
    live.turn += 1
    assert told(AT_S + 2.5, live) == ("1m2s", True, "won")
    assert told(AT_S + 3600, live) == ("unknown", None, "unknown")
