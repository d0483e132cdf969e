"""The answer: one burst of AGI commands that sets every channel variable, the sentinel last.

Quoting is that of `parse_args` in res_agi.c: double quotes group, a backslash escapes. What is written here holds
neither inside a value, nor anything the dialplan could expand or split at: nothing a caller sent becomes a command.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ..policy.decision import Decision
from .channel_variables import CHANNEL_VARIABLES, SENTINEL, ChannelVariable

MOST_TOKEN = 255
"""Longest token sent, in characters (all of them ASCII)."""

MOST_TEXT = 240
"""Longest text sent, in characters: at four bytes each a line stays under the 2,000 bytes that Asterisk 16 reads."""

_TOKEN = re.compile(rf"[A-Za-z0-9_.:@/+-]{{0,{MOST_TOKEN}}}")
_UNSAFE = re.compile(
    '[\x00-\x1f\x7f-\x9f"\\\\,;$|\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]+'
)
"""Controls of a terminal and of writing direction, and what Asterisk splits, expands or groups at."""

_PER_CALL = ("expected_wait_s", "screen_name", "card_url", "number")
"""Fields that differ from caller to caller; what stands between them is written once per decision."""


def token(value: str) -> str:
    """`value` if it may be used in Goto, Queue or Dial, else nothing: half a name would be another name."""
    return value if _TOKEN.fullmatch(value) else ""


def text(value: str) -> str:
    """`value` for a screen: without what could be expanded, split at or turn the writing round; bounded.

    >>> text('Novák, Anna "boss" ${EXTEN}')
    'Novák Anna boss {EXTEN}'
    """
    return _UNSAFE.sub("", value)[:MOST_TEXT] if _UNSAFE.search(value) or len(value) > MOST_TEXT else value


def answer(decision: Decision) -> bytes:
    """What Asterisk is told: `SET VARIABLE NAME "value"` a line, by the table of variables, the sentinel last."""
    # by position, for speed: 13 to 15 are expected_wait_s, screen_name and card_url, 19 is number
    before, of_name, of_url, after, last = _written_once(decision[:13] + decision[16:19] + decision[20:])
    wait, name, url, number = str(int(decision[13])), text(decision[14]), text(decision[15]), token(decision[19])
    said = (before, wait.encode(), of_name, name.encode(), of_url, url.encode(), after, number.encode(), last)
    return b"".join(said)


def no_decision() -> bytes:
    """What Asterisk is told when deciding failed: AGISTATUS becomes FAILURE and the call goes on to the default."""
    return b"failure: no decision\n"


@lru_cache(maxsize=2048)
def _written_once(shared: tuple[Any, ...]) -> tuple[bytes, ...]:
    """The five pieces of an answer around its four fields of `_PER_CALL`."""
    decision = Decision._make((*shared[:13], 0, "", "", *shared[13:16], "", *shared[16:]))
    pieces = [""]
    for variable in CHANNEL_VARIABLES:
        pieces[-1] += f'SET VARIABLE {variable.name} "'
        if variable.field in _PER_CALL:
            pieces.append("")
        else:
            pieces[-1] += cleaned(variable, getattr(decision, variable.field))
        pieces[-1] += '"\n'
    pieces[-1] += f'SET VARIABLE {SENTINEL} "1"\n'
    return tuple(piece.encode() for piece in pieces)


def cleaned(variable: ChannelVariable, value: Any) -> str:
    """`value` as the variable may hold it."""
    if variable.kind == "token":
        return token(value)
    if variable.kind == "text":
        return text(value)
    return str(int(value))
