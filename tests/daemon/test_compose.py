"""What a house is made of: what only the policy knows reaches the lines; nobody pays for a PBX that is not there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from asterisk_router.daemon.compose import build, followed
from asterisk_router.queues.events import LineListed, QueueListed
from asterisk_router.settings import Address, AmiServer, Settings

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
        house = await build(settings(tmp_path, BERLIN, BONN))
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


def test_each_pbx_is_followed_by_its_own_and_leaves_without_a_word_to_it(tmp_path: Path) -> None:
    async def body() -> None:
        given = settings(tmp_path, BERLIN, BONN)
        house = await build(given)
        try:
            pbxs = await followed(given, house)
            assert [pbx.keeper.line for pbx in pbxs] == list(house.lines)
            running = [asyncio.create_task(pbx.run()) for pbx in pbxs]
            while not all("cannot connect" in pbx.keeper.why for pbx in pbxs):
                await asyncio.sleep(0.01)
            assert not any(line.known(house.clock()) for line in house.lines)
            for task in running:
                task.cancel()
            done, _ = await asyncio.wait(running, timeout=5)
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
        "from asterisk_router.daemon.compose import build, followed\n"
        "from asterisk_router.settings import Address, Settings\n"
        f"place = Path({str(tmp_path)!r})\n"
        "settings = Settings('shop', Address('127.0.0.1', 0), redis='embedded-process', state_dir=place)\n"
        "async def body():\n"
        "    house = await build(settings)\n"
        "    print(await followed(settings, house))\n"
        "    await house.book.close()\n"
        "asyncio.run(body())\n"
        "print([name for name in sys.modules if 'panoramisk' in name or '.feeds.' in name or '.duties' in name])\n"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n[]\n"
