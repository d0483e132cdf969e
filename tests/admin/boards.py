"""Boards for tests, and a daemon that publishes one and does what it is asked, on a real store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from asterisk_router.queues.acts import Done
from asterisk_router.queues.board import CallerOnBoard, MemberOnBoard, QueueOnBoard
from asterisk_router.queues.requests import Request
from asterisk_router.queues.shared_board import SeenBoard, SharedBoard
from asterisk_router.store.line_board import LineBoards
from asterisk_router.store.open_book import open_book
from asterisk_router.store.requests import Requests


def member(name: str, state: str, **more: Any) -> MemberOnBoard:
    """An agent in a queue."""
    plain = {
        "interface": f"PJSIP/{name}", "name": name, "state": state, "since_s": 1.0, "talks_with": "",
        "paused_reason": "", "membership": "static", "penalty": 0, "calls_taken": 3,
    }  # fmt: skip
    return cast(MemberOnBoard, {**plain, **more})


def caller(position: int, uniqueid: str, **more: Any) -> CallerOnBoard:
    """A caller who waits."""
    plain = {
        "position": position, "uniqueid": uniqueid, "channel": f"PJSIP/trunk-{position}", "number": "+42125550****",
        "name": "", "waited_s": 62, "priority": -5, "head_start_s": 300, "rank_s": 362, "expected_wait_s": None,
        "rings": "",
    }  # fmt: skip
    return cast(CallerOnBoard, {**plain, **more})


def queue(name: str, members: list[MemberOnBoard], callers: list[CallerOnBoard], **more: Any) -> QueueOnBoard:
    """A queue."""
    plain = {
        "queue": name, "strategy": "leastrecent", "free": 1, "talking": 0, "waiting": len(callers),
        "longest_wait_s": 62 if callers else 0, "expected_wait_s": 20, "handling_s": 180.0, "completed": 9,
        "abandoned": 1, "members": members, "callers": callers,
    }  # fmt: skip
    return cast(QueueOnBoard, {**plain, **more})


def board(pbx: str, queues: list[QueueOnBoard], **more: Any) -> SharedBoard:
    """A board of a line that is heard."""
    plain = {
        "pbx": pbx, "at_s": 1.0, "known": True, "good_until_s": 6.0, "queues": queues, "daemon": "one", "leads": True,
        "policy_names": {"q-sales": "sales"}, "pressures": {"q-sales": "busy"}, "classes": {"1.1": "vip"},
    }  # fmt: skip
    return cast(SharedBoard, {**plain, **more})


BERLIN = board(
    "berlin",
    [
        queue("q-sales", [member("anna", "free"), member("ivan", "paused", paused_reason="lunch")],
              [caller(1, "1.1"), caller(2, "1.2", number="+1202555****", waited_s=30, rank_s=30, head_start_s=0)]),
        queue("reception", [member("dora", "talking")], []),
    ],
    reserves=[
        {"reserve": "second line", "agent": "eva", "queue": "sales", "state": "in", "why": "rule", "ask": True}
    ],
)  # fmt: skip
"""A PBX with one queue that the policy knows by another name, and one that it does not know."""


def seen(shared: SharedBoard, age_s: float = 0.4) -> SeenBoard:
    """The board as somebody reads it."""
    return SeenBoard(shared, age_s)


@contextmanager
def daemon(url: str, boards: list[SharedBoard], does: Callable[[Request], Done]) -> Iterator[list[Request]]:
    """Publishes the boards and answers what is asked of their PBXs by `does`; yields what was asked."""
    asked: list[Request] = []
    ready, stop = threading.Event(), threading.Event()

    async def live() -> None:
        async with await open_book(url, state_dir=Path("/nonexistent")) as book:
            lines, requests = LineBoards(book.acts, book.keys), Requests(book.acts, book.keys)
            for each in boards:
                lines.publish(each["pbx"], each)
            await book.acts.send([("PING",)])
            ready.set()
            while not stop.is_set():
                for each in boards:
                    for request in await requests.take(each["pbx"]):
                        asked.append(request)
                        await requests.tell(request.id, does(request))
                await asyncio.sleep(0.005)

    thread = threading.Thread(target=lambda: asyncio.run(live()))
    thread.start()
    try:
        assert ready.wait(60)
        yield asked
    finally:
        stop.set()
        thread.join()
