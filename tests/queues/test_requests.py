"""Wishes on their way: what is written is read, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.queues.requests import EMPTY, PromoteCaller, as_plain, read_wish


@given(st.text(), st.text(), st.integers(0, 86_400), st.booleans())
def test_every_wish_is_read_as_it_was_asked(one: str, other: str, seconds: int, yes: bool) -> None:
    values = {str: iter((one, other)), int: iter((seconds,)), bool: iter((yes,))}
    for empty in EMPTY.values():
        values[str] = iter((one, other))
        wish = empty._make(next(values[type(field)], field) for field in empty)  # type: ignore[arg-type, call-overload]
        assert read_wish(json.loads(json.dumps(as_plain(wish, "eva")))) == wish


@pytest.mark.parametrize(
    "plain",
    [
        {}, {"do": "sing"}, {"do": ["promote"]}, {"do": "promote", "queue": "q", "uniqueid": "1.1"},
        {"do": "promote", "queue": "q", "uniqueid": "1.1", "head_start_s": "60"},
        {"do": "promote", "queue": "q", "uniqueid": None, "head_start_s": 60},
        {"do": "pull-reserve", "agent": "anna", "queue": "q", "ask": 1},
    ],
)  # fmt: skip
def test_what_another_release_asks_is_refused_and_never_half_done(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="another release"):
        read_wish(plain)


def test_what_a_newer_release_adds_is_passed_over() -> None:
    plain = as_plain(PromoteCaller("q", "1.1", 60), "eva")
    assert read_wish({**plain, "because": "she asked"}) == PromoteCaller("q", "1.1", 60)
