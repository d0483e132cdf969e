"""The daemon is killed, Redis goes away, the disk is full, with 50 calls a second: each is registered exactly once.

The calls are played by clients that say what Asterisk says and write down ends as the dialplan does.
`ASTERISK_ROUTER_SOAK_S=120` keeps Redis away for two minutes (`make soak`).
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from asterisk_router.callers.registered_call import Gap
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.registered import Registered, registered, when
from tests.live.router_process import RouterProcess

pytestmark = [pytest.mark.live, pytest.mark.patient]

BLOCK = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()
SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
A_SECOND = 50
NUMBERS = 500
AWAY_S = float(os.environ.get("ASTERISK_ROUTER_SOAK_S") or 4)
MEMORY_KB = 4096


class Callers:
    """Calls at a steady pace, each told to the daemon and its end to the spool; what they know of themselves."""

    def __init__(self, port: int, spool: Path) -> None:
        self.made: dict[str, tuple[str, str]] = {}
        """By unique ID: number, and how it ended."""
        self.answered = 0
        """How many of them had a whole answer in time."""
        self._port = port
        self._spool = spool
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self) -> Callers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _play(self) -> None:
        next_s = time.monotonic()
        open_calls: list[tuple[str, int]] = []
        while not self._over.is_set():
            serial = len(self.made)
            uniqueid, number = f"{int(time.time())}.{serial}", f"+421255{serial % NUMBERS:05d}"
            outcome = ("answered", "missed")[serial % 2]
            self.made[uniqueid] = number, outcome
            open_calls.append((uniqueid, int(time.time())))
            self._ask(uniqueid, number)
            if len(open_calls) > A_SECOND // 2:
                self._hang_up(*open_calls.pop(0))
            next_s += 1 / A_SECOND
            time.sleep(max(0.0, next_s - time.monotonic()))
        for uniqueid, rang_s in open_calls:
            self._hang_up(uniqueid, rang_s)

    def _ask(self, uniqueid: str, number: str) -> None:
        block = BLOCK.replace(b"%2B42125550100", quote(number, safe="").encode()).replace(
            b"1795413703.0", uniqueid.encode()
        )
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=0.3) as client:
            client.sendall(block)
            while piece := client.recv(65536):
                self.answered += piece.endswith(SENTINEL)

    def _hang_up(self, uniqueid: str, rang_s: int) -> None:
        number, outcome = self.made[uniqueid]
        end = f"rang={rang_s};over={int(time.time())};since={rang_s};"
        end += "member=PJSIP/anna;abandoned=FALSE;answered=1" if outcome == "answered" else "abandoned=TRUE"
        line = f"uid={uniqueid}&lid={uniqueid}&did=42120550000&num={quote(number, safe='')}&end={quote(end, safe='')}\n"
        with (self._spool / "unreported").open("a") as spool:
            spool.write(line)


class Scene:
    """A daemon, its Redis and its spool."""

    def __init__(self, router: RouterProcess, redis: RedisServer, spool: Path) -> None:
        self.router, self.redis, self.spool = router, redis, spool

    def start(self) -> None:
        self.router.start("", "--spool-dir", str(self.spool))

    def callers(self) -> Callers:
        return Callers(self.router.port, self.spool)

    def registered(self, callers: Callers) -> Registered:
        """What the registry has of those calls, when it is up to date or will not come to be."""
        return when(
            lambda: registered(self.redis.unix_url, self.router.folder),
            lambda found: len(found.ended) >= len(callers.made) <= found.calls_of.total(),
        )


@pytest.fixture
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder, redis = tmp_path_factory.mktemp("d"), RedisServer().start()
    spool = folder / "spool"
    spool.mkdir()
    router = RouterProcess(free_port(), redis.unix_url, folder)
    try:
        scene = Scene(router, redis, spool)
        scene.start()
        yield scene
    finally:
        router.stop()
        redis.stop()


def assert_each_once(callers: Callers, found: Registered) -> None:
    """Every call in the registry once, ended as it did, and counted once in its caller's history."""
    made = callers.made
    assert found.ended == Counter(made.keys()), "each end once"
    assert not found.began - Counter(made.keys()), "no beginning twice"
    assert found.outcomes == {uniqueid: outcome for uniqueid, (_, outcome) in made.items()}
    assert found.calls_of == Counter(number for number, _ in made.values())
    assert found.gaps == []


def test_killed_again_and_again(scene: Scene) -> None:
    with scene.callers() as callers:
        for _ in range(3):
            time.sleep(1.3)
            scene.router.kill()
            scene.start()
        time.sleep(1)
    found = scene.registered(callers)
    assert_each_once(callers, found)
    assert 0.5 * callers.answered < len(found.began) <= len(callers.made)


def test_redis_away_for_a_while(scene: Scene) -> None:
    with scene.callers() as callers:
        time.sleep(1)
        scene.redis.kill()
        time.sleep(AWAY_S / 2)
        before_kb = scene.router.process.memory_info().rss // 1024
        time.sleep(AWAY_S / 2)
        grown_kb = scene.router.process.memory_info().rss // 1024 - before_kb
        scene.redis.start()
        time.sleep(1)
    found = scene.registered(callers)
    assert_each_once(callers, found)
    assert len(found.began) == len(callers.made)
    assert grown_kb < MEMORY_KB


def test_redis_away_and_the_daemon_killed_meanwhile(scene: Scene) -> None:
    with scene.callers() as callers:
        time.sleep(1)
        scene.redis.kill()
        time.sleep(1)
        scene.router.kill()
        scene.start()
        time.sleep(1)
        scene.redis.start()
        time.sleep(1)
    assert_each_once(callers, scene.registered(callers))


@contextmanager
def full_disk(scene: Scene) -> Iterator[None]:
    """No room for the journal: a small file system of its own, filled, where we are root; else a limit on files."""
    if os.geteuid():
        pid = scene.router.process.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
        yield
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        return
    scene.router.stop()
    journal = scene.router.folder / "journal"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(journal)], check=True)
    try:
        scene.start()
        time.sleep(1)
        filler = journal / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(bytes(1 << 20))
        yield
        filler.unlink()
        time.sleep(2.5)
        scene.router.stop()
    finally:
        subprocess.run(["umount", str(journal)], check=True)
        scene.start()


def test_the_disk_full_for_a_while(scene: Scene) -> None:
    with full_disk(scene), scene.callers() as callers:
        time.sleep(3)
    assert_each_once(callers, scene.registered(callers))
    log = (scene.router.folder / "daemon.log").read_text()
    assert "the journal cannot be written, calls are kept in memory" in log
    assert "Traceback" not in log


def test_a_damaged_journal_is_a_gap_that_is_counted(scene: Scene) -> None:
    scene.redis.kill()
    with scene.callers() as callers:
        time.sleep(1.5)
    time.sleep(3)  # until the spool is taken in
    scene.router.kill()
    (segment,) = (scene.router.folder / "journal" / "0").glob("*.journal")
    data = bytearray(segment.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    segment.write_bytes(data)
    scene.redis.start()
    scene.start()
    told = 2 * len(callers.made)
    found = when(
        lambda: registered(scene.redis.unix_url, scene.router.folder),
        lambda found: len(found.began) + len(found.ended) + lost(found.gaps) >= told,
    )
    assert len(found.began) + len(found.ended) + lost(found.gaps) == told, "all of it, or said to be missing"
    assert lost(found.gaps) > 0
    assert {*found.began.values(), *found.ended.values()} == {1}
    assert "records of calls are lost: journal own/" in (scene.router.folder / "daemon.log").read_text()


def lost(gaps: list[Gap]) -> int:
    return sum(gap.records for gap in gaps)
