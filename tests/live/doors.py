"""The ways in which a dialplan asks the router, and a site that asks by one of them for a while."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from asterisk_router.admin.pbx.dialplan import Stasis
from asterisk_router.wire.channel_variables import SENTINEL
from tests.live.ami import SeenCall
from tests.live.ports import free_port
from tests.live.router_process import RouterProcess
from tests.live.site import Site, dialplan

SCRIPT = "asterisk-router-agi"
PROGRAM = Path(__file__).parents[2] / "bin" / SCRIPT
APPS = ("router-a", "router-b")
"""Of two daemons."""

CONNECTED_WITHIN_S = 30


class Way(NamedTuple):
    """One way to ask."""

    options: dict[str, Any] = {}
    """Of `render`."""
    apps: tuple[str, ...] = ()
    """The ARI applications of the daemons."""
    a_second: int = 50
    """Calls it is good for: a script is a process for each."""


WAYS = {
    "fastagi": Way(),
    "script": Way({"script": SCRIPT}, a_second=5),
    "ari": Way({"stasis": Stasis(APPS)}, APPS),
    "broadcast": Way({"stasis": Stasis(APPS, broadcast=True)}, APPS),
}
"""By name; by ARI it is two daemons, each with an application of its own."""


@contextmanager
def asked_by(site: Site, name: str, **more: Any) -> Iterator[None]:
    """Have the site's dialplan ask that way, as if it had been written so; afterwards as before.

    What is `more` goes to `render`, too.
    """
    way = WAYS[name]
    if way.options.get("script"):
        shutil.copy(PROGRAM, site.pbx.home / "agi-bin" / SCRIPT)
    _reload(site, **way.options, **more)
    site.watcher.forget()
    try:
        yield
    finally:
        _reload(site)


def _reload(site: Site, **options: Any) -> None:
    site.pbx.write(*dialplan(site.kind, site.router.port, **options))
    site.pbx.cli("dialplan reload")


@contextmanager
def answering(site: Site, name: str, policy: str, *options: str, both: bool = False) -> Iterator[list[RouterProcess]]:
    """The site's daemon (and with `both` another one beside it, where they ask by ARI), there and connected."""
    way = WAYS[name]
    routers = [site.router]
    if both:
        assert way.apps
        folder = site.router.folder.with_name("daemon-b")
        folder.mkdir(exist_ok=True)
        routers.append(RouterProcess(free_port(), site.router.redis_url, folder))
    try:
        for router, app in zip(routers, way.apps or ("",), strict=False):
            start(site, router, policy, app, *options)
        yield routers
    finally:
        for router in routers:
            router.stop()


def start(site: Site, router: RouterProcess, policy: str, app: str = "", *options: str) -> None:
    """Start one daemon and wait until Asterisk can ask it, over ARI where an application is named."""
    router.start(policy, *(("--ari", site.ari_url(app)) if app else ()), *options)
    if app:
        wait_for_app(site, app)


def wait_for_app(site: Site, app: str, there: bool = True) -> None:
    """Wait until Asterisk knows the application, or no more."""
    until = time.monotonic() + CONNECTED_WITHIN_S
    while (app in site.pbx.cli("ari show apps").split()) is not there:
        assert time.monotonic() < until, f"{app} {'did not connect' if there else 'stayed'}\n{site.router.log[-3000:]}"
        time.sleep(0.02)


def in_time(call: SeenCall) -> bool:
    """Whether its answer came within the guard and the store's within its 20 ms, as on a busy machine one may not."""
    return call.variables.get(SENTINEL) == "1" and call.variables.get("ROUTER_DEGRADED") == "0"
