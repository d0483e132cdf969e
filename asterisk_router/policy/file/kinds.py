"""How each kind of value in a policy is checked, and what it becomes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from ..facts.table import TRUST_LEVELS
from ..schedules import date_of, hours_of, zone
from .schema import FieldKind
from .words import LANGUAGE, TAG, TOKEN, nearest, seconds_of

SCREEN_WORDS = ("name", "number", "class", "line", "project", "value")
"""Words that may stand in braces in `screen` and `card_url`."""

_BRACES = re.compile(r"\{([^{}]*)\}")
_PAST_CALL = re.compile(r"(\w+)(?: (answered|missed|unknown))?\Z")
LONGEST_DURATION_S = 7 * 86400
"""A longer one is a slip of the pen."""


LONGEST_RINGING_S = 120
"""Longer than that no caller is kept before a desk at which nobody is."""


class Unfit(Exception):
    """A value that cannot be used; `path` leads to the element of a list that is wrong."""

    def __init__(self, problem: str, remedy: str = "", path: tuple[str | int, ...] = ()) -> None:
        self.problem = problem
        self.remedy = remedy
        self.path = path
        super().__init__(problem)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit(
            f"must be text, not {_shown(value)}",
            f'write "{value}"' if isinstance(value, (int, float)) else "write it in quotes",
        )
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise Unfit("holds a control character")
    return value


def _name(value: Any) -> str:
    text = _text(value)
    if text and not TOKEN.match(text):
        raise Unfit(f"{text!r} is no name", "letters, digits and _ . : @ / + - only")
    return text


def _token(value: Any) -> str:
    text = _text(value)
    if not TOKEN.match(text):
        right = re.sub(r"[^A-Za-z0-9_.:@/+-]+", "-", text)
        raise Unfit(f"{text!r} cannot be put in the dialplan", f"letters, digits and _ . : @ / + - only: {right!r}")
    return text


def _template(value: Any) -> str:
    text = _text(value)
    for word in _BRACES.findall(text):
        if word != "language":
            raise Unfit(f"{{{word}}} stands for nothing here", "only {language} can be put in")
    _token(text.replace("{language}", ""))
    return text


def _screen(value: Any) -> str:
    text = _text(value)
    for word in _BRACES.findall(text):
        if word not in SCREEN_WORDS:
            raise Unfit(f"{{{word}}} stands for nothing here", nearest(word, SCREEN_WORDS))
    if re.search("[{}]", _BRACES.sub("", text)):
        raise Unfit("a brace is not closed", "write {name}")
    return text


def _duration(value: Any) -> int:
    if not isinstance(value, str):
        raise Unfit(
            f"must be a duration, not {_shown(value)}",
            f'write "{value}s" or "{value}m"' if isinstance(value, int) else 'write "5m"',
        )
    seconds = seconds_of(value)
    if seconds is None:
        raise Unfit(f"{value!r} is no duration", 'a number with its unit: "90s", "5m", "1h30m"')
    if seconds > LONGEST_DURATION_S:
        raise Unfit(f"{value!r} is too long", "at most 7d")
    return seconds


def _ringing(value: Any) -> int:
    seconds = _duration(value)
    if not 1 <= seconds <= LONGEST_RINGING_S:
        raise Unfit(f"{value!r} is no time to ring", 'from "1s" to "2m"; to ring nobody write agent = "none"')
    return seconds


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**12:
        raise Unfit(f"must be a whole number from 0 on, not {_shown(value)}", "write it without quotes")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit(f"must be true or false, not {_shown(value)}", "write it without quotes, in small letters")
    return value


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = _text(value)
        if text not in words:
            raise Unfit(f"{text!r} is none of {', '.join(words)}", nearest(text, words))
        return text

    return check


def _language(value: Any) -> str:
    text = _text(value)
    if text and not LANGUAGE.match(text):
        raise Unfit(f"{text!r} is no language", 'write it as Asterisk does: "sk", "en_GB"')
    return text


def _timezone(value: Any) -> str:
    text = _text(value)
    try:
        zone(text)
    except (KeyError, ValueError, OSError):
        from zoneinfo import available_timezones  # reads a directory tree: only a refused policy pays

        raise Unfit(f"unknown time zone {text!r}", nearest(text, available_timezones())) from None
    return text


def _hours(value: Any) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for index, text in enumerate(_texts(value)):
        found = hours_of(text)
        if found is None:
            raise Unfit(f"{text!r} are no hours", 'write "mon-fri 08:00-18:00" or "always"', (index,))
        spans += found
    return spans


def _dates(value: Any) -> frozenset[str]:
    for index, text in enumerate(_texts(value)):
        if date_of(text) is None:
            raise Unfit(f"{text!r} is no date", 'write "2026-12-24", or "12-24" for every year', (index,))
    return frozenset(value)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Unfit(
            f"must be a list, not {_shown(value)}", f'write ["{value}"]' if isinstance(value, str) else 'write ["..."]'
        )
    for index, element in enumerate(value):
        if not isinstance(element, str):
            raise Unfit(f"must be text, not {_shown(element)}", "write it in quotes", (index,))
    return tuple(value)


def _each(form: re.Pattern[str], what: str, remedy: str) -> Callable[[Any], tuple[str, ...]]:
    def check(value: Any) -> tuple[str, ...]:
        for index, text in enumerate(_texts(value)):
            if not form.match(text):
                raise Unfit(f"{text!r} is no {what}", remedy, (index,))
        return tuple(value)

    return check


def _trust(value: Any) -> int:
    return TRUST_LEVELS.index(_one_of(*TRUST_LEVELS)(value))


def _moment(value: Any) -> datetime.datetime:
    text = value if isinstance(value, str) else "" if not isinstance(value, datetime.datetime) else value.isoformat()
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{_shown(value)} is no moment", 'write "2026-03-02 10:00"') from None


def _past_calls(value: Any) -> tuple[tuple[int, str], ...]:
    calls = []
    for index, text in enumerate(_texts(value)):
        found = _PAST_CALL.match(text)
        ago = seconds_of(found[1]) if found else None
        if not found or ago is None:
            raise Unfit(f"{text!r} is no earlier call", 'write "2h missed", "3d answered" or "9d"', (index,))
        calls.append((ago, found[2] or "unknown"))
    return tuple(sorted(calls, reverse=True))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    names: dict[type, str] = {dict: "a table", list: "a list"}
    return names.get(type(value)) or (repr(value) if isinstance(value, str) else f"the number {value}")


CHECKS: dict[FieldKind, Callable[[Any], Any]] = {
    "text": _text,
    "name": _name,
    "token": _token,
    "template": _template,
    "screen": _screen,
    "duration": _duration,
    "ringing": _ringing,
    "whole": _whole,
    "flag": _flag,
    "when": _text,
    "agent": _one_of("own", "last", "none"),
    "language": _language,
    "timezone": _timezone,
    "hours": _hours,
    "dates": _dates,
    "texts": _texts,
    "names": _each(TAG, "tag", "small letters, digits and dashes"),
    "languages": _each(LANGUAGE, "language", 'write it as Asterisk does: "sk", "en_GB"'),
    "trust": _trust,
    "moment": _moment,
    "past calls": _past_calls,
    "yields": _one_of("no", "waiting", "talking"),
}
"""By kind: returns what the value becomes, or raises Unfit. `table` and `tables` are read by whoever asks for it."""
