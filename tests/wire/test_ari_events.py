"""A StasisStart is understood as the same call would be over FastAGI, and believed no further."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router._native.plain_agi_environment import parse
from asterisk_router.wire.ari_events import calls_claimed, calls_inside, channel_of, incoming_call_of
from asterisk_router.wire.incoming_call import QUERY_NAMES, IncomingCall

BLOCK = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()
UNIQUEID = "1795413703.0"
ASKED = {name: field for name, field in QUERY_NAMES.items() if name != "end"}
WORD = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


def query_of(words: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(word, safe='')}" for name, word in words.items())


def event(*args: object, **channel: object) -> dict[str, Any]:
    """A StasisStart as Asterisk sends it."""
    said = {
        "id": UNIQUEID,
        "name": "PJSIP/trunk-00000000",
        "state": "Ring",
        "caller": {"name": "Jana", "number": "+42125550100"},
        "connected": {"name": "", "number": ""},
        "language": "en",
        "dialplan": {"context": "router-ask", "exten": "s", "priority": 21, "app_name": "Stasis", "app_data": ""},
    }
    return {
        "type": "StasisStart", "application": "router", "args": list(args), "timestamp": "2026-11-23T09:00:00.000+0000",
        "channel": {**said, **channel},
    }  # fmt: skip


def by_fastagi(query: str) -> IncomingCall:
    """The call of the same query in the AGI URL."""
    before, _, after = BLOCK.partition(b"route?")
    fields = parse(before + b"route?" + query.encode() + b"\n" + after.partition(b"\n")[2])
    assert fields is not None
    return IncomingCall._make(fields)


@given(st.fixed_dictionaries(dict.fromkeys(ASKED, WORD)))
def test_whatever_is_asked_it_is_the_call_fastagi_would_hand_over(words: dict[str, str]) -> None:
    query = query_of({**words, "uid": UNIQUEID})
    call, other = incoming_call_of(event(query)), by_fastagi(query)
    assert bool(call.tainted) == bool(other.tainted)
    if not call.tainted:
        assert call == other


@pytest.mark.parametrize("query", ["num=%2", "name=%zz&num=%4", "name=%ff%fe", "other=1&num=2", "num", "num=", ""])
def test_a_query_that_is_none_breaks_nothing(query: str) -> None:
    assert incoming_call_of(event(query)).tainted == ""


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        (event("num=1&num=2"), "num twice"),
        (event("num=1%0a2"), "control character in num"),
        (event(f"name=a%7f&did=5&uid={UNIQUEID}"), "control character in name"),
        (event("uid=1795413703.9"), "another channel"),
        (event("num=1", "did=2"), "more than one argument"),
        (event(7), "more than one argument"),
        (event("x" * 9000), "longer than"),
        (event("num=1", name="PJSIP/a\nb"), "control character in the event"),
        ({"type": "StasisStart"}, "no channel"),
        ({"type": "StasisStart", "channel": {}, "args": {}}, "no channel"),
    ],
)
def test_what_is_not_to_be_believed_keeps_nothing_of_the_caller(damaged: dict[str, Any], why: str) -> None:
    call = incoming_call_of(damaged)
    assert why in call.tainted
    assert (call.caller_number, call.caller_name, call.trunk) == ("", "", "")


def test_a_tainted_call_keeps_the_line_and_its_ids() -> None:
    call = incoming_call_of(event(f"did=%2B42120550000&uid={UNIQUEID}&lid={UNIQUEID}&num=1%0a"))
    assert (call.called_number, call.uniqueid, call.linkedid) == ("+42120550000", UNIQUEID, UNIQUEID)


def test_without_a_query_the_channel_tells_what_no_caller_says() -> None:
    call = incoming_call_of(event())
    assert call == IncomingCall(called_number="s", language="en", channel="PJSIP/trunk-00000000", uniqueid=UNIQUEID), (
        "not the number: the event does not say whether it was withheld"
    )


def test_no_report_of_an_end_comes_this_way() -> None:
    assert incoming_call_of(event("end=qs%3DTIMEOUT")).ended == ""


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))
LOOSE = st.dictionaries(st.sampled_from(["channel", "args", "id", "name", "dialplan", "app_name", "app_data"]), JSON)


@given(LOOSE, LOOSE, LOOSE)
def test_no_event_whatever_raises(loose: dict[str, Any], channel: dict[str, Any], dialplan: dict[str, Any]) -> None:
    for garbled in (loose, {**loose, "channel": channel}, {**loose, "channel": {**channel, "dialplan": dialplan}}):
        assert isinstance(channel_of(garbled), str)
        assert isinstance(incoming_call_of(garbled), IncomingCall)
        inside = [garbled, garbled.get("channel")]
        assert isinstance(calls_inside(inside, "router"), dict)
        assert isinstance(calls_claimed(inside, {"1"}), dict)
    assert calls_inside(loose, "router") == calls_inside(None, "router") == {}


def test_calls_inside_are_found_by_their_application() -> None:
    def channel(uniqueid: str, app_name: str, app_data: str) -> dict[str, Any]:
        return {"id": uniqueid, "name": "Local/s@x-1", "dialplan": {"app_name": app_name, "app_data": app_data}}

    query = "num=%2B42125550100&uid="
    listed = [
        channel("1.1", "Stasis", f"router,{query}1.1"),
        channel("1.2", "Stasis", f"router-b,{query}1.2"),
        channel("1.3", "Queue", "sales"),
        channel("1.4", "StasisBroadcast", f"150,^(router|router-b)$,{query}1.4"),
        channel("1.5", "StasisBroadcast", f"150,^(router|router-b)$,{query}1.5"),
        channel("1.6", "Stasis", "router"),
        {"id": "1.7"},
    ]
    inside = calls_inside(json.loads(json.dumps(listed)), "router")
    assert {uniqueid: call.caller_number for uniqueid, call in inside.items()} == {"1.1": "+42125550100", "1.6": ""}
    claimed = calls_claimed(listed, {"1.4", "1.3"})
    assert {uniqueid: call.caller_number for uniqueid, call in claimed.items()} == {"1.4": "+42125550100"}
    assert not [call for call in (inside | claimed).values() if call.tainted]


def test_half_a_letter_is_no_text() -> None:
    said = {"id": "9.\ud800", "name": "Local/x", "language": "\udfff"}
    assert channel_of({"channel": said}) == ""
    whole = {**said, "id": "9.1"}
    call = incoming_call_of({"channel": whole, "args": ["num=%2B42125550100"]})
    assert (call.uniqueid, call.caller_number, call.tainted) == ("9.1", "+42125550100", "")
    call = incoming_call_of({"channel": whole, "args": ["num=\udc00"]})
    assert (call.caller_number, call.tainted) == ("", "query: no text")
