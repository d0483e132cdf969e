"""A manager connection that shares no line of code with the package: what the live line is compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

Fields = dict[str, str]


class Shown(NamedTuple):
    """One queue as Asterisk shows it, or as somebody believes it to be."""

    members: frozenset[tuple[str, bool, int, int]]
    """Interface, paused, device state and penalty of each."""
    callers: tuple[str, ...]
    """Unique IDs, first in line first."""


class PlainAmi:
    """Actions and their answers over one connection; events are handed to `happened` in the order they come."""

    def __init__(self, happened: Callable[[Fields], None] = lambda event: None) -> None:
        self._happened = happened
        self._waiting: dict[str, tuple[asyncio.Future[list[Fields]], list[Fields]]] = {}
        self._asked = 0

    async def open(self, port: int) -> None:
        """Connect and log in as the user of the tests."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        await self._reader.readline()
        self._follower = asyncio.create_task(self._follow())
        (answer,) = await self.ask(Action="Login", Username="watcher", Secret="watcher")
        assert answer["Response"] == "Success"

    async def close(self) -> None:
        """Disconnect."""
        self._follower.cancel()
        self._writer.close()

    async def ask(self, **action: str) -> list[Fields]:
        """Do an action; its response, and its list where it answers with one."""
        self._asked += 1
        key = f"plain-{self._asked}"
        answered: asyncio.Future[list[Fields]] = asyncio.get_running_loop().create_future()
        self._waiting[key] = answered, []
        lines = [f"{name}: {value}\r\n" for name, value in {**action, "ActionID": key}.items()]
        self._writer.write("".join(lines).encode() + b"\r\n")
        return await asyncio.wait_for(answered, 10)

    async def queues(self) -> dict[str, Shown]:
        """Every queue now."""
        members: dict[str, set[tuple[str, bool, int, int]]] = {}
        callers: dict[str, dict[int, str]] = {}
        for row in (await self.ask(Action="QueueStatus"))[1:]:
            queue = row.get("Queue", "")
            if row["Event"] == "QueueParams":
                members[queue], callers[queue] = set(), {}
            elif row["Event"] == "QueueMember":
                status = row["Location"], row["Paused"] == "1", int(row["Status"]), int(row["Penalty"])
                members[queue].add(status)
            elif row["Event"] == "QueueEntry":
                callers[queue][int(row["Position"])] = row["Uniqueid"]
        return {
            queue: Shown(frozenset(members[queue]), tuple(callers[queue][place] for place in sorted(callers[queue])))
            for queue in members
        }

    async def _follow(self) -> None:
        block: Fields = {}
        while line := await self._reader.readline():
            name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(": ")
            if name:
                block[name] = value
                continue
            self._take(block)
            block = {}
        for answered, _ in self._waiting.values():
            answered.cancel()

    def _take(self, block: Fields) -> None:
        key = block.get("ActionID", "")
        if key not in self._waiting:
            self._happened(block)
            return
        answered, rows = self._waiting[key]
        rows.append(block)
        more = block.get("EventList") == "start" or (len(rows) > 1 and block.get("EventList") != "Complete")
        if not more:
            del self._waiting[key]
            answered.set_result(rows)
