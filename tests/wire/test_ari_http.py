"""HTTP as Asterisk speaks it, in whatever pieces it comes."""

from __future__ import annotations

import pytest

from asterisk_router.errors import AriError
from asterisk_router.wire.ari_http import MOST_BODY, MOST_HEAD, HttpReader, HttpWriter, credentials
from asterisk_router.wire.ari_rest import Request, Response

RECORDED = (
    b"HTTP/1.1 200 OK\r\nServer: Asterisk/22.10.1\r\nDate: Mon, 23 Nov 2026 09:06:49 GMT\r\n"
    b"Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\nContent-Length: 15\r\n\r\n"
    b'{"ping":"pong"}'
    b"HTTP/1.1 204 No Content\r\nServer: Asterisk/22.10.1\r\nDate: Mon, 23 Nov 2026 09:06:49 GMT\r\n"
    b"Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\nContent-Length: 0\r\n\r\n"
    b"HTTP/1.1 404 Channel Not Found\r\nServer: Asterisk/22.10.1\r\nDate: Mon, 23 Nov 2026 09:06:50 GMT\r\n"
    b"Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\nContent-Length: 44\r\n\r\n"
    b'{"message":"Provided channel was not found"}'
)
"""Three responses as Asterisk wrote them."""

EXPECTED = [
    Response(200, "OK", b'{"ping":"pong"}'),
    Response(204, "No Content"),
    Response(404, "Channel Not Found", b'{"message":"Provided channel was not found"}'),
]


def test_responses_are_read_wherever_they_are_cut() -> None:
    for cut in range(len(RECORDED) + 1):
        reader = HttpReader()
        assert reader.feed(RECORDED[:cut]) + reader.feed(RECORDED[cut:]) == EXPECTED


def test_responses_are_read_byte_by_byte() -> None:
    reader = HttpReader()
    assert [one for at in range(len(RECORDED)) for one in reader.feed(RECORDED[at : at + 1])] == EXPECTED


def test_a_file_comes_whole() -> None:
    sound = bytes(range(256)) * 4096
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(sound)
    reader, came = HttpReader(), []
    for at in range(0, len(head + sound), 65536):
        came += reader.feed((head + sound)[at : at + 65536])
    assert came == [Response(200, "OK", sound)]


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example ESMTP\r\n\r\n",
        b"Asterisk Call Manager/11.0.0\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 999 OK\r\n\r\n",
        b"x" * (MOST_HEAD + 1),
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
    ],
)
def test_what_is_not_asterisks_http_is_refused(said: bytes) -> None:
    with pytest.raises(AriError):
        HttpReader().feed(said)


def test_a_request_is_written_with_the_secret_in_a_header_only() -> None:
    writer = HttpWriter("127.0.0.1", 8088, "/pbx", credentials("router", "s3cret"))
    written = writer.write(Request("POST", "/channels/1.2/variables", {"a": "b c"}, {"variables": {"X": "é"}}))
    head, _, body = written.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /pbx/ari/channels/1.2/variables?a=b%20c HTTP/1.1"
    assert lines[1:] == [
        "Host: 127.0.0.1:8088",
        "Authorization: Basic cm91dGVyOnMzY3JldA==",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    assert body == b'{"variables":{"X":"\\u00e9"}}'


def test_a_request_without_a_body_says_so() -> None:
    writer = HttpWriter("::1", 8088, "", credentials("router", "x"))
    assert b"\r\nContent-Length: 0\r\n" in writer.write(Request("POST", "/channels/1/continue"))
    got = writer.write(Request("GET", "/channels"))
    assert b"Content-Length" not in got and b"\r\nHost: [::1]:8088\r\n" in got


def test_a_connection_that_will_be_closed_is_noticed() -> None:
    reader = HttpReader()
    reader.feed(RECORDED)
    assert not reader.closes
    assert reader.feed(b"HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n") and reader.closes
