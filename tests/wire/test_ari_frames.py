"""REST requests as frames of the WebSocket."""

from __future__ import annotations

import json

from asterisk_router.wire.ari_frames import frame, response_of
from asterisk_router.wire.ari_rest import Request, Response


def test_a_request_is_one_frame() -> None:
    said = json.loads(frame(Request("POST", "/channels/1/variables", {"a": "b c"}, {"variables": {"X": "é"}}), "7"))
    assert said == {
        "type": "RESTRequest",
        "transaction_id": "7",
        "request_id": "7",
        "method": "POST",
        "uri": "channels/1/variables?a=b%20c",
        "content_type": "application/json",
        "message_body": '{"variables":{"X":"\\u00e9"}}',
    }
    assert "message_body" not in json.loads(frame(Request("GET", "/asterisk/ping"), "8"))


def test_an_answer_is_read() -> None:
    event = {
        "type": "RESTResponse", "transaction_id": "7", "request_id": "7", "status_code": 200, "reason_phrase": "OK",
        "uri": "asterisk/ping", "content_type": "application/json", "message_body": '{"ping":"pong"}',
    }  # fmt: skip
    assert response_of(event) == ("7", Response(200, "OK", b'{"ping":"pong"}'))
    assert response_of({"transaction_id": "8", "status_code": 204, "reason_phrase": "No Content"}) == (
        "8",
        Response(204, "No Content"),
    )


def test_an_answer_that_is_none_is_no_success() -> None:
    for event in ({}, {"status_code": "200"}, {"status_code": True}, {"status_code": None}):
        assert not response_of(event)[1].ok
