"""What a call over ARI waits: from `Stasis()` until its variables are on the channel, beside asyncari and FastAGI.

A real Asterisk 22.10 with the dialplan of the templates; calls come one at a time, the ways in turns. The wait is
counted by Asterisk's own log, from the step that asks to the step after the last that takes the answer in; the
processor time is that of the process that answers.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from asterisk_router.admin.pbx.dialplan import Stasis, render
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES, SENTINEL
from tests.live import asterisk_testbed
from tests.live.doors import APPS, start
from tests.live.people import LINE, shop_always_open
from tests.live.redis_server import RedisServer
from tests.live.site import SECRET, Site, running_site

from .peers.asyncari_stasis import EACH, PIECES
from .processes import Process
from .report import Table, markdown, say

CALLS, BLOCK = 150, 25
"""Calls of each way, and how many before the next way has its turn."""

GUARD_MS = 5000
"""Long enough for whoever is slow to be measured."""

APP = APPS[0]
WAYS = {
    "FastAGI": "fastagi",
    "ARI, ours": "ours",
    "ARI, asyncari, a request for each variable": "each",
    "ARI, asyncari, the variables in one piece": "piece",
}
STEP = re.compile(
    r"^\[\S+ ([\d:.]+)\] VERBOSE.*Executing \[s@(\w+)-(ask|route):\d+\] (\w+)\(\"([^\"]+)\"", re.MULTILINE
)


def contexts(port: int) -> str:
    """The part of the templates that asks, once for each way, and an end that hangs up."""
    ways = {
        "fastagi": render("plain", port=port, guard_ms=GUARD_MS),
        "ours": render("plain", stasis=Stasis((APP,)), guard_ms=GUARD_MS),
        "each": render("plain", stasis=Stasis((EACH,)), guard_ms=GUARD_MS),
        "piece": render("plain", stasis=Stasis((PIECES,)), guard_ms=GUARD_MS),
    }
    written = []
    for way, files in ways.items():
        ask = files["extensions_router.conf"].partition("\n[router-ask]\n")[2].partition("\n[router-ended]\n")[0]
        ask = ask.replace("router-route,s,1", f"{way}-route,s,1")
        written.append(f"\n[{way}-ask]\n{ask}\n[{way}-route]\nexten => s,1,Hangup()\n")
    return "".join(written)


def run() -> list[Table]:
    """Start everything, place the calls, read the log."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="bench-ari-")))
        redis = RedisServer().start()
        running.callback(redis.stop)
        site = running.enter_context(running_site("plain", asterisk_testbed.testbed(), redis.unix_url))
        site.pbx.write("extensions.conf", site_extensions(site) + contexts(site.router.port))
        site.pbx.cli("dialplan reload")
        start(site, site.router, shop_always_open(folder), APP)
        (folder / "said").write_text(json.dumps(variables_of(site)))
        command = [sys.executable, "-m", "tests.bench.peers.asyncari_stasis"]
        command += [str(site.pbx.http_port), SECRET, str(folder / "said")]
        peer = running.enter_context(Process(command, None, folder / "asyncari.log"))
        wait_for_peer(site, peer)
        site.watcher.forget()
        daemon_cpu = lambda: sum(site.router.process.cpu_times()[:2])  # noqa: E731
        cpu = {way: peer.cpu_s if way in ("each", "piece") else daemon_cpu for way in WAYS.values()}
        spent: dict[str, list[float]] = defaultdict(list)
        placed: dict[str, int] = dict.fromkeys(WAYS.values(), 0)
        for turn in range(CALLS // BLOCK):
            say(f"ari: round {turn + 1}")
            for way in WAYS.values():
                before = cpu[way]()
                for _ in range(BLOCK):
                    place(site, way)
                    placed[way] += 1
                spent[way].append((cpu[way]() - before) / BLOCK * 1e6)
        waits = waited_ms(site.pbx.log)
        if peer_said := peer.log.read_text().strip():
            say(peer_said[-3000:])
        check(site, waits)
    return [table(waits, spent)]


def site_extensions(site: Site) -> str:
    """What stands in its extensions.conf."""
    return (site.pbx.home / "etc/extensions.conf").read_text()


def place(site: Site, way: str) -> None:
    """One call of that way, from its beginning to its end."""
    before = sum(call.reached(f"{way}-route") for call in list(site.watcher.calls.values()))
    number = {"CALLERID(num)": "+42125550101", "ROUTER_DID": LINE}
    site.watcher.originate("Local/s@test-caller/n", f"{way}-ask", "s", number)
    site.watcher.wait(lambda: sum(call.reached(f"{way}-route") for call in list(site.watcher.calls.values())) > before)


def variables_of(site: Site) -> dict[str, str]:
    """What our daemon says of such a call, for the other to say as well."""
    for _ in range(20):  # warm, for the other needs no warming either
        place(site, "ours")
    call = next(call for call in reversed(list(site.watcher.calls.values())) if call.reached("ours-route"))
    return {name: call.variables[name] for name in (*(v.name for v in CHANNEL_VARIABLES), SENTINEL)}


def wait_for_peer(site: Site, peer: Process) -> None:
    """Until asyncari has both its applications, and has answered a call of each."""
    until = time.monotonic() + 15
    while PIECES not in site.pbx.cli("ari show apps"):
        assert time.monotonic() < until, peer.log.read_text()[-2000:]
        time.sleep(0.05)
    for way in ("each", "piece"):
        for _ in range(5):
            place(site, way)


def waited_ms(log: str) -> dict[str, list[float]]:
    """By way, how long each call took from the step that asks to the end."""
    begun: dict[str, float] = {}
    waits: dict[str, list[float]] = defaultdict(list)
    for clock, way, where, application, channel in STEP.findall(log):
        hours, minutes, seconds = clock.split(":")
        at_ms = (int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000
        if application in ("AGI", "Stasis"):
            begun[channel] = at_ms
        elif where == "route" and channel in begun:
            waits[way].append((at_ms - begun.pop(channel)) % 86_400_000)
    return {way: found[-CALLS:] for way, found in waits.items()}


def check(site: Site, waits: dict[str, list[float]]) -> None:
    """Every way has set the same on every call."""
    for way in WAYS.values():
        calls = [call for call in site.watcher.calls.values() if call.reached(f"{way}-route")]
        assert len(calls) == CALLS == len(waits[way]), f"{way}: {len(calls)} calls, {len(waits[way])} waits"
        without = sum(call.answers != 1 for call in calls)
        assert not without, f"{way}: {without} calls without an answer"


def table(waits: dict[str, list[float]], spent: dict[str, list[float]]) -> Table:
    """One row a way."""
    ours = median(waits["ours"])
    rows: list[dict[str, Any]] = []
    for name, way in WAYS.items():
        at = sorted(waits[way])
        figures = {"min ms": at[0], "median ms": median(at), "p90 ms": at[len(at) * 9 // 10]}
        row = {name: f"{figure:.2f}" for name, figure in figures.items()}
        rows.append({"way": name, **row, "to ours": f"{median(at) / ours:.2f}", "CPU us": f"{median(spent[way]):,.0f}"})
    return Table(
        f"A call over ARI, from the step that asks to {len(CHANNEL_VARIABLES) + 1} variables on the channel",
        rows,
        "Ours and FastAGI find the caller in Redis and decide; asyncari says what it was told beforehand.",
    )


if __name__ == "__main__":
    print("\n".join(map(markdown, run())))
