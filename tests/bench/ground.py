"""What every served measure stands on: the programs, a million numbers, and a real Redis that knows the callers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import phonenumbers

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire import caller_record

from .load import WIDTH, Load
from .machine import build, cores
from .processes import Process

EXCHANGES = 10_000
SINCE_S = 1_700_000_000


class Ground(NamedTuple):
    """Built once for a run of the bench."""

    directory: Path
    """For sockets, programs and files; removed afterwards."""
    quick: bool
    """Whether a rough answer in two minutes is wanted."""
    load: Load
    """Plays calls."""
    floor: Path
    """The compiled floor server."""
    records: Path
    """The callers as Redis commands, ready for `redis-cli --pipe`."""
    redis: Redis
    """Holds them."""
    fill_s: float
    """What `redis-cli --pipe` took to store them."""
    caller_bytes: float
    """Redis memory per caller, key and all."""

    @property
    def callers(self) -> int:
        """How many callers Redis knows."""
        return self.load.count


class Redis(Process):
    """A redis-server of the bench on a private unix socket, nothing written to disk."""

    def __init__(self, directory: Path, name: str) -> None:
        self.socket = directory / f"{name}.sock"
        """Where it listens."""
        self._client = ("redis-cli", "-s", str(self.socket))
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        super().__init__([*command, "--dir", str(directory)], cores()[1], directory / f"{name}.log")
        self.wait_for(str(self.socket))

    @property
    def url(self) -> str:
        """As `--redis` takes it."""
        return f"unix://{self.socket}"

    def fill(self, records: Path) -> float:
        """Send ready commands through `redis-cli --pipe`; returns the seconds it took."""
        began = time.perf_counter()
        with records.open("rb") as commands:
            subprocess.run([*self._client, "--pipe"], stdin=commands, capture_output=True, check=True)
        return time.perf_counter() - began

    def ask(self, *command: str) -> str:
        """One command, its reply as text."""
        told = subprocess.run([*self._client, *command], capture_output=True, text=True, check=True)
        return told.stdout.strip()

    def memory(self) -> int:
        """Bytes its data takes."""
        report = dict(line.split(":", 1) for line in self.ask("INFO", "memory").splitlines() if ":" in line)
        return int(report["used_memory"])


@contextmanager
def prepared(directory: Path, quick: bool) -> Iterator[Ground]:
    """Build the programs, write the numbers and their records, start Redis and fill it; Redis ends with the block."""
    count = 200_000 if quick else 1_000_000
    numbers, records = directory / "numbers", directory / "records"
    numbers.write_text("".join(f"{number}\n" for number in made_up_numbers(count)))
    if numbers.stat().st_size != count * WIDTH:
        raise SystemExit("bench: the numbers file has lines of different widths")
    with records.open("wb") as commands:
        commands.writelines(set_command(number) for number in made_up_numbers(count))
    load = Load(build("load.c", directory), numbers, count, cores()[1])
    floor = build("peers/floor.c", directory)
    with Redis(directory, "redis") as redis:
        before = redis.memory()
        fill_s = redis.fill(records)
        caller_bytes = (redis.memory() - before) / count
        yield Ground(directory, quick, load, floor, records, redis, fill_s, caller_bytes)


def made_up_numbers(count: int) -> Iterator[str]:
    """Canonical numbers of exchange 555, where nobody lives, in as many area codes as it takes."""
    for code in islice(area_codes(), count // EXCHANGES):
        for line in range(EXCHANGES):
            yield f"+1{code}555{line:04d}"


def area_codes() -> Iterator[int]:
    """Area codes of North America in use: the numbers must be valid to be looked up."""
    for code in range(201, 990):
        if phonenumbers.is_valid_number(phonenumbers.parse(f"+1{code}5550000")):
            yield code


def set_command(number: str) -> bytes:
    """The record of one tagged caller, as Redis takes it."""
    tag = Tag("customer", author="import", evidence="crm-2024", created_at_s=SINCE_S)
    caller = Caller(numbers=(number,), name="Jana Nováková", tags=(tag,), value=int(number[-4:]), orders=3)
    record = caller_record.encode(caller)
    key = RedisKeys().caller(number)
    return b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(key), key, len(record), record)


def key_around() -> tuple[str, str]:
    """What stands before and after the number in a caller's key."""
    before, _, after = RedisKeys().caller("|").decode().partition("|")
    return before, after
