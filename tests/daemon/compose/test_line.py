"""What a call may ask of others follows its class, and the trust in its number."""

from __future__ import annotations

from pathlib import Path

from asterisk_router.callers.registered_call import BeganCall
from asterisk_router.callers.trust import E1, E2
from asterisk_router.daemon.compose.line import claim_of
from asterisk_router.queues.live_line import LiveLine
from tests.policy.trusted_house import decided, house_of


def test_nobody_makes_room_for_whoever_was_not_put_first(tmp_path: Path) -> None:
    house = house_of(tmp_path)
    for trust, preempts in ((E1, False), (E2, True)):
        decision = decided(house, trust, "vip", live=LiveLine.UNKNOWN)
        call = BeganCall("berlin-1.1", "", 0.0, "", "", decision.caller_class, reason=decision.reason)
        assert claim_of(house, call).preempts is preempts
    assert claim_of(house, BeganCall("berlin-1.2", "", 0.0, "", "")).preempts is False
