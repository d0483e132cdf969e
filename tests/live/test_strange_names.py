"""Whatever the router lets through arrives on a real Asterisk as it was sent: not expanded, not split, in no step."""

from __future__ import annotations

import pytest

from asterisk_router.policy.decision import Decision
from asterisk_router.wire.ami_events import unescaped
from asterisk_router.wire.answer import answer, text
from tests.fuzz.hostile_texts import hostile_texts
from tests.live.scripted_router import Query, scripted_router
from tests.live.site import Site
from tests.live.trunk import TrunkCall, place_calls

pytestmark = pytest.mark.live

TEXTS = [said.decode(errors="replace") for said in hostile_texts()]
AT_ONCE = 3
"""So many texts go with each call: the name, the card, the reason."""
GROUPS = {f"+42125550{at:03d}": TEXTS[at * AT_ONCE : (at + 1) * AT_ONCE] for at in range(-(-len(TEXTS) // AT_ONCE))}


def decided(number: str) -> Decision:
    """The decision that carries the texts of that caller number."""
    name, card, reason = (*GROUPS[number], "", "")[:AT_ONCE]
    return Decision("x", "reception", screen_name=name, card_url=card, reason=reason, number=number)


def test_texts_arrive_as_sent(each_site: Site) -> None:
    each_site.watcher.forget()

    def said(query: Query) -> bytes:
        return answer(decided(query["num"]))

    with scripted_router(each_site.router.port, said):
        place_calls(each_site.pbx, [TrunkCall(number) for number in GROUPS], a_second=25, held_ms=500)
    routed = set()
    for number in GROUPS:
        call, sent = each_site.watcher.call_from(number), decided(number)
        name = text(sent.screen_name)
        arrived = {variable: unescaped(value) for variable, value in call.variables.items()}
        assert arrived["ROUTER_SCREEN_NAME"] == name
        assert arrived["ROUTER_CARD_URL"] == arrived["__ROUTER_CARD_URL"] == text(sent.card_url)
        assert arrived["ROUTER_REASON"] == text(sent.reason)
        shown = [unescaped(data) for data in call.ran("Set") if data.startswith("CALLERID(name)=")]
        assert shown[1:] == [f"CALLERID(name)={name}"] * bool(name), "the first is the filter of [router-ask]"
        assert call.branches == ["reception"]
        steps = [step.application for step in call.steps if step.context == "router-route"]
        routed.add((bool(name), *steps))
    assert len(routed) == len({named for named, *_ in routed}), "a text led the dialplan another way"
