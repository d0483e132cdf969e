"""HTTP/1.1 as Asterisk's server speaks it: requests one after another on a connection kept open, answered in order.

`main/http.c` answers with a Content-Length always (it never sends chunks), reads requests that came in one piece one
by one, and keeps the connection until it was idle for `session_keep_alive` (15 s).
"""

from __future__ import annotations

import re
from base64 import b64encode

from ..errors import AriError
from .ari_rest import Request, Response, body, target

MOST_HEAD = 65_536
"""Longest head of a response, in bytes; what is longer is no Asterisk."""

MOST_BODY = 64 * 1024 * 1024
"""Longest body, in bytes: an hour of a recording, and `GET /channels` of any PBX."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


def credentials(username: str, secret: str) -> str:
    """The value of the Authorization header."""
    return "Basic " + b64encode(f"{username}:{secret}".encode()).decode()


class HttpWriter:
    """Writes requests to one Asterisk; what is the same in all of them is put together once."""

    def __init__(self, host: str, port: int, prefix: str, authorization: str) -> None:
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._prefix = f"{prefix}/ari"
        self._head = f" HTTP/1.1\r\nHost: {shown}\r\nAuthorization: {authorization}\r\n"

    def write(self, request: Request) -> bytes:
        """The bytes of one request."""
        head = f"{request.method} {self._prefix}{target(request)}{self._head}"
        said = body(request)
        if said:
            head += f"Content-Type: application/json\r\nContent-Length: {len(said)}\r\n"
        elif request.method != "GET":
            head += "Content-Length: 0\r\n"
        return f"{head}\r\n{said}".encode()


class HttpReader:
    """Reads responses out of whatever pieces they come in."""

    def __init__(self) -> None:
        self.closes = False
        """Whether Asterisk said that it closes the connection: it does after every response without keep-alive."""
        self._held = bytearray()
        self._need = 0

    def feed(self, piece: bytes) -> list[Response]:
        """The responses that are whole now; raises AriError for what is not HTTP as Asterisk speaks it."""
        self._held += piece
        held = self._held
        responses: list[Response] = []
        begin = 0
        while len(held) - begin >= (self._need or 1):
            end = held.find(b"\r\n\r\n", begin)
            if end < 0:
                if len(held) - begin > MOST_HEAD:
                    raise AriError("answers with a head that does not end: is this Asterisk's HTTP server?")
                break
            whole = end + 4 + self._length(held, begin, end + 4)
            if whole > len(held):
                self._need = whole - begin  # a large body is not looked at with every piece
                break
            responses.append(self._response(held, begin, end + 4, whole))
            begin, self._need = whole, 0
        del held[:begin]
        return responses

    @staticmethod
    def _length(held: bytearray, begin: int, end: int) -> int:
        status = _STATUS.match(held, begin, end)
        if status is None or _CHUNKED.search(held, begin, end):
            raise AriError("answers with something that is not HTTP as Asterisk speaks it: is this the right port?")
        length = _LENGTH.search(held, begin, end)
        if length is not None and int(length[1]) > MOST_BODY:
            raise AriError(f"answers with more than {MOST_BODY >> 20} MB")
        return int(length[1]) if length else 0

    def _response(self, held: bytearray, begin: int, end: int, whole: int) -> Response:
        status = _STATUS.match(held, begin, end)
        assert status is not None
        self.closes = self.closes or _CLOSES.search(held, begin, end) is not None
        return Response(int(status[1]), bytes(status[2] or b"").decode("latin-1"), bytes(held[end:whole]))
