"""Five hundred hostile texts on every other way in: records of callers, reports of ends, the manager interface."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.store.redis_keys import RedisKeys
from asterisk_router.wire.answer import MOST_TEXT
from asterisk_router.wire.caller_record import encode
from tests.feeds.scripted_pbx import ScriptedPbx, listing
from tests.fuzz.hostile_texts import COUNT, hostile_texts
from tests.fuzz.test_hostile_text import BLOCK, FORMULA, LINE, LOGGED, RAW, SENTINEL
from tests.live.people import command, shop_always_open
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess

pytestmark = [pytest.mark.live, pytest.mark.patient]

REPORTED = ("class", "branch", "queue", "qs", "ds", "member", "dialled", "callback", "rang", "over", "answered")
"""Names of a report of an end, and those of the line it stands on."""
QUERIED = ("num", "did", "chan", "lid", "name")
WITHIN_S = 90
TEXTS = [text.decode(errors="replace") for text in hostile_texts()]
AT_S = int(time.time())


def number_of(at: int) -> str:
    return f"+4212555{at:04d}"


def callers() -> Iterator[tuple[str, bytes]]:
    """A record for each text, in every field that people and imports write."""
    for at, text in enumerate(TEXTS):
        tag = Tag("customer", author=text, evidence=text, created_at_s=AT_S - 86_400)
        caller = Caller((number_of(at),), text, (tag,), 3000, 2, text[:20], text, (text[:40],))
        with suppress(UnicodeEncodeError):
            yield number_of(at), encode(caller)


def reports() -> Iterator[bytes]:
    """A line of the spool for each text and field, encoded as the dialplan does it, and once as it is."""
    serial = 0
    for text in hostile_texts():
        encoded = quote(text, safe="")
        fields = [f"num=%2B421255501{serial % 100:02d}&end={name}%3D{encoded}%3Bqs%3DTIMEOUT" for name in REPORTED]
        fields += [f"{name}={encoded}&end=qs%3DTIMEOUT" for name in QUERIED]
        for each in fields:
            serial += 1
            yield f"uid=1795413703.{serial}&{each}&lid=1.1\n".encode()
        yield b"uid=1.%d&num=" % serial + text + b"&end=qs%3DTIMEOUT\n"


def line_of(texts: list[bytes]) -> bytes:
    """A snapshot in which each text is a caller's name and number, an agent's name and why the agent paused."""
    blocks = listing().split(b"\r\n\r\n")
    caller = next(block for block in blocks if block.startswith(b"Event: QueueEntry"))
    agent = next(block for block in blocks if block.startswith(b"Event: QueueMember"))
    params = next(block for block in blocks if b"\r\nQueue: sales\r\n" in block and b"QueueParams" in block)
    agent = re.sub(rb"Queue: [^\r]+", b"Queue: sales", agent)
    listed = [blocks[0], params.replace(b"Calls: 3", b"Calls: %d" % len(texts))]
    for at, text in enumerate(texts):
        said = text.replace(b"\r", b" ").replace(b"\n", b" ").replace(b"\\", b"\\\\")
        fields = {b"CallerIDName": said, b"CallerIDNum": said, b"Uniqueid": b"9.%d" % at, b"Position": b"%d" % (at + 1)}
        listed.append(_with(caller, fields))
        listed.append(_with(agent, {b"Name": said, b"PausedReason": said, b"Location": b"PJSIP/a%d" % at}))
    end = re.sub(rb"ListItems: \d+", b"ListItems: %d" % (len(listed) - 1), blocks[-2])
    return b"\r\n\r\n".join((*listed, end, b""))


def _with(block: bytes, fields: dict[bytes, bytes]) -> bytes:
    lines = (line.partition(b": ") for line in block.split(b"\r\n"))
    return b"\r\n".join(b"%b: %b" % (key, fields.get(key, value)) for key, _, value in lines)


class Manager:
    """A manager interface of ours, in a thread of its own."""

    def __init__(self) -> None:
        self.pbx = ScriptedPbx()
        self.pbx.answers["QueueStatus"] = line_of(hostile_texts())
        self.pbx.answers["QueueSummary"] = listing("sum-1").replace(b"Callers: 3", b"Callers: %d" % COUNT)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.pbx.start(), self._loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.pbx.stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)


class Told:
    """A daemon that has heard all of it."""

    def __init__(self, router: RouterProcess, redis: RedisServer, spool: Path) -> None:
        self.router, self.redis = router, redis
        left = spool / "unreported"
        lines = list(reports())
        left.write_bytes(b"".join(lines))
        self.reports = len(lines)
        self.answers = [self._answer(number) for number, _ in callers()]
        until = time.monotonic() + WITHIN_S
        while list(spool.iterdir()) and time.monotonic() < until:
            time.sleep(0.1)
        assert not list(spool.iterdir()), "the reports are not taken in"
        while not json.loads(self.says("queue", "show", "--json"))[0]["queues"] and time.monotonic() < until:
            time.sleep(0.1)

    def _answer(self, number: str) -> bytes:
        block = BLOCK.replace(b"%2B42125550100", quote(number, safe="").encode()).replace(
            b"+42125550100", number.encode()
        )
        with socket.create_connection(("127.0.0.1", self.router.port), timeout=30) as client:
            client.sendall(block.replace(b"1795413703.0", b"%d.%s" % (time.time(), number[-4:].encode())))
            return client.makefile("rb").read()

    def says(self, *words: str) -> str:
        """What a command prints."""
        return command(*words, "--redis", self.redis.unix_url, "--state-dir", str(self.router.folder))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder, redis, manager = tmp_path_factory.mktemp("sources"), RedisServer().start(), Manager()
    spool = folder / "spool"
    spool.mkdir()
    router = RouterProcess(free_port(), redis.unix_url, folder)
    try:
        for number, record in callers():
            redis.command("SET", RedisKeys().caller(number), record)
        ami = f"ami://router:{manager.pbx.secret}@127.0.0.1:{manager.pbx.port}/shop"
        options = ("--spool-dir", str(spool), "--ami", ami, "--log-level", "debug")
        router.start(shop_always_open(folder), *options)
        yield Told(router, redis, spool)
    finally:
        router.stop()
        manager.stop()
        redis.stop()


def test_every_caller_on_record_has_a_whole_answer_without_what_acts(told: Told) -> None:
    named = 0
    for said in told.answers:
        assert said.endswith(SENTINEL)
        assert LINE.sub(b"", said) == b""
        name = re.search(rb'ROUTER_SCREEN_NAME "([^"]*)"', said)
        assert name is not None and not re.search(rb"[,;|$]", name[1]) and len(name[1].decode()) <= MOST_TEXT
        named += b"zq7" in name[1]
    assert named > COUNT / 2, "their names are not told: the records were not read"


def test_the_log_holds_lines_of_ours_alone(told: Told) -> None:
    for line in told.router.log.splitlines():
        assert LOGGED.match(line) or line.startswith("  "), f"not a line of ours: {line!r}"
        assert not RAW.search(line), repr(line)
    assert "Traceback" not in told.router.log


@pytest.mark.parametrize(
    "words",
    [
        "queue show",
        "callbacks list",
        "callbacks list --closed",
        "calls tail -n 10000 --full",
        "calls waits",
        "acts list",
        *(f"caller {what} {number_of(at)}" for what in ("show", "card") for at in range(0, COUNT, 125)),
        *(f"tag list {number_of(at)}" for at in range(0, COUNT, 250)),
    ],
)
def test_a_terminal_is_told_nothing_raw(told: Told, words: str) -> None:
    said = told.says(*words.split(), *(("--country", "SK") if words[:6] == "caller" or words[:3] == "tag" else ()))
    assert not RAW.search(said), repr(RAW.search(said))


@pytest.mark.parametrize(
    "words", ["queue show --json", "callbacks list --json", "acts list --json", "caller card --json"]
)
def test_documents_for_programs_hold_nothing_raw(told: Told, words: str) -> None:
    more = (number_of(0), "--country", "SK") if words[:6] == "caller" else ()
    said = told.says(*words.split(), *more)
    assert not RAW.search(said), repr(RAW.search(said))
    json.loads(said)


def test_the_board_has_them_all(told: Told) -> None:
    (board,) = json.loads(told.says("queue", "show", "--json"))
    (sales,) = [queue for queue in board["queues"] if queue["queue"] == "sales"]
    assert (len(sales["callers"]), len(sales["members"])) == (COUNT, COUNT)


def test_a_spreadsheet_takes_no_cell_for_a_formula(told: Told) -> None:
    said = told.says("calls", "export", "--full", "--csv")
    heading, *rows = csv.reader(io.StringIO(said))
    assert len(rows) >= len(told.answers)
    assert not [cell for row in rows for cell in row if FORMULA.match(cell) or len(row) != len(heading)]
