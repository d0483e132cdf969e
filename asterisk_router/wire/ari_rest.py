"""REST requests to ARI and their responses, whether they travel as HTTP or as frames of the WebSocket of events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import AriError


class Request(NamedTuple):
    """One REST request; `path` is below `/ari` and begins with a slash, its parts quoted."""

    method: str
    """GET, POST, PUT or DELETE."""
    path: str
    """E.g. `/channels/1763888400.7/continue`."""
    query: Mapping[str, str] | None = None
    """Parameters, not quoted yet."""
    body: Mapping[str, Any] | None = None
    """What is sent as JSON."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Response(NamedTuple):
    """What Asterisk answered to one request."""

    status: int
    """HTTP status, e.g. 204."""
    reason: str
    """Its words, e.g. `No Content`."""
    body: bytes = b""
    """The body, JSON but for files; empty where there is none."""

    @property
    def ok(self) -> bool:
        """Whether Asterisk did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as Python has it; None for an empty one. Raises AriError where it is no JSON."""
        if not self.body:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            raise AriError("answered with something that is no JSON", status=self.status) from None
