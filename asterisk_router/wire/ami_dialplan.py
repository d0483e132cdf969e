"""The dialplan as the manager interface lists it: which extensions each context has (ShowDialPlan of pbx_config.c).

Every step of every extension comes as an event of its own; of these only the names are kept. No caller writes them.
"""

from __future__ import annotations

from ..queues.acts import Done
from .ami_actions import Action
from .ami_events import Fields

DIALPLAN_ROWS = ("ListDialplan", "ShowDialPlanComplete")
"""What answers ShowDialPlan."""

SHOW_DIALPLAN: Action = {"Action": "ShowDialPlan"}
"""Asks for the whole of it; the user needs `config` or `reporting` among the rights to write."""


class DialplanListing:
    """The contexts of one PBX on their way."""

    def __init__(self) -> None:
        self.extensions: dict[str, set[str]] = {}
        """By context: its extensions, patterns as written."""
        self.includes: dict[str, list[str]] = {}
        """By context: those it includes."""
        self.complete = False
        """Whether the last row came."""

    def take(self, kind: str, fields: Fields) -> None:
        """Take one row of the kinds of `DIALPLAN_ROWS`."""
        if kind != "ListDialplan":
            self.complete = True
            return
        context = fields.get("Context", "")
        names = self.extensions.setdefault(context, set())
        if "Extension" in fields:
            names.add(fields["Extension"])
        elif "IncludeContext" in fields:
            self.includes.setdefault(context, []).append(fields["IncludeContext"])


def is_forbidden(answer: Done) -> bool:
    """Whether the user has no right to read the dialplan (`process_message` of manager.c)."""
    return not answer.ok and "ermission denied" in answer.said
