"""ARI's events -> our words: who asks, and which calls are still inside.

The dialplan hands the same query to `Stasis()` that it writes into the AGI URL, every word of a caller encoded. That is
believed; of what the event itself carries only the channel's ID, name, language and extension are taken where the query
is silent. The caller's number in it is no use: the event does not say whether it was withheld.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from .incoming_call import QUERY_NAMES, IncomingCall

EVENTS = ("StasisStart", "StasisEnd", "CallBroadcast")
"""Kinds of events the router listens to; CallBroadcast is sent where StasisBroadcast() is (20.20, 22.10, 23.4)."""

MOST_QUERY = 8192
"""Longest query read, in characters: Asterisk's own longest line."""

_ASKED = {name: field for name, field in QUERY_NAMES.items() if field != "ended"}
_KEPT = ("called_number", "channel", "uniqueid", "linkedid")
"""Fields still believed of a tainted call: the dialplan makes them, not the caller."""


class _Fault(Exception):
    """Why the call is tainted; never leaves this file."""


def channel_of(event: dict[str, Any]) -> str:
    """ID of the channel an event is about, empty when it is about none.

    >>> channel_of({"type": "StasisEnd", "channel": {"id": "berlin-1795413703.0"}})
    'berlin-1795413703.0'
    """
    channel = event.get("channel")
    return _word(channel, "id") if isinstance(channel, dict) else ""


def incoming_call_of(event: dict[str, Any]) -> IncomingCall:
    """The call a StasisStart is about, as every door hands it over; tainted when it is not to be believed."""
    arguments = event.get("args")
    channel = event.get("channel")
    if not isinstance(channel, dict) or not isinstance(arguments, list):
        return IncomingCall(tainted="no channel or no arguments in the event")
    return _call(channel, arguments)


def calls_inside(channels: object, app: str) -> dict[str, IncomingCall]:
    """Channel ID -> call, of a list of channels (`GET /channels`) those that wait in `Stasis(APP,...)`.

    A connection that was lost tells nothing of them once it is back, so they are looked for.
    """
    found = {}
    for channel in channels if isinstance(channels, list) else ():
        if not isinstance(channel, dict) or not _word(channel, "id"):
            continue
        name, data = _step(channel)
        first, *arguments = data.split(",")
        if name == "Stasis" and first == app:
            found[_word(channel, "id")] = _call(channel, arguments)
    return found


def calls_claimed(channels: object, ids: set[str]) -> dict[str, IncomingCall]:
    """The same of those channels out of `ids` that wait in `StasisBroadcast(TIMEOUT,APPS,QUERY)`.

    It does not say there whose they are, so only who claimed them may ask.
    """
    found = {}
    for channel in channels if isinstance(channels, list) else ():
        if isinstance(channel, dict) and _word(channel, "id") in ids:
            name, data = _step(channel)
            if name == "StasisBroadcast":
                found[_word(channel, "id")] = _call(channel, data.split(",")[2:])
    return found


def _call(channel: dict[str, Any], arguments: list[Any]) -> IncomingCall:
    carried: dict[str, str] = {}
    told = {"channel": _word(channel, "name"), "uniqueid": _word(channel, "id"), "language": _word(channel, "language")}
    dialplan = channel.get("dialplan")
    told["called_number"] = _word(dialplan, "exten") if isinstance(dialplan, dict) else ""
    try:
        if len(arguments) > 1 or not all(isinstance(argument, str) for argument in arguments):
            raise _Fault("more than one argument")
        _read_query(arguments[0] if arguments else "", carried)
        if carried.get("uniqueid", told["uniqueid"]) != told["uniqueid"]:
            raise _Fault("the query speaks of another channel")
        if _has_control("".join(told.values())):
            raise _Fault("control character in the event")
    except _Fault as fault:
        believed = {field: carried[field] for field in _KEPT if field in carried}
        return IncomingCall(**{"uniqueid": told["uniqueid"], **believed}, tainted=str(fault))
    return IncomingCall(**{**told, **carried})


def _read_query(query: str, carried: dict[str, str]) -> None:
    """Put into `carried` what `name=value&...` says; names we do not know are skipped."""
    if len(query) > MOST_QUERY:
        raise _Fault(f"query: longer than {MOST_QUERY}")
    if not _is_text(query):
        raise _Fault("query: no text")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        field = _ASKED.get(name)
        if field is None:
            continue
        if field in carried:
            raise _Fault(f"query: {name} twice")
        if "%" in value:
            value = unquote_to_bytes(value).decode(errors="replace")
        if _has_control(value):
            raise _Fault(f"query: control character in {name}")
        carried[field] = value


def _has_control(value: str) -> bool:
    return not value.isprintable() and any(letter < " " or letter == "\x7f" for letter in value)


def _step(channel: dict[str, Any]) -> tuple[str, str]:
    """The dialplan application a channel is in, and its arguments."""
    dialplan = channel.get("dialplan")
    return (_word(dialplan, "app_name"), _word(dialplan, "app_data")) if isinstance(dialplan, dict) else ("", "")


def _word(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) and _is_text(value) else ""


def _is_text(value: str) -> bool:
    """Whether it can be written: JSON may hold half of a surrogate pair, no letter; Asterisk sends none."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
