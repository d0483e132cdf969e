"""The answer over ARI: the channel's variables, in one piece, and the way back to the dialplan.

The variables are left in one global variable of the channel's, which the dialplan takes apart. Set on the channel
itself by ARI, each would cost two switches between threads (Asterisk 20.20, 22.10, 23.4: `control.c` has the channel's
own thread do it and waits), and the call could use none of the functions Asterisk holds dangerous, FILE and STAT among
them, for the rest of its life; older releases would need a request for each. So it is two requests everywhere.

There is no context in the way back: a place that is not there would kill the call, so the dialplan checks and jumps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from ..policy.decision import Decision
from .answer import cleaned
from .ari_rest import Request
from .channel_variables import CHANNEL_VARIABLES, SENTINEL

PIECE: Final = "ROUTER_SAID_"
"""The global variable's name, before the channel's unique ID."""

TEXTS: Final = tuple(variable.name for variable in CHANNEL_VARIABLES if variable.kind == "text")
"""Variables that may hold what MSet() would split or group at; they are encoded, and the dialplan decodes them."""

NOBODY: Final = "-"
"""ID of no channel."""

_MEANT = re.compile(r"[\x00-,\x3b-\x3e\x5b-^`{-\x7f]")
"""ASCII that is no part of a token: blanks, percent, quotes, brackets, plus and the like."""


def variables(decision: Decision) -> dict[str, str]:
    """Every channel variable by the table, the sentinel last."""
    said = {variable.name: cleaned(variable, getattr(decision, variable.field)) for variable in CHANNEL_VARIABLES}
    said[SENTINEL] = "1"
    return said


def in_one_piece(said: Mapping[str, str]) -> str:
    """The variables as the arguments of one MSet(), the sentinel last.

    >>> in_one_piece({"ROUTER_QUEUE": "sales", "ROUTER_SCREEN_NAME": "Anna (VIP)", "ROUTER_OK": "1"})
    'ROUTER_QUEUE=sales,ROUTER_SCREEN_NAME=Anna%20%28VIP%29,ROUTER_OK=1'
    """
    return ",".join(f"{name}={_MEANT.sub(_percent, value) if name in TEXTS else value}" for name, value in said.items())


def requests(channel: str, said: Mapping[str, str]) -> list[Request]:
    """Leave what is said for the channel and send it on its way; nothing said is no answer, and the default."""
    back = Request("POST", f"/channels/{quote(channel, safe='')}/continue")
    if not said:
        return [back]
    piece = {"variable": PIECE + channel, "value": in_one_piece(said)}
    return [Request("POST", "/asterisk/variable", None, piece), back]


def forget(channel: str) -> Request:
    """Take away what was left for a channel, once its dialplan has read it."""
    return Request("POST", "/asterisk/variable", {"variable": PIECE + channel})


def trial() -> list[Request]:
    """What is said to a call, said to a channel that is not there: an Asterisk that would do it answers 204 and 404."""
    return [forget(NOBODY), Request("POST", f"/channels/{NOBODY}/continue")]


def claim(channel: str, app: str) -> Request:
    """Claim a call offered to several applications; only the first claim gets it, the others hear 409."""
    return Request("POST", "/events/claim", {"channelId": channel, "application": app})


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
