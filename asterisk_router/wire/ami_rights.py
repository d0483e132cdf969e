"""What a user of the manager interface may do, by the actions it is offered (ListCommands of main/manager.c)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .ami_actions import Action

LIST_COMMANDS: Action = {"Action": "ListCommands"}
"""Asks for every action the user may take; needs no right to write."""

PING: Action = {"Action": "Ping"}
"""Asks for the clock of the PBX (`action_ping`); needs no right to write."""

_PRIVILEGES = re.compile(r"\(Priv: ([a-z0-9,]+)\)\s*\Z")


class SeenManager(NamedTuple):
    """What a PBX told of our user when it was asked once."""

    write: frozenset[str]
    """The classes of `write` that it has for certain: those that alone admit to an action it is offered."""
    at_s: float | None
    """The clock of the PBX, in seconds since 1970 UTC; None when it does not tell."""
    asked_at_s: float
    """Ours in the middle of that question."""


def rights_of(listed: Mapping[str, str]) -> frozenset[str]:
    """The classes of `write` behind the actions of a listing, by name: `Synopsis  (Priv: CLASS,CLASS)`.

    An action is listed when the user has one of its classes, so only those of a single class prove one; each class
    that commands a PBX has such an action: `system` ModuleLoad, `command` Command, `call` Redirect, `agent` QueueAdd,
    `originate` Originate, `config` GetConfig, `user` UserEvent.

    >>> sorted(rights_of({"QueueAdd": "Add member.  (Priv: agent,all)", "Ping": "Keepalive.  (Priv: <none>)"}))
    ['agent']
    """
    found = set()
    for said in listed.values():
        named = _PRIVILEGES.search(said)
        classes = {each for each in named[1].split(",") if each != "all"} if named else set()
        if len(classes) == 1:
            found |= classes
    return frozenset(found)
