"""ARI: channels that come and go with texts of callers in every field, garbage among them, responses in pieces."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from asterisk_router.wire.ari_events import calls_inside, channel_of, incoming_call_of
from asterisk_router.wire.ari_http import HttpReader
from asterisk_router.wire.ari_rest import Response
from tests.fuzz.hostile_texts import hostile_texts

TEXTS = tuple(hostile_texts())
GARBAGE: tuple[Any, ...] = (
    None, 1, "x", [], {}, {"id": 1}, {"id": "g", "dialplan": 3},
    {"id": "g", "dialplan": {"app_name": [], "app_data": {}}},
    {"id": ["1"], "dialplan": {"app_name": "Stasis", "app_data": "router,num=1"}},
)  # fmt: skip


def over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


class AnyAriEvents(RuleBasedStateMachine):
    """Believed beside it: the channels inside the application, and what their callers had sent."""

    def __init__(self) -> None:
        super().__init__()
        self.serial = 0
        self.channels: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, str] = {}
        self.reader = HttpReader()
        self.due = b""
        self.expected: list[Response] = []
        self.read: list[Response] = []

    @rule(text=st.sampled_from(TEXTS), name=st.sampled_from(TEXTS), app=st.sampled_from(("router", "other")))
    def a_call_enters(self, text: bytes, name: bytes, app: str) -> None:
        """The template encodes what the caller sent; the channel's own fields have it as it came."""
        self.serial += 1
        uniqueid = f"1795413703.{self.serial}"
        query = f"num={quote(text, safe='')}&name={quote(name, safe='')}&did=%2B42120550000&uid={uniqueid}"
        raw = name.decode(errors="replace")
        channel = {
            "id": uniqueid, "name": f"PJSIP/trunk-{self.serial:08x}", "language": "en",
            "caller": {"name": raw, "number": text.decode(errors="replace")},
            "dialplan": {"context": "router-ask", "exten": "s", "app_name": "Stasis", "app_data": f"{app},{query}"},
        }  # fmt: skip
        event = over_the_wire({"type": "StasisStart", "args": [query], "channel": channel})
        call = incoming_call_of(event)
        number = text.decode(errors="replace")
        controls = any(sign < " " or sign == "\x7f" for sign in number + raw)
        assert (call.uniqueid, call.called_number, bool(call.tainted)) == (uniqueid, "+42120550000", controls) or (
            controls and call.uniqueid == uniqueid
        )
        assert (call.caller_number, call.caller_name) == (("", "") if controls else (number, raw))
        self.channels[uniqueid], self.sent[uniqueid] = channel, app

    @rule(at=st.integers(0, 50))
    def a_call_leaves(self, at: int) -> None:
        if self.channels:
            uniqueid = sorted(self.channels)[at % len(self.channels)]
            event = over_the_wire({"type": "StasisEnd", "channel": self.channels.pop(uniqueid)})
            assert channel_of(event) == uniqueid

    @rule(event=st.sampled_from(GARBAGE), field=st.sampled_from(("channel", "args")))
    def something_else_is_said(self, event: Any, field: str) -> None:
        said = {"type": "StasisStart", "args": ["num=1"], "channel": {"id": "1"}, field: event}
        call = incoming_call_of(said)
        assert call.tainted or field == "channel" or event == []
        assert isinstance(channel_of(said), str)

    @invariant()
    def whoever_is_inside_is_found_among_garbage(self) -> None:
        listed = over_the_wire([*GARBAGE, *self.channels.values(), *GARBAGE])
        found = calls_inside(listed, "router")
        assert set(found) == {uniqueid for uniqueid in self.channels if self.sent[uniqueid] == "router"}
        assert all(call.uniqueid == uniqueid for uniqueid, call in found.items())

    @rule(status=st.sampled_from((200, 204, 404, 409, 500)), body=st.sampled_from(TEXTS) | st.just(b""))
    def it_responds(self, status: int, body: bytes) -> None:
        self.due += b"HTTP/1.1 %d Said\r\nServer: Asterisk\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
        self.expected.append(Response(status, "Said", body))

    @precondition(lambda self: self.due)
    @rule(size=st.integers(1, 200))
    def a_piece_of_it_arrives(self, size: int) -> None:
        self.read += self.reader.feed(self.due[:size])
        self.due = self.due[size:]
        assert self.read == self.expected[: len(self.read)]
        assert self.due or self.read == self.expected
