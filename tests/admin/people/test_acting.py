"""Acts are checked and recorded before they are done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from asterisk_router.admin.cli.router import commands
from asterisk_router.admin.people.acting import LEAST_ROLE, Act, do, do_offline
from asterisk_router.admin.people.roles import Person
from asterisk_router.admin.ports import Acts
from asterisk_router.daemon.compose.daemon import open_shared
from asterisk_router.errors import NotAllowedError, RouterError, StoreUnavailableError
from asterisk_router.store.act_mirror import ActMirror
from asterisk_router.wire.act_record import ActNote, decode, decode_note
from tests.live.redis_server import RedisServer

ANNA = "+421255500100"
EVA, BOB = Person("eva", "supervisor", "uid 1"), Person("bob", "viewer", "uid 2")
TAG = Act("tag add", ANNA, detail="vip")


class Work:
    """Something done, or failing."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.done = 0
        self._fault = fault

    def now(self) -> str:
        self.done += 1
        if self._fault is not None:
            raise self._fault
        return "done"

    async def __call__(self) -> str:
        return self.now()


def run(server: RedisServer, state_dir: Path, body: Callable[[Acts], Awaitable[object]]) -> list[ActNote]:
    async def ran() -> list[ActNote]:
        async with open_shared(server.unix_url, state_dir) as shared:
            await body(shared.acts)
            return [decode(line).note for line in await shared.acts.lines()]

    return asyncio.run(ran())


def test_an_act_is_done_once_it_is_recorded(redis_server: RedisServer, tmp_path: Path) -> None:
    work = Work()
    (note,) = run(redis_server, tmp_path, lambda acts: do(acts, EVA, TAG, work))
    assert work.done == 1
    assert note[1:5] == ("eva", "supervisor", "uid 1", "tag add")
    assert (note.detail, note.outcome) == ("vip", "allowed")
    assert ANNA[1:] not in (tmp_path / "acts" / "log").read_text()


def test_who_may_not_is_recorded_and_nothing_is_done(redis_server: RedisServer, tmp_path: Path) -> None:
    work = Work()

    async def body(acts: Acts) -> None:
        with pytest.raises(NotAllowedError):
            await do(acts, BOB, TAG, work)

    (note,) = run(redis_server, tmp_path, body)
    assert (work.done, note.who, note.outcome) == (0, "bob", "refused")


@pytest.mark.parametrize("fault", [RouterError("no such tag"), OSError(28, "no room")])
def test_what_came_to_nothing_is_recorded_as_that(redis_server: RedisServer, tmp_path: Path, fault: Exception) -> None:
    async def body(acts: Acts) -> None:
        with pytest.raises(type(fault), match="no such tag|no room"):
            await do(acts, EVA, TAG, Work(fault))

    assert [note.outcome for note in run(redis_server, tmp_path, body)] == ["allowed", "failed"]


def test_what_cannot_be_recorded_is_not_done(tmp_path: Path) -> None:
    server, work = RedisServer().start(), Work()

    async def body() -> None:
        async with open_shared(server.unix_url, tmp_path) as shared:
            server.kill()
            with pytest.raises(StoreUnavailableError):
                await do(shared.acts, EVA, TAG, work)

    try:
        asyncio.run(body())
    finally:
        server.stop()
    assert work.done == 0


def test_without_redis_the_note_waits_on_disk(tmp_path: Path) -> None:
    mirror, work = ActMirror(tmp_path), Work()
    admin, act = EVA._replace(role="admin"), Act("shadow promote", subject="policy")
    assert do_offline(mirror, admin, act, work.now) == "done"
    with pytest.raises(NotAllowedError):
        do_offline(mirror, BOB, act, work.now)
    for fault in (RouterError("no shadow"), OSError(28, "no room")):
        with pytest.raises(type(fault)):
            do_offline(mirror, admin, act, Work(fault).now)
    notes = [decode_note(line) for line in mirror.waiting()]
    assert [note.outcome for note in notes] == ["allowed", "refused", "allowed", "failed", "allowed", "failed"]
    assert work.done == 1 and len({note.id for note in notes}) == 6


def test_every_act_is_a_command() -> None:
    for name in LEAST_ROLE:
        group = commands()
        for word in name.split():
            group = group.commands[word]  # type: ignore[attr-defined]
