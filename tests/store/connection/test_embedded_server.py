"""The embedded server lives as long as anybody uses it, whoever started it and whoever is killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from asterisk_router.callers.caller import Caller
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.store.connection.server_probe import who_answers
from asterisk_router.store.open_book import EMBEDDED, open_book
from asterisk_router.store.redis_book import RedisBook

ROOT = Path(__file__).parents[3]
USER = """
import asyncio, sys
from pathlib import Path
from asterisk_router.callers.caller import Caller
from asterisk_router.errors import StoreUnavailableError
from asterisk_router.store.open_book import open_book

async def use(state_dir, number):
    async with await open_book("embedded", state_dir=Path(state_dir)) as book:
        await book.save_many([Caller((number,), "Ann")])
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        assert (await book.show(number)).name == "Ann"

asyncio.run(use(*sys.argv[1:]))
"""


class User:
    """A process that uses the store until it is told to leave."""

    def __init__(self, state_dir: Path, number: str) -> None:
        command = [sys.executable, "-c", USER, str(state_dir), number]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def opened(self) -> User:
        assert self.process.stdout and self.process.stdout.readline() == "open\n"
        return self

    def leave(self) -> None:
        self.process.communicate("\n", timeout=30)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=30)


@pytest.fixture
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a path short enough for a socket."""
    return tmp_path_factory.mktemp("s")


@pytest.fixture
def user(state_dir: Path) -> Iterator[Callable[[], User]]:
    """Starts users; ends those that are left, and the server with the last one."""
    started: list[User] = []

    def start() -> User:
        started.append(User(state_dir, f"+1202555{100 + len(started):04d}"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()
    asyncio.run(visit(state_dir))


async def visit(state_dir: Path) -> set[str]:
    """Open the store, see who is in it, leave."""
    async with await open_book(EMBEDDED, state_dir=state_dir) as book:
        return {caller.numbers[0] async for caller in book.callers()}


def pid(state_dir: Path) -> int:
    answering = asyncio.run(who_answers(str(state_dir / "redis" / "redis.sock")))
    return answering.pid if answering else 0


def test_who_started_it_leaves_first_and_the_others_keep_it(state_dir: Path, user: Callable[[], User]) -> None:
    importer = user().opened()
    daemon = user().opened()
    server = pid(state_dir)
    importer.leave()
    assert pid(state_dir) == server
    daemon.leave()
    assert pid(state_dir) == 0


def test_root_starts_it_as_whose_directory_it_is() -> None:
    """Else the service could not write what a command of root's left there."""
    service = 65534 if os.geteuid() == 0 else os.geteuid()
    with tempfile.TemporaryDirectory(prefix="ar-") as made:
        state_dir = Path(made)
        (state_dir / "redis").mkdir()
        for path in (state_dir, state_dir / "redis"):
            path.chmod(0o755)
            os.chown(path, service, -1)
        asyncio.run(visit(state_dir))
        assert {path.stat().st_uid for path in (state_dir / "redis" / "appendonlydir").rglob("*")} == {service}


def test_who_is_killed_counts_no_more(state_dir: Path, user: Callable[[], User]) -> None:
    starter, other = user().opened(), user().opened()
    starter.kill()
    assert pid(state_dir)
    other.leave()
    assert pid(state_dir) == 0


def test_when_all_were_killed_the_next_one_takes_it_over_and_stops_it(
    state_dir: Path, user: Callable[[], User]
) -> None:
    users = [user().opened(), user().opened()]
    server = pid(state_dir)
    for one in users:
        one.kill()
    late = user().opened()
    assert pid(state_dir) == server
    late.leave()
    assert pid(state_dir) == 0


def test_many_come_and_go_at_once_and_nothing_is_lost(state_dir: Path, user: Callable[[], User]) -> None:
    for _ in range(3):
        users = [user() for _ in range(4)]
        for one in users:
            one.opened().leave()  # the next ones may meet the end of the one before
    assert len(asyncio.run(visit(state_dir))) == 12
    assert pid(state_dir) == 0


def test_whoever_has_no_program_joins_the_server_of_the_others(
    state_dir: Path, user: Callable[[], User], monkeypatch: pytest.MonkeyPatch
) -> None:
    user().opened()
    monkeypatch.setenv("PATH", "/nonexistent")
    assert asyncio.run(visit(state_dir)) == {"+12025550100"}
    assert pid(state_dir)


def test_whoever_has_a_program_joins_the_store_in_a_process(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        with monkeypatch.context() as without:
            without.setenv("PATH", "/nonexistent")
            owner = await open_book(EMBEDDED, state_dir=state_dir)
        await owner.save_many([Caller(("+12025550100",), "Ann")])
        assert await visit(state_dir) == {"+12025550100"}
        assert (await owner.show("+12025550100")).name == "Ann", "nobody has stopped it"
        await owner.close()

    asyncio.run(body())


@contextmanager
def slow_server(directory: Path) -> Iterator[None]:
    """A server that takes a second to read its file."""
    directory.mkdir()
    socket = directory / "redis.sock"
    command = [
        "redis-server",
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--dir",
        str(directory),
        "--save",
        "",
        "--rdbcompression",
        "no",
    ]
    fill = "for key = 1, 100 do redis.call('SET', 'key' .. key, string.rep('x', 5000)) end"
    for options in ((), ("--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024")):
        with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as server:
            while not (answering := asyncio.run(who_answers(str(socket)))):
                assert server.poll() is None
            if options:
                yield
            else:
                assert answering.ready
                for act in (("EVAL", fill, "0"), ("SAVE",)):
                    subprocess.run(["redis-cli", "-s", str(socket), *act], check=True, stdout=subprocess.DEVNULL)
            server.terminate()


def test_a_server_that_reads_its_file_is_not_waited_for_and_said_once(
    state_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "asterisk_router")

    async def body() -> None:
        async with await open_book(EMBEDDED, state_dir=state_dir, wait_s=0.05, call_budget_s=5.0) as book:
            assert await found(book) == (Caller.UNKNOWN, True)
            while (await found(book))[1] or not await acts(book):
                await asyncio.sleep(0.01)

    with slow_server(state_dir / "redis"):
        asyncio.run(body())
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 2 and all("LOADING" in warning for warning in warnings), "one for each of the connections"


async def found(book: RedisBook) -> tuple[Caller, bool]:
    """What a call is told."""
    told: asyncio.Future[tuple[Caller, bool]] = asyncio.get_running_loop().create_future()
    book.find("+12025550100", lambda caller, degraded: told.set_result((caller, degraded)))
    return await told


async def acts(book: RedisBook) -> bool:
    """Whether the connection for acts of people works too."""
    with suppress(StoreUnavailableError):
        return await book.show("+12025550100") == Caller.UNKNOWN
    return False
