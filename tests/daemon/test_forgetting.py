"""A caller is forgotten while daemons run: their number is nowhere afterwards, in no spelling, also after a restart."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from asterisk_router.admin.cli.router import commands
from asterisk_router.daemon.forgetting import Forgetting
from asterisk_router.daemon.main import PORTS
from asterisk_router.errors import StoreError, StoreUnavailableError
from tests.daemon.conftest import BLOCK, Daemon
from tests.live.redis_server import RedisServer

ANNA, SECOND, BOB = "+42125550100", "+42125550101", "+42125550102"
SPELLINGS = [
    spelling.encode()
    for number in (ANNA, SECOND)
    for spelling in (number[4:], number[1:], f"2 {number[5:9]} {number[9:]}", f"2/{number[5:]}")
]

Start = Callable[..., Daemon]
Until = Callable[[Callable[[], Any]], None]


@pytest.fixture(params=["redis", "embedded"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A Redis that keeps files, ours or the embedded one, which keeps them in the state directory."""
    if request.param == "embedded":
        yield "embedded"
        return
    server = RedisServer(options=("--rdbcompression", "no")).start()
    try:
        (tmp_path / "redis").symlink_to(server.directory)
        yield server.unix_url
    finally:
        server.stop()


def call(daemon: Daemon, number: str, uniqueid: str, ended: str = "") -> None:
    """One call of `number` that rings now; or the report of its end."""
    block = BLOCK.replace(b"1795413703.0", uniqueid.encode()).replace(ANNA[1:].encode(), number[1:].encode())
    daemon.call(block.replace(b"route?", f"ended?end={ended}&".encode()) if ended else block)


class Site:
    """Commands on one installation."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self._where = ["--redis", url, "--state-dir", str(folder / "state")]

    def run(self, *words: str, code: int = 0) -> str:
        ran = CliRunner().invoke(commands(), [*words, *self._where], obj=PORTS)
        assert ran.exit_code == code, ran.output
        return ran.stdout

    def calls_of(self, number: str) -> int:
        rows = [json.loads(line) for line in self.run("calls", "export", "--full").splitlines()]
        return sum(number in json.dumps(row) for row in rows)

    def found(self) -> list[str]:
        """Every place on disk in which the number is, after all that Redis holds was written there."""
        places = []
        for path in (*self.folder.rglob("*"), *(self.folder / "redis").glob("**/*")):
            if path.is_file():
                data = path.read_bytes()
                places += [f"{path}: {spelling!r}" for spelling in SPELLINGS if spelling in data]
        return places


@pytest.fixture
def site(url: str, tmp_path: Path) -> Site:
    return Site(url, tmp_path)


def fill(site: Site, daemon: Daemon, until: Until) -> None:
    """Everything that can be kept of Anna, and a call of Bob."""
    rang = f"rang%3D{int(time.time())}%3Bqs%3DTIMEOUT"
    call(daemon, ANNA, "1795413703.1")
    call(daemon, ANNA, "1795413703.1", rang)
    call(daemon, BOB, "1795413703.2")
    call(daemon, ANNA, "1795413703.3")  # still to be reported
    until(lambda: "1795413703.3" in site.run("calls", "export"))
    site.run("caller", "set", ANNA, "--name", "Anna", "--number", SECOND)
    site.run("tag", "add", ANNA, "vip", "--evidence", "contract 7")
    site.run("callbacks", "open", ANNA, "--queue", "sales")
    site.run("callbacks", "close", SECOND, "--why", "by mail")
    site.run("callbacks", "open", SECOND, "--queue", "sales")


@pytest.mark.alone
def test_nothing_is_left_of_a_number_not_even_after_a_late_report_and_a_restart(
    daemon: Start, site: Site, url: str, until: Until
) -> None:
    running = daemon(redis=url)
    fill(site, running, until)
    assert site.found()
    erased = json.loads(site.run("caller", "forget", SECOND, "--json"))
    assert (erased["numbers"], erased["caller"], erased["call_backs"]) == (2, True, 2)
    assert (erased["calls"], erased["journal"] >= 3) == (3, True)
    assert (erased["daemons"], erased["daemons_silent"], erased["files"]) == (1, 0, "")
    assert site.found() == []

    call(running, ANNA, "1795413703.3", f"rang%3D{int(time.time()) - 60}%3Bqs%3DTIMEOUT")
    call(running, BOB, "1795413703.4")
    until(lambda: "1795413703.4" in site.run("calls", "export"))
    assert site.found() == [] and site.calls_of(ANNA) == 0 and site.calls_of(BOB) >= 2

    running.signal(signal.SIGTERM)
    running.wait()
    assert site.found() == []
    running = daemon(redis=url)
    call(running, BOB, "1795413703.5")
    until(lambda: "1795413703.5" in site.run("calls", "export"))
    assert site.found() == [] and site.calls_of(BOB) >= 3
    site.run("caller", "forget", ANNA, code=1)
    assert "the record is whole" in site.run("acts", "verify")
    assert site.found() == []


def test_whoever_is_forgotten_and_calls_again_is_a_stranger_who_is_kept(
    daemon: Start, site: Site, url: str, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_router.store.forgotten.CLOCKS_S", 0.0)
    running = daemon(redis=url)
    fill(site, running, until)
    site.run("caller", "forget", ANNA)
    call(running, ANNA, "1795413703.9")
    until(lambda: site.calls_of(ANNA) == 1)
    shown = json.loads(site.run("caller", "show", ANNA, "--json"))
    assert (shown["name"], shown["tags"], shown["numbers"], shown["history"]["calls"]) == ("", [], [ANNA], 1)


def test_a_daemon_that_was_frozen_forgets_when_it_goes_on(
    daemon: Start, site: Site, url: str, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asterisk_router.store.caller_erasure.HEARD_S", 0.2)
    running = daemon(redis=url)
    fill(site, running, until)
    running.signal(signal.SIGSTOP)
    try:
        erased = json.loads(site.run("caller", "forget", ANNA, "--json"))
    finally:
        running.signal(signal.SIGCONT)
    assert (erased["daemons"], erased["daemons_silent"]) == (0, 1)
    call(running, ANNA, "1795413703.3", f"rang%3D{int(time.time()) - 60}%3Bqs%3DTIMEOUT")
    until(lambda: site.found() == [])
    assert site.calls_of(ANNA) == 0


def test_nobody_is_said_to_be_nobody(site: Site) -> None:
    site.run("caller", "forget", ANNA, code=1)
    assert site.found() == []


class Marks:
    """Marks that fail first."""

    def __init__(self, faults: int) -> None:
        self.faults, self.said, self.left = faults, [], False  # type: ignore[var-annotated]

    async def check_key(self) -> None:
        if self.faults:
            self.faults -= 1
            raise StoreUnavailableError("away")

    async def read(self) -> Mapping[str, float]:
        return {"~a": 7.0}

    async def say_clean(self, daemon: str, until_s: float) -> None:
        self.said.append(until_s)

    async def leave(self, daemon: str) -> None:
        self.left = True


class Registry:
    """A registry whose disk is slow."""

    def __init__(self, *on_disk: bool) -> None:
        self._answers = list(on_disk)

    async def on_disk(self, patience_s: float) -> bool:
        return self._answers.pop(0)


def test_a_daemon_says_it_is_clean_when_its_disk_is() -> None:
    marks, work = Marks(faults=1), []
    forgetting = Forgetting(
        marks, Registry(False, True), lambda: work.append("scrub") or 0, lambda: work.append("drop")
    )

    async def body() -> None:
        with pytest.raises(StoreError):
            await forgetting.look()
        for _ in range(3):
            await forgetting.look()

    asyncio.run(body())
    assert marks.said == [0.0, 7.0, 7.0] and work == ["scrub", "drop"]


def test_a_daemon_that_ends_is_not_waited_for() -> None:
    marks = Marks(faults=0)

    async def body() -> None:
        task = asyncio.create_task(Forgetting(marks, Registry(True), lambda: 0, lambda: None).keep())
        while not marks.said:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(body())
    assert marks.left
