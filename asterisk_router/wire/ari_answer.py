"""The answer over ARI: channel variables and the way back to the dialplan, as REST requests.

The values are those of `wire/answer`, cleaned the same way. There is no context in the way back: a place that is not
there would kill the call, so the dialplan checks and jumps by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from ..policy.decision import Decision
from .answer import cleaned
from .ari_rest import Request
from .channel_variables import CHANNEL_VARIABLES, SENTINEL

ALWAYS: Final = frozenset({"ROUTER_BRANCH", "ROUTER_HEAD_START", "ROUTER_NUMBER"})
"""Variables the dialplan sets to something before it asks; the others it leaves empty, so empty needs no telling."""


def variables(decision: Decision) -> dict[str, str]:
    """Every channel variable by the table, the sentinel last."""
    said = {variable.name: cleaned(variable, getattr(decision, variable.field)) for variable in CHANNEL_VARIABLES}
    said[SENTINEL] = "1"
    return said


def requests(channel: str, said: Mapping[str, str], at_once: bool) -> list[Request]:
    """Set what is said on the channel and send it on its way; nothing said is no answer, and the default.

    `at_once` where Asterisk takes several variables in one request (20.20, 22.10, 23.4); older ones get a request for
    each, in order, so that the sentinel is set last.
    """
    place = f"/channels/{quote(channel, safe='')}"
    back = Request("POST", f"{place}/continue")
    if not said:
        return [back]
    if at_once:
        return [Request("POST", f"{place}/variables", None, {"variables": said}), back]
    told = {name: value for name, value in said.items() if value or name in ALWAYS}
    one_by_one = [
        Request("POST", f"{place}/variable", {"variable": name, "value": value}) for name, value in told.items()
    ]
    return [*one_by_one, back]


def claim(channel: str, app: str) -> Request:
    """Claim a call offered to several applications; only the first claim gets it, the others hear 409."""
    return Request("POST", "/events/claim", {"channelId": channel, "application": app})
