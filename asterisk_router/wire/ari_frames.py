"""REST requests as frames of the WebSocket of events (since Asterisk 20.14, 21.9, 22.4; `res/ari/ari_websockets.c`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .ari_rest import Request, Response, body, target

_encode = json.JSONEncoder(separators=(",", ":")).encode


def frame(request: Request, transaction: str) -> str:
    """The text frame of one request; `transaction` comes back with its response."""
    said: dict[str, str] = {
        "type": "RESTRequest",
        "transaction_id": transaction,
        "request_id": transaction,
        "method": request.method,
        "uri": target(request)[1:],
    }
    if request.body is not None:
        said |= {"content_type": "application/json", "message_body": body(request)}
    return _encode(said)


def response_of(event: Mapping[str, Any]) -> tuple[str, Response]:
    """Transaction and response of a RESTResponse."""
    said = event.get("message_body") or ""
    text = said if isinstance(said, str) else _encode(said)
    status = event.get("status_code")
    response = Response(status if type(status) is int else 0, str(event.get("reason_phrase") or ""), text.encode())
    return str(event.get("transaction_id")), response
