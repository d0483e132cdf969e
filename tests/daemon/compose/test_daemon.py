"""What a house is made of: what only the policy knows reaches the lines; it stands whatever is broken around it."""

from __future__ import annotations

import asyncio
import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_router.daemon.compose.daemon import build, followed
from asterisk_router.daemon.service_manager import ServiceManager
from asterisk_router.errors import SettingsError
from asterisk_router.policy.load import files_of
from asterisk_router.queues.events import LineListed, QueueListed
from asterisk_router.settings import Address, AmiServer, Settings

SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
ANSWERING_S = 1.0
"""How soon a daemon answers, whatever is broken around it: the limit this product sets itself."""

HOUSE = """
[policy]
name = "house"
[queues.sales]
asterisk = "401"
wrap_up = "10s"
[classes]
default = { branch = "sales", queue = "sales" }
[[classify]]
name = "everybody"
class = "default"
"""

BERLIN = AmiServer("berlin", "127.0.0.1", 9, "router", "s3cret")
BONN = AmiServer("bonn", "127.0.0.1", 9, "router", "s3cret")


def settings(folder: Path, *ami: AmiServer) -> Settings:
    """Settings of a daemon that keeps everything in `folder`."""
    (folder / "house.toml").write_text(HOUSE)
    return Settings(
        str(folder / "house.toml"), Address("127.0.0.1", 0), redis="embedded-process", state_dir=folder, ami=ami
    )


def test_a_reload_tells_every_line_what_asterisk_does_not(tmp_path: Path) -> None:
    async def body() -> None:
        house = await build(settings(tmp_path, BERLIN, BONN), ServiceManager({}))
        try:
            for line in house.lines:
                line.apply(LineListed((QueueListed("401"), QueueListed("402"))), 1.0)
                assert [line.queues[name].facts.wrap_up_s for name in ("401", "402")] == [10, 0]
            (tmp_path / "house.toml").write_text(HOUSE.replace("10s", "25s"))
            assert await house.in_force.reload()
            assert [line.queues["401"].facts.wrap_up_s for line in house.lines] == [25, 25]
            assert house.in_force.path.lines.of("bonn-1700000000.1") is house.lines[1]
        finally:
            await house.book.close()
            for listener in house.doorway.listeners:
                listener.close()

    asyncio.run(body())


def test_a_start_that_is_refused_leaves_no_store_and_no_socket_behind(tmp_path: Path) -> None:
    given = replace(settings(tmp_path), redis="embedded", allow=("loopback",))
    with pytest.raises(SettingsError, match="no network"):
        asyncio.run(build(given, ServiceManager({})))
    with socket.socket(socket.AF_UNIX) as caller:
        assert caller.connect_ex(str(tmp_path / "redis" / "redis.sock")) != 0
    assert not given.script_socket.exists()


def test_each_pbx_is_followed_by_its_own_and_leaves_without_a_word_to_it(tmp_path: Path) -> None:
    async def body() -> None:
        given = settings(tmp_path, BERLIN, BONN)
        house = await build(given, ServiceManager({}))
        try:
            pbxs = await followed(given, house)
            assert [pbx.keeper.line for pbx in pbxs] == list(house.lines)
            running = [asyncio.create_task(pbx.run()) for pbx in pbxs]
            while not all("cannot connect" in pbx.keeper.why for pbx in pbxs):
                await asyncio.sleep(0.01)
            assert not any(line.known(house.clock()) for line in house.lines)
            for task in running:
                task.cancel()
            done, _ = await asyncio.wait(running, timeout=60)
            assert len(done) == 2 and all(task.cancelled() for task in done)
        finally:
            await house.book.close()
            for listener in house.doorway.listeners:
                listener.close()

    asyncio.run(body())


def test_without_a_pbx_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from asterisk_router.daemon.compose.daemon import build, followed\n"
        "from asterisk_router.daemon.service_manager import ServiceManager\n"
        "from asterisk_router.settings import Address, Settings\n"
        f"place = Path({str(tmp_path)!r})\n"
        "settings = Settings('shop', Address('127.0.0.1', 0), redis='embedded-process', state_dir=place)\n"
        "async def body():\n"
        "    house = await build(settings, ServiceManager({}))\n"
        "    print(await followed(settings, house))\n"
        "    await house.book.close()\n"
        "asyncio.run(body())\n"
        "print([name for name in sys.modules if 'panoramisk' in name or '.feeds.' in name or '.duties' in name])\n"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n[]\n"


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts and never says a word, as whoever is frozen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def policy(daemon, tmp_path: Path, until) -> Path:
    """A policy file that was in force, and is kept."""
    file = tmp_path / "policy.toml"
    file.write_bytes(files_of("shop")[-1].read_bytes())
    before = daemon(policy=file)
    until(lambda: (tmp_path / "state" / "policy" / "history").exists())
    before.process.terminate()
    assert before.wait() == 0
    return file


@pytest.mark.alone
def test_with_any_of_them_broken_it_answers_within_a_second(
    daemon, policy: Path, silent: int, redis_socket: Path
) -> None:
    good = policy.read_bytes()
    redis = (f"unix://{redis_socket}", f"redis://127.0.0.1:{silent}")
    ami = ("", f"ami://router:secret@127.0.0.1:{silent}/berlin ami://router:secret@127.0.0.1:1/bonn")
    ari = ("", f"ari://router:secret@127.0.0.1:{silent}/one ari://router:secret@127.0.0.1:1/two")
    took = []
    for bad in itertools.product((False, True), repeat=3):
        policy.write_bytes(b"[policy\n" if bad[0] else good)
        began_s = time.monotonic()
        router = daemon(policy=policy, redis=redis[bad[1]], ami=ami[bad[2]], ari=ari[bad[2]])
        said = router.call()
        took.append(time.monotonic() - began_s)
        assert said.endswith(SENTINEL), bad
        assert b'ROUTER_POLICY "shop-' in said
        assert b'ROUTER_DEGRADED "1"' in said or not bad[1]
        assert ("THE POLICY CANNOT BE USED" in router.log) == bad[0]
        router.process.kill()
        router.wait()
    print(f"answering after {took[0]:.2f} s with nothing broken, {min(took[1:]):.2f} to {max(took):.2f} s else")
    assert max(took) < ANSWERING_S + 2 * took[0], "a machine that runs other tests beside takes its time over any start"


def test_a_policy_mended_after_such_a_start_is_in_force(daemon, policy: Path, until) -> None:
    good = policy.read_text()
    policy.unlink()
    router = daemon(policy=policy)
    before = router.call()
    assert before.endswith(SENTINEL) and "THE POLICY CANNOT BE USED" in router.log
    policy.write_text(good.replace('name = "shop"', 'name = "mended"', 1))
    until(lambda: b'ROUTER_POLICY "mended-' in router.call())


def test_without_a_state_directory_it_answers_too(daemon, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    for redis in ("embedded-process", "embedded"):
        said = daemon(redis=redis).call()
        assert said.endswith(SENTINEL)
