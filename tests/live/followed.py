"""A site whose daemon follows its queues, and what a person beside it does and sees."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from asterisk_router.admin.demo.agi_client import ask
from asterisk_router.queues.acts import Done
from asterisk_router.queues.requests import Wish
from asterisk_router.settings import Address
from asterisk_router.store.open_book import open_book
from asterisk_router.store.requests import Requests
from asterisk_router.wire.incoming_call import IncomingCall
from tests.live.people import typed
from tests.live.router_process import RouterProcess
from tests.live.site import Site

RING = "Local/ring@test-agent"
"""The agent of every queue of a site: rings and takes no call up."""

NUMBER = "+42125550101"
"""Who calls, unless a test says otherwise."""

POLICY = """
[policy]
name = "duties"
preempt_talking = true

[numbering]
country = "SK"

[agents.anna]
name = "Anna"
desk = "PJSIP/anna"

[agents.boris]
desk = "PJSIP/boris"

[agents.eva]
desk = "Local/accepts-eva@test-agent/n"

[lines."+42120550001"]
kind = "vip"
[lines."+42120550002"]
kind = "low"
[lines."+42120550003"]
kind = "lowest"

[classes]
vip = { branch = "support", queue = "support", head_start = "10m", preempts = true }
low = { branch = "support", queue = "support", yields = "waiting" }
lowest = { branch = "support", queue = "support", yields = "talking" }
default = { branch = "sales", queue = "sales" }

[[classify]]
name = "vip line"
when = "line.kind == 'vip'"
class = "vip"
[[classify]]
name = "low line"
when = "line.kind == 'low'"
class = "low"
[[classify]]
name = "lowest line"
when = "line.kind == 'lowest'"
class = "lowest"
[[classify]]
name = "everybody else"
class = "default"

[[treat]]
name = "nobody is free"
when = "in_class('default') and queue('sales').free == 0"
branch = "sales-info"

[[reserve]]
name = "when-sales-is-full"
queue = "sales"
agents = ["anna"]
when = "queue('sales').waiting >= 4"

[[reserve]]
name = "by-command"
queue = "support"
agents = ["boris"]

[[reserve]]
name = "asked-when-two-complain"
queue = "complaint"
agents = ["eva"]
ask = true
when = "queue('complaint').waiting >= 2"
"""


def until(true: Callable[[], Any], within_s: float = 90) -> float:
    """Wait until it is true; how long that took."""
    began_s = time.monotonic()
    while not true():
        assert time.monotonic() - began_s < within_s, "it never came true"
        time.sleep(0.01)
    return time.monotonic() - began_s


def branch(router: RouterProcess, uniqueid: str = "") -> str:
    """Where the daemon sends a caller who is nobody special, at once: `sales`, or `sales-info` when nobody is free."""
    answer = ask(Address("127.0.0.1", router.port), IncomingCall(NUMBER, "+42120550000", uniqueid=uniqueid))
    assert answer.complete, "no whole answer"
    return answer.variables["ROUTER_BRANCH"]


def cli(site: Site, *words: str) -> Result:
    """One command of a person."""
    return typed(*words, "--redis", site.router.redis_url, "--state-dir", str(site.router.folder))


def board(site: Site) -> dict[str, Any]:
    """What `queue show` tells programs of this PBX."""
    said = cli(site, "queue", "show", "--json").stdout
    boards = json.loads(said) if said else []
    return next((each for each in boards if each["pbx"] == site.kind), {"known": False})


def asked(site: Site, wish: Wish) -> tuple[Done, float]:
    """What became of a wish, and how many seconds that took."""

    async def ask_it() -> tuple[Done, float]:
        async with await open_book(site.router.redis_url, state_dir=Path(site.router.folder)) as book:
            began_s = time.monotonic()
            done = await Requests(book.acts, book.keys).ask(site.kind, wish, "eva")
            return done, time.monotonic() - began_s

    return asyncio.run(ask_it())


def calls(site: Site, extension: str = "sales", context: str = "router-queue", **variables: str) -> str:
    """Somebody calls and waits in a queue; the uniqueid. In `router-in` the extension is the number called."""
    waited = {uniqueid for uniqueid in site.watcher.calls if _in_queue(site, uniqueid)}
    number = {"CALLERID(num)": variables.pop("number", NUMBER)}
    site.watcher.originate("Local/s@test-caller/n", context, extension, {**number, **variables})
    until(lambda: any(_in_queue(site, uniqueid) for uniqueid in list(site.watcher.calls) if uniqueid not in waited))
    return next(uniqueid for uniqueid in site.watcher.calls if uniqueid not in waited and _in_queue(site, uniqueid))


def _in_queue(site: Site, uniqueid: str) -> bool:
    return any(event["Event"] == "QueueCallerJoin" for event in site.watcher.calls[uniqueid].events)


def order(site: Site, queue: str = "sales") -> list[str]:
    """Who waits, by uniqueid, first in line first, as Asterisk itself says."""
    return [row["Uniqueid"] for row in site.watcher.waiting_in(site.queue(queue))]


def pause(site: Site, queue: str = "sales", *, paused: bool = True) -> None:
    """Whether the one agent of the queue takes calls."""
    site.pbx.cli(f"queue {'pause' if paused else 'unpause'} member {RING} queue {site.queue(queue)}")


def hang_up(site: Site) -> None:
    """Everybody hangs up and is forgotten, and every agent takes calls."""
    site.hang_up()
    for queue in ("sales", "support"):
        pause(site, queue, paused=False)
    site.watcher.forget()
