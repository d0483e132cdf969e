"""Puts the parts together: the only file that constructs what does input and output.

Every import stands where its part is made, so that a command loads no more than it uses.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import __version__
from ...errors import SettingsError, StoreError
from ...settings import AmiServer, Settings

if TYPE_CHECKING:
    from ...admin.ports import Shared
    from ...call_path import CallPath
    from ...callers.caller_book import CallerBook
    from ...doors.fastagi import FastAgiDoor
    from ...doors.stasis import StasisDoor
    from ...policy.policy import Policy
    from ...queues.live_line import LiveLine
    from ...queues.seen_pbx import SeenPbx
    from ...store.redis_book import RedisBook
    from ..followed_pbx import FollowedPbx
    from ..kept_calls import KeptCalls
    from ..last_good import FirstPolicy
    from ..policy_keeper import PolicyReader
    from ..reload import PolicyInForce
    from ..service_manager import ServiceManager
    from .doorway import Doorway

LOG = logging.getLogger(__name__)

STORE_WAIT_S = 0.1
"""How long the start waits for Redis: calls are answered without their caller until it is there."""


class House(NamedTuple):
    """A daemon that is built and not yet open."""

    door: FastAgiDoor
    """Answers Asterisk."""
    doorway: Doorway
    """Where it asks."""
    book: RedisBook
    """Where callers are."""
    in_force: PolicyInForce
    """The policy."""
    lines: tuple[LiveLine, ...]
    """What is known of the queues of each PBX, in the order of the settings."""
    calls: KeptCalls
    """Keeps every call, and what becomes of it."""
    clock: Callable[[], float]
    """What calls and queues go by."""
    works: tuple[tuple[str, Callable[[], Awaitable[None]]], ...]
    """What goes on beside the calls for as long as they are answered, by what the log calls it."""


@asynccontextmanager
async def open_book(url: str, state_dir: Path) -> AsyncIterator[CallerBook]:
    """The caller book at a Redis URL (or `embedded`), for one act of a person."""
    from ...store.open_book import open_book

    async with await open_book(url, state_dir=state_dir, stays=False) as book:
        yield book


@asynccontextmanager
async def open_shared(url: str, state_dir: Path) -> AsyncIterator[Shared]:
    """Everything that daemons and people share at a Redis URL (or `embedded`), for one act of a person."""
    from ...admin.ports import Shared
    from ...store.act_log import ActLog
    from ...store.act_mirror import ActMirror
    from ...store.call_backs import CallBackBook
    from ...store.call_stream import CallStream
    from ...store.caller_erasure import CallerErasure
    from ...store.decoy_book import DecoyBook
    from ...store.kept_acts import KeptActs
    from ...store.line_board import LineBoards
    from ...store.open_book import open_book
    from ...store.requests import Requests

    async with await open_book(url, state_dir=state_dir, stays=False) as book:
        place = (book.acts, book.keys)
        acts = KeptActs(ActLog(*place), ActMirror(state_dir))
        line, calls = (LineBoards(*place), Requests(*place)), (CallStream(*place), CallBackBook(*place))
        erasure = CallerErasure(*place, state_dir)
        yield Shared(book, *line, *calls, acts, erasure, DecoyBook(*place))


def load_policy(source: str) -> Policy:
    """A policy file, or a shipped policy by name; raises PolicyError with every fault."""
    from ...policy.load import load

    return load(source)


def look_at(server: AmiServer) -> SeenPbx:
    """What is in the queues of a PBX now, and which extensions it has; asked once; raises AmiError."""
    from ...feeds.ami_glance import glance

    return asyncio.run(glance(server))


def call_path(policy: Policy, book: CallerBook) -> CallPath:
    """The path of a call by `policy`, to callers in `book`."""
    from ...call_path import CallPath

    return CallPath(policy, book, book.ranges)


def serve(settings: Settings) -> int:
    """Run the daemon until it is told to stop; see `lifecycle.serve` and `workers.keeper.keep`."""
    from ..masked_log import log_to
    from ..workers.process import is_worker

    log_to(sys.stderr, settings.log_level)
    if settings.workers and not is_worker():
        from ..workers.keeper import keep

        return keep(settings)
    from ..lifecycle import serve

    return serve(settings)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's event loop where it is installed, else asyncio's own: the same, slower."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def keeps_callers_elsewhere(settings: Settings) -> None:
    """Raises SettingsError where the callers would be inside one worker, unknown to the others and gone with it."""
    from ...store.connection.embedded_server import EmbeddedServer
    from ...store.open_book import EMBEDDED, IN_PROCESS

    if settings.redis == IN_PROCESS or (settings.redis == EMBEDDED and EmbeddedServer.program() is None):
        raise SettingsError(
            "several workers need a Redis that is none of them",
            remedy="install redis-server, give --redis URL, or leave --workers out",
        )


async def build(settings: Settings, manager: ServiceManager, store_wait_s: float = STORE_WAIT_S) -> House:
    """Everything a daemon is made of. The sockets come first: from then on the kernel keeps callers waiting for us.

    `manager` keeps them for our next life. Redis is waited for `store_wait_s` at most.
    Raises SettingsError, and PolicyError when there never was a policy that can be used; a store or a PBX that is
    away is none of them.
    """
    from .doorway import doorway

    doors = doorway(settings, manager)
    try:
        from .policies import policy_at_start, policy_reader

        reader = policy_reader(settings)
        first = policy_at_start(settings, reader)
        book = await _book(settings, store_wait_s)
        try:
            house = _house(settings, doors, reader, first, book)
        except BaseException:
            await book.close()  # else the embedded store goes on without us
            raise
    except BaseException:
        doors.close()
        raise
    if not book.persistent:
        LOG.warning("callers kept in this process are forgotten when it ends (install redis-server, or give --redis)")
    return house


async def followed(settings: Settings, house: House) -> list[FollowedPbx]:
    """What is done about each PBX: made when calls are answered already, for its libraries take long to load."""
    if not settings.ami:
        return []
    await asyncio.to_thread(import_module, f"{__package__}.line")
    from .line import followed_pbx

    return [followed_pbx(server, line, house) for server, line in zip(settings.ami, house.lines, strict=True)]


async def stasis_doors(settings: Settings, house: House) -> list[StasisDoor]:
    """The doors for calls handed over by ARI; its library takes long to load, and a FastAGI caller must not wait."""
    if not settings.ari:
        return []
    await asyncio.to_thread(import_module, "...doors.ari.client", __package__)
    from ...doors.ari.client import AriClient
    from ...doors.stasis import StasisDoor
    from ...wire.ari_events import EVENTS
    from ..workers.process import is_worker

    return [
        StasisDoor(
            AriClient(server, event_filter=EVENTS),
            house.in_force,
            house.calls.register,
            deadline_s=settings.deadline_ms / 1000,
            most_calls=settings.most_calls,
            clock=house.clock,
            # the worker before us answers the calls it has, or is gone
            sweep_after_s=2 * settings.deadline_ms / 1000 if is_worker() else 0.0,
        )
        for server in settings.ari
    ]


async def _book(settings: Settings, wait_s: float) -> RedisBook:
    """The callers; where even the embedded store cannot be had, the way to it, for calls are routed without as well."""
    from urllib.parse import quote

    from ...store.open_book import open_book

    try:
        return await open_book(settings.redis, state_dir=settings.state_dir, wait_s=wait_s)
    except StoreError as fault:
        LOG.error("callers are unknown until this is mended and the daemon started again: %s", fault)
        nobody = f"unix://{quote(str(settings.state_dir.absolute()))}/redis/redis.sock"
        return await open_book(nobody, state_dir=settings.state_dir, wait_s=wait_s)


def _house(settings: Settings, doorway: Doorway, reader: PolicyReader, first: FirstPolicy, book: RedisBook) -> House:
    """The way of a call, from the sockets to the policy in force."""
    from ...doors.fastagi import FastAgiDoor
    from ...queues.live_line import LiveLine
    from ...queues.served_calls import ServedCalls
    from ...store.decoy_book import DecoyBook
    from ..decoy_lease import DecoyLease
    from ..degraded_calls import DegradedCalls
    from ..workers.process import keeper_release
    from .admin_server import admin_server_works
    from .calls import kept_calls
    from .policies import policies_at_work

    decoys = DecoyBook(book.acts, book.keys)
    lease = DecoyLease(decoys, book, lambda: calls.is_taking(), settings.state_dir)
    lines = tuple(LiveLine(server.name) for server in settings.ami)

    def besides() -> dict[str, Any]:
        releases = {"release": __version__, "keeper_release": keeper_release()}
        return {**degraded.as_plain(), "set_aside": dict(calls.register.set_aside), **releases}

    at_work = policies_at_work(settings, reader, first, book, lines, besides, lease.switch)
    in_force, works, forget_calls = at_work
    clock = _clock(settings)
    calls = kept_calls(settings, book, in_force, ServedCalls(), clock, forget_calls)
    door = FastAgiDoor(
        in_force,
        calls.register,
        allow=settings.allow,
        deadline_s=settings.deadline_ms / 1000,
        most_calls=settings.most_calls,
        clock=clock,
    )
    degraded = DegradedCalls(book, lambda: calls.register.degraded, lambda: door.late)
    works = (
        *works,
        ("counting calls without their caller", degraded.keep),
        ("confirming the switch of the decoy", lease.keep),
        _acts(settings, book),
        *admin_server_works(settings),
    )
    return House(door, doorway, book, in_force, lines, calls, clock, works)


def _acts(settings: Settings, book: RedisBook) -> tuple[str, Callable[[], Awaitable[None]]]:
    """The keeping of the record of what people do, as work beside the calls."""

    async def keep() -> None:
        await asyncio.to_thread(import_module, "...store.kept_acts", __package__)  # 20 ms that no call waits for
        from ...store.act_log import ActLog
        from ...store.act_mirror import ActMirror
        from ...store.kept_acts import KeptActs
        from ..act_keeper import keep_acts

        await keep_acts(KeptActs(ActLog(book.acts, book.keys), ActMirror(settings.state_dir)))

    return "keeping the record of acts", keep


def _clock(settings: Settings) -> Callable[[], float]:
    if settings.clock is None:
        return time
    from ..trial_clock import TrialClock

    LOG.warning("NOT THE REAL TIME: the first call rings at %s times as fast (--clock)", settings.clock)
    return TrialClock(settings.clock)
