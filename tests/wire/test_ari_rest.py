"""REST requests as they are written, and what errors say."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.errors import AriConflictError, AriError, AriNotFoundError, AriRefusedError
from asterisk_router.wire.ari_rest import Request, Response, body, checked, error_of, part, target

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@given(TEXT, TEXT, TEXT)
def test_whatever_is_in_an_id_or_a_value_stays_there(key: str, name: str, value: str) -> None:
    written = target(Request("POST", f"/channels/{part(key)}/variable", {name: value}))
    assert written.isascii() and not set(written) & set(" \r\n\t\"'")
    url = urlsplit(written)
    assert [unquote(piece) for piece in url.path.split("/")] == ["", "channels", key, "variable"]
    assert parse_qs(url.query, keep_blank_values=True) == {name: [value]} and not url.fragment


@pytest.mark.parametrize("path", ["", "channels", "/", "//", "/a b", "/a\r\nX: y", "/a?b=c", "/ž"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(AriError) as refusal:
        target(Request("GET", path))
    assert refusal.value.remedy


def test_a_method_that_is_none_is_refused() -> None:
    with pytest.raises(AriError):
        target(Request("GET /x HTTP/1.1\r\n", "/channels"))


def test_a_body_is_ascii_json() -> None:
    written = body(Request("POST", "/x", None, {"variables": {"A": "Žofia\r\n"}}))
    assert written.isascii() and json.loads(written) == {"variables": {"A": "Žofia\r\n"}}
    assert body(Request("POST", "/x")) == ""


def test_a_request_is_shown_without_what_callers_sent() -> None:
    assert str(Request("POST", "/channels/1/variable", {"value": "+12025550101"}, {"a": "b"})) == (
        "POST /channels/1/variable"
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, AriError), (401, AriRefusedError), (403, AriRefusedError), (404, AriNotFoundError), (405, AriError),
        (409, AriConflictError), (412, AriConflictError), (422, AriConflictError), (500, AriError), (501, AriError),
        (503, AriError),
    ],
)  # fmt: skip
def test_an_error_has_its_kind_its_words_and_a_remedy(status: int, kind: type[AriError]) -> None:
    response = Response(status, "Words", b'{"message":"Its words"}')
    with pytest.raises(AriError) as refusal:
        checked(Request("GET", "/channels/1"), response)
    fault = refusal.value
    assert type(fault) is kind and fault.status == status and fault.remedy
    assert str(fault).startswith(f"GET /channels/1: Asterisk answers {status}: Its words (")


@pytest.mark.parametrize("said", [b"", b"<html>", b"[]", b'"x"', b"\xff", b"{}", b"null"])
def test_an_error_whose_body_is_no_message_says_the_reason(said: bytes) -> None:
    assert error_of(Request("GET", "/x"), Response(418, "Teapot", said)).problem == "Asterisk answers 418: Teapot"


def test_an_operation_this_release_has_not_is_no_caller_who_hung_up() -> None:
    fault = error_of(Request("GET", "/x"), Response(404, "Not Found", b'{"message":"Resource not found"}'))
    assert "no such operation" in fault.remedy


def test_the_json_of_a_response_is_python() -> None:
    assert checked(Request("GET", "/x"), Response(200, "OK", b'[{"id":"1"}]')) == [{"id": "1"}]
    assert checked(Request("GET", "/x"), Response(204, "No Content")) is None
    with pytest.raises(AriError):
        Response(200, "OK", b"sound").json()
