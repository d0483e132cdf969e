"""Questions and answers as they travel."""

from __future__ import annotations

import json

import pytest

from asterisk_router.admin.asked import frame
from asterisk_router.admin.people.roles import Person
from asterisk_router.errors import NotAllowedError, PolicyError, RouterError, StoreUnavailableError

EVA = Person("eva", "supervisor", "uid 1")


def test_a_question_arrives_as_it_was_asked() -> None:
    question = frame.Question("tag remove", "127.0.0.1:6379/0", "secret", {"first": "+421255500100"})
    line = frame.asked(question)
    assert (line.count(b"\n"), line.endswith(b"\n"), frame.read_question(line)) == (1, True, question)


@pytest.mark.parametrize("line", [b"", b"{}", b"null", b'{"act": 1, "redis": "", "token": "", "with": {}}', b"\xff"])
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(RouterError, match="no question"):
        frame.read_question(line)


def test_an_error_arrives_as_what_it_was() -> None:
    for fault in (NotAllowedError("no", where="uid 1", remedy="ask"), StoreUnavailableError("away")):
        met = frame.fault_of(json.loads(frame.refused(EVA, fault)))
        assert (type(met), str(met)) == (type(fault), str(fault))
    assert type(frame.fault_of(json.loads(frame.refused(None, PolicyError([]))))) is RouterError
    assert frame.fault_of(json.loads(frame.done(EVA, [1]))) is None


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://:secret@127.0.0.1:6379/0", "127.0.0.1:6379/0"),
        ("unix://user:secret@/run/redis.sock", "/run/redis.sock"),
        ("redis+sentinel://s@10.0.0.1:1,10.0.0.2:2/main", "10.0.0.1:1,10.0.0.2:2/main"),
        ("embedded", "embedded"),
    ],
)
def test_a_redis_is_told_from_another_without_its_password(url: str, place: str) -> None:
    assert frame.located(url) == place
