"""What people see of the line and do to who waits there: the boards of all PBXs, one caller moved or taken out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import RouterError
from ..policy.file.words import nearest
from ..queues.requests import PromoteCaller, WithdrawWaiting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..queues.acts import Done
    from ..queues.board import QueueOnBoard
    from ..queues.shared_board import SeenBoard
    from .ports import Boards, Requests

NO_BOARD = "start the daemon with --ami ami://USER:SECRET@HOST/NAME, and give this command the same --redis"
"""What to do where nobody publishes."""


LEAST_SHOWN = 3
"""Of fewer digits than these nobody can tell a number."""


class Waiting(NamedTuple):
    """A caller who waits, found as a person named them."""

    pbx: str
    """The PBX."""
    queue: str
    """The queue's name in Asterisk."""
    uniqueid: str
    """Asterisk's unique ID of the channel."""


async def boards_of(boards: Boards, pbx: str = "") -> list[SeenBoard]:
    """The boards of all PBXs, or of the one named; raises RouterError where there is none, saying what to do."""
    seen = await boards.read_all()
    if not seen:
        raise RouterError("no daemon publishes a board: nobody follows the queues of a PBX", remedy=NO_BOARD)
    names = [each.board["pbx"] for each in seen]
    if pbx and pbx not in names:
        raise RouterError(f"no daemon publishes a board of {pbx!r}", remedy=nearest(pbx, names))
    return [each for each in seen if pbx in ("", each.board["pbx"])]


def queues_of(seen: SeenBoard, named: str = "") -> list[QueueOnBoard]:
    """The queues of a board, all or the one a person named in Asterisk's or the policy's words.

    Nothing where the line is unknown: what an old board says of it is not how it is.
    """
    if not seen.known:
        return []
    return [queue for queue in seen.board["queues"] if named in ("", queue["queue"], name_of(seen, queue["queue"]))]


def name_of(seen: SeenBoard, queue: str) -> str:
    """What people call a queue of Asterisk: its name in the policy, else Asterisk's."""
    return seen.board.get("policy_names", {}).get(queue) or queue


def check_named(seen: Iterable[SeenBoard], named: str) -> None:
    """Raises RouterError when all lines are known and none has a queue of that name, with the nearest that exists."""
    boards = list(seen)
    if named and all(each.known for each in boards) and not any(queues_of(each, named) for each in boards):
        names = [name_of(each, queue["queue"]) for each in boards for queue in each.board["queues"]]
        raise RouterError(f"no queue is called {named!r}", remedy=nearest(named, names))


def as_plain(seen: SeenBoard, named: str = "") -> dict[str, Any]:
    """A board for programs: whether the line is known, how old that is, and each queue with what the daemon adds."""
    board = seen.board
    classes, pressures = board.get("classes", {}), board.get("pressures", {})
    return {
        "pbx": board["pbx"],
        "known": seen.known,
        "age_s": round(seen.age_s, 1),
        "why": unknown_because(seen),
        "daemon": board.get("daemon", ""),
        "leads": board.get("leads", False),
        "queues": [
            {
                **queue,
                "policy_name": name_of(seen, queue["queue"]),
                "pressure": pressures.get(queue["queue"]),
                "callers": [
                    {**caller, "caller_class": classes.get(caller["uniqueid"], "")} for caller in queue["callers"]
                ],
            }
            for queue in queues_of(seen, named)
        ],
    }


def unknown_because(seen: SeenBoard) -> str:
    """Why a line is unknown, for people; empty where it is known."""
    if seen.known:
        return ""
    if seen.stale:
        return f"no daemon has published it for {seen.age_s:.0f} s"
    return seen.board.get("why") or "the daemon does not hear the PBX now"


def find_waiting(boards: Iterable[SeenBoard], written: str, key: str) -> Waiting:
    """Who waits and is meant by `written`: a uniqueid, `QUEUE:POSITION`, or a number, canonical in `key`.

    Boards show no number in full, so the digits they show decide. Raises RouterError for nobody, and for more than
    one, naming each.
    """
    seen_boards = list(boards)
    everybody = [
        (Waiting(seen.board["pbx"], queue["queue"], caller["uniqueid"]), caller, name_of(seen, queue["queue"]))
        for seen in seen_boards
        for queue in queues_of(seen)
        for caller in queue["callers"]
    ]
    named = [
        who
        for who, caller, name in everybody
        if written in (who.uniqueid, f"{who.queue}:{caller['position']}", f"{name}:{caller['position']}")
    ]
    found = named or [who for who, caller, _ in everybody if _is_shown(caller["number"], key or written)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(who.uniqueid for who in found)
        raise RouterError(f"{len(found)} who wait are {written}", remedy=f"name one by uniqueid: {names}")
    unknown = [f"the line of {seen.board['pbx']} is unknown" for seen in seen_boards if not seen.known]
    raise RouterError(
        f"nobody who waits is {written}", remedy="; ".join(unknown) or "asterisk-router queue show lists who waits"
    )


def _is_shown(shown: str, number: str) -> bool:
    """Whether a masked caller ID, in national or international form, can be that number.

    >>> _is_shown("02555****", "+42125550100"), _is_shown("a withheld number", "+42125550100")
    (True, False)
    """
    parts = [re.sub(r"[+ ()/-]", "", text).lstrip("0") for text in (number[:-4], shown.removesuffix("****"))]
    shorter, longer = sorted(parts, key=len)
    return "".join(parts).isdecimal() and len(shorter) >= LEAST_SHOWN and longer.endswith(shorter)


async def promote(requests: Requests, caller: Waiting, head_start_s: int, author: str) -> Done:
    """Give a waiting caller another head start: the daemon that leads their PBX re-orders the queue at once."""
    return await requests.ask(caller.pbx, PromoteCaller(caller.queue, caller.uniqueid, head_start_s), author)


async def withdraw(requests: Requests, caller: Waiting, author: str) -> Done:
    """Take a waiting caller out of their queue; the dialplan offers them a call-back."""
    return await requests.ask(caller.pbx, WithdrawWaiting(caller.queue, caller.uniqueid), author)
