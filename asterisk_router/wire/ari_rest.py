"""REST requests to ARI and their responses, whether they travel as HTTP or as frames of the WebSocket of events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from ..errors import AriConflictError, AriError, AriNotFoundError, AriRefusedError

_PATH = re.compile(r"(?:/[!-.0->@-~]+)+")
_compact = json.JSONEncoder(separators=(",", ":")).encode


class Request(NamedTuple):
    """One REST request; whoever puts an ID into `path` quotes it by `part`."""

    method: str
    """GET, POST, PUT or DELETE."""
    path: str
    """Below `/ari`, with its slash: `/channels/1763888400.7/continue`."""
    query: Mapping[str, str] | None = None
    """Parameters, not quoted yet."""
    body: Mapping[str, Any] | None = None
    """What is sent as JSON."""

    def __str__(self) -> str:
        # without query and body, which hold what callers sent
        return f"{self.method} {self.path}"


class Response(NamedTuple):
    """What Asterisk answered to one request."""

    status: int
    """HTTP status, e.g. 204."""
    reason: str
    """Its words, e.g. `No Content`."""
    body: bytes = b""
    """The body: JSON, but for files; empty where there is none."""

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
        except (ValueError, RecursionError):
            raise AriError("answered with something that is no JSON", status=self.status) from None


def part(value: str) -> str:
    """`value` as one part of a path: an ID with a slash or a question mark in it leads nowhere else.

    >>> part("PJSIP/anna?x")
    'PJSIP%2Fanna%3Fx'
    """
    return quote(value, safe="")


def target(request: Request) -> str:
    """Path and query as they are written into a request, without `/ari`; raises AriError for a path that is none.

    >>> target(Request("POST", "/channels", {"endpoint": "PJSIP/anna", "appArgs": "a b&c"}))
    '/channels?endpoint=PJSIP%2Fanna&appArgs=a%20b%26c'
    """
    if not _PATH.fullmatch(request.path) or not request.method.isalpha():
        raise AriError(f"{request.method} {request.path!r} is no request", remedy="quote each part of a path by `part`")
    return f"{request.path}?{urlencode(request.query, quote_via=quote, safe='')}" if request.query else request.path


def body(request: Request) -> str:
    """The body as JSON, ASCII only; empty where there is none."""
    return _compact(request.body) if request.body is not None else ""


NO_SUCH_RESOURCE = "Resource not found"
"""What res_ari.c says of a path it does not know; of a channel that is not there it says something else."""

_REFUSED = "a user in ari.conf with read_only = no, and the same password here"
_REMEDIES: dict[int, tuple[type[AriError], str]] = {
    400: (AriError, "a parameter is missing or has no value Asterisk takes"),
    401: (AriRefusedError, _REFUSED),
    403: (AriRefusedError, _REFUSED),
    404: (AriNotFoundError, "it may have ended meanwhile: most often the caller has hung up"),
    405: (AriError, "the API has no such operation in this release of Asterisk"),
    409: (AriConflictError, "it is in a state in which this cannot be done; a channel must be in a Stasis application"),
    412: (AriConflictError, "the channel is not ready for this yet"),
    422: (AriConflictError, "it cannot be done with this one: a wrong application, format or kind of channel"),
    500: (AriError, "Asterisk failed at it; its log says more"),
    501: (AriError, "this release of Asterisk does not have it"),
    503: (AriError, "Asterisk takes no more connections (session_limit in http.conf) or is going down"),
}


def error_of(request: Request, response: Response) -> AriError:
    """What a response with an error says to people: Asterisk's own words, the request, and what to do."""
    try:
        said = json.loads(response.body)
        words = str(said.get("message") or said.get("error") or response.reason)
    except (ValueError, AttributeError, RecursionError):
        words = response.reason
    kind, remedy = _REMEDIES.get(response.status, (AriError, ""))
    if words == NO_SUCH_RESOURCE:
        remedy = _REMEDIES[405][1]
    problem = f"Asterisk answers {response.status}: {words}"
    return kind(problem, status=response.status, where=str(request), remedy=remedy)


def checked(request: Request, response: Response) -> Any:
    """The JSON of a response; raises AriError, of the kind its status stands for."""
    if not response.ok:
        raise error_of(request, response)
    return response.json()
