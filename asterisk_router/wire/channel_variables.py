"""Every channel variable the router sets, in one table: the answer, the templates and the document follow it."""

from __future__ import annotations

from typing import Literal, NamedTuple

VariableKind = Literal["token", "text", "number", "flag"]
"""`token` is used in Goto, Queue or Dial and holds only `[A-Za-z0-9_.:@/+-]`; `text` goes to a screen only."""


class ChannelVariable(NamedTuple):
    """One variable of the answer."""

    name: str
    """Name on the channel."""
    field: str
    """The field of `Decision` it carries."""
    kind: VariableKind
    """What it may hold, and so how it is cleaned on writing."""
    meaning: str
    """What the dialplan does with it, for the document."""
    row: str
    """What the product owes by it, as numbered in the mission: `B8`, `C`."""


SENTINEL = "ROUTER_OK"
"""Set to 1 by the last line of the answer; the dialplan believes nothing without it."""

CHANNEL_VARIABLES: tuple[ChannelVariable, ...] = (
    ChannelVariable("ROUTER_CLASS", "caller_class", "token", "Class of the caller.", "A"),
    ChannelVariable("ROUTER_BRANCH", "branch", "token", "Extension of `router-branches` the call goes to.", "C"),
    ChannelVariable("ROUTER_GREETING", "greeting", "token", "Sound file of the greeting.", "C"),
    ChannelVariable("ROUTER_MENU", "menu", "token", "Sound file of the menu.", "C"),
    ChannelVariable("ROUTER_QUEUE", "queue", "token", "Queue the call waits in.", "C"),
    ChannelVariable(
        "ROUTER_HEAD_START",
        "head_start_s",
        "number",
        "Seconds of waiting granted in advance; makes `QUEUE_PRIO`.",
        "D2",
    ),
    ChannelVariable("ROUTER_AGENT", "agent", "token", "Preferred agent at the desk, rung before the queue.", "B8"),
    ChannelVariable("ROUTER_AGENT_MOBILE", "agent_mobile", "token", "The same agent's mobile, rung next.", "A3"),
    ChannelVariable("ROUTER_AGENT_WAIT", "agent_wait_s", "number", "How long the desk rings, seconds.", "B8"),
    ChannelVariable("ROUTER_MIN_PENALTY", "min_penalty", "number", "Skill window, sets `QUEUE_MIN_PENALTY`.", "B8"),
    ChannelVariable("ROUTER_MAX_PENALTY", "max_penalty", "number", "Skill window, sets `QUEUE_MAX_PENALTY`.", "B8"),
    ChannelVariable("ROUTER_PROMISED_WAIT", "promised_wait_s", "number", "Wait promised to the class, seconds.", "D6"),
    ChannelVariable("ROUTER_CALL_BACK", "call_back", "flag", "1 when a missed call is owed a call-back, else 0.", "D1"),
    ChannelVariable(
        "ROUTER_EXPECTED_WAIT",
        "expected_wait_s",
        "number",
        "Wait to tell the caller, seconds; 0 for nothing to tell.",
        "D6",
    ),
    ChannelVariable("ROUTER_SCREEN_NAME", "screen_name", "text", "Who is calling, for the agent's telephone.", "D7"),
    ChannelVariable("ROUTER_CARD_URL", "card_url", "text", "Where the caller's card is shown.", "D7"),
    ChannelVariable("ROUTER_RECORD", "record", "flag", "1 when the call is recorded, else 0.", "A6"),
    ChannelVariable("ROUTER_LANGUAGE", "language", "token", "Language of prompts; empty leaves the channel's.", "C"),
    ChannelVariable("ROUTER_NUMBER", "number", "token", "Caller's number in canonical form.", "A12"),
    ChannelVariable("ROUTER_TRUST", "trust", "number", "Trust in that number, 0 (E0) to 4 (E4).", "B6"),
    ChannelVariable("ROUTER_REASON", "reason", "text", "Why: the rules that won, with file:line.", "E1"),
    ChannelVariable("ROUTER_POLICY", "policy_version", "token", "Version of the policy that decided.", "C"),
    ChannelVariable("ROUTER_DEGRADED", "degraded", "flag", "1 when something needed was missing, else 0.", "C"),
)
"""In the order in which they are sent; the sentinel follows the last."""
