"""Acts of the router as actions of the manager interface.

Nothing that callers, tags or policies say can become a line or a variable of its own: a value with a line end is
refused, and what `Variable` would split at is escaped.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from ..errors import AmiError
from ..queues.acts import (
    Act,
    AddMember,
    ChangePriority,
    OriginateCall,
    PauseMember,
    RedirectCaller,
    RemoveMember,
    WithdrawCaller,
)

Action: TypeAlias = "dict[str, str | list[str]]"
"""Header to value, `Action` first; a list is written as so many headers."""

MOST_LINE_BYTES = 1000
"""Longest line sent: Asterisk discards a whole action with one over 1,024 (`inbuf` of main/manager.c)."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPLITS = re.compile(r'([\\,"()\[\]])')
_ESCAPED = r"\\\1"


def action_of(act: Act) -> Action:
    """The manager action that carries out `act`; raises AmiError for one that cannot be said.

    >>> action_of(RemoveMember("sales", "PJSIP/anna"))
    {'Action': 'QueueRemove', 'Queue': 'sales', 'Interface': 'PJSIP/anna'}
    """
    action = _action_of(act)
    for key, value in action.items():
        for each in value if isinstance(value, list) else [value]:
            must_be_sayable(key, each)
    return action


def list_of(queue: str = "") -> Action:
    """The action that asks what is in every queue, or in one; raises AmiError."""
    action: Action = {"Action": "QueueStatus", "Queue": queue} if queue else {"Action": "QueueStatus"}
    must_be_sayable("Queue", queue)
    return action


def _action_of(act: Act) -> Action:
    if isinstance(act, ChangePriority):
        return {
            "Action": "QueueChangePriorityCaller", "Queue": act.queue, "Caller": act.channel,
            "Priority": str(act.priority), "Immediate": "yes",
        }  # fmt: skip
    if isinstance(act, WithdrawCaller):
        of = {"Queue": act.queue, "Caller": act.channel, "WithdrawInfo": act.info}
        return {"Action": "QueueWithdrawCaller", **of}
    if isinstance(act, AddMember):
        of = {"Queue": act.queue, "Interface": act.interface, "Penalty": str(act.penalty)}
        also = {"MemberName": act.name, "StateInterface": act.state_interface}
        return {"Action": "QueueAdd", **of, **{key: value for key, value in also.items() if value}}
    if isinstance(act, RemoveMember):
        return {"Action": "QueueRemove", "Queue": act.queue, "Interface": act.interface}
    if isinstance(act, PauseMember):
        of = {"Queue": act.queue, "Interface": act.interface, "Paused": "true" if act.paused else "false"}
        return {"Action": "QueuePause", **of, **({"Reason": act.reason} if act.reason else {})}
    if isinstance(act, RedirectCaller):
        of = {"Channel": act.channel, "Context": act.context, "Exten": act.extension, "Priority": "1"}
        return {"Action": "Redirect", **of}
    return _originate(act)


def _originate(act: OriginateCall) -> Action:
    action: Action = {
        "Action": "Originate", "Channel": act.channel, "Context": act.context, "Exten": act.extension,
        "Priority": "1", "Timeout": str(act.timeout_ms), "Async": "true",
    }  # fmt: skip
    if act.caller_id:
        action["CallerID"] = act.caller_id
    if act.variables:
        action["Variable"] = [_variable(name, value) for name, value in act.variables.items()]
    return action


def _variable(name: str, value: str) -> str:
    """`NAME=value` that arrives as one variable: `AST_STANDARD_APP_ARGS` splits and groups what is not escaped.

    A name with parentheses would call a function of the dialplan, so only plain names are taken.
    """
    if not _NAME.fullmatch(name):
        raise AmiError(f"{name!r} is no name of a channel variable")
    return f"{name}={_SPLITS.sub(_ESCAPED, value)}"


def must_be_sayable(key: str, value: str) -> None:
    """Raise AmiError unless `value` fits one line of the manager interface."""
    if any(letter in value for letter in "\r\n\0"):
        raise AmiError(f"{key} holds the end of a line", remedy="one line of text")
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        raise AmiError(f"{key} holds what is no text") from None
    if length + len(key) + 2 > MOST_LINE_BYTES:
        raise AmiError(f"{key} is too long: {length:,} bytes", remedy=f"under {MOST_LINE_BYTES - len(key) - 2:,}")
