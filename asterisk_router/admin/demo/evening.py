"""The end of the day: whoever rang when the house was closed is owed a call-back, one a person."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..call_backs import listed
from .agi_client import ask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...callers.call_back import CallBack
    from ...settings import Address
    from ...wire.incoming_call import IncomingCall
    from ..ports import CallBacks
    from .summary import AnsweredCall

PROMISED = "callback"
"""The branch that promises a call-back and ends: the one end that needs neither an agent nor a telephone to be true."""

PATIENCE_S = 5.0
"""How long the daemon may take to keep what it was told."""


def report(answered: AnsweredCall) -> IncomingCall:
    """What the dialplan says when a call of that branch ends (`[router-ended]` of the templates)."""
    names = {"class": "CLASS", "branch": "BRANCH", "queue": "QUEUE", "head": "HEAD_START", "owed": "CALL_BACK"}
    said = {"rang": str(int(answered.at_s)), **{name: answered.variable(held) for name, held in names.items()}}
    return answered.planned.call._replace(ended=";".join(f"{name}={value}" for name, value in said.items()))


async def owed_call_backs(
    address: Address, calls: Iterable[AnsweredCall], call_backs: CallBacks, now_s: float
) -> list[CallBack]:
    """Report the ends of the calls that were promised one; who is owed a call-back then, first to be called first."""
    promised = [call for call in calls if call.variable("BRANCH") == PROMISED]
    for call in promised:
        ask(address, report(call))
    numbers = {call.variable("NUMBER") for call in promised if call.variable("CALL_BACK") == "1"} - {""}
    until_s = time.monotonic() + PATIENCE_S
    while True:
        entries = await listed(call_backs, now_s)
        if numbers <= {number for entry in entries for number in entry.numbers} or time.monotonic() > until_s:
            return entries
        await asyncio.sleep(0.05)
