"""Five hundred hostile texts in every field a caller can fill: no answer, log, export or command has one raw."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fuzz.hostile_texts import COUNT, hostile_texts
from tests.live.people import command, shop_always_open
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.router_process import RouterProcess

pytestmark = pytest.mark.live

RECORDED = (Path(__file__).parents[1] / "recorded" / "fastagi.agi").read_bytes()
BLOCK = RECORDED.replace(b"route?", b"route?pai=&proof=&")
"""As recorded, with what a trunk that screens and a PIN would add."""
QUERIED = (b"num", b"name", b"did", b"rdnis", b"pres", b"lang", b"trunk", b"choice", b"att", b"ver", b"pai", b"proof")
"""What the dialplan hands over encoded."""
COPIED = (b"callerid", b"calleridname", b"dnid", b"rdnis", b"extension", b"channel", b"accountcode")
"""What Asterisk copies into the block as it is."""
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Controls of a terminal and of writing direction, and what nobody sees: nowhere, whatever it is part of."""
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ |asterisk-router listening on ")
"""How each line of the log begins."""
LINE = re.compile(rb'SET VARIABLE ROUTER_[A-Z_]+ "[^"\\$\x00-\x1f\x7f]*"\n')
SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d*]+$)")
"""What a spreadsheet takes for a formula; a telephone number is none, masked or not."""


class Told:
    """A daemon that has been told all of it."""

    def __init__(self, router: RouterProcess, redis: RedisServer, spool: Path, folder: Path) -> None:
        self.router, self.redis, self.spool, self.folder = router, redis, spool, folder
        with ThreadPoolExecutor(8) as callers:
            self.answers = list(callers.map(self._answer, self._blocks()))

    def _blocks(self) -> Iterator[bytes]:
        serial = 0
        for text in hostile_texts():
            encoded = quote(text, safe="").encode()
            queried = [re.sub(rb"([?&]%b=)[^&\n]*" % name, rb"\g<1>" + encoded, BLOCK) for name in QUERIED]
            before = [(line := b"agi_%b: " % name, BLOCK.partition(b"\n" + line)) for name in COPIED]
            copied = [head + b"\n" + line + text + rest[rest.index(b"\n") :] for line, (head, _, rest) in before]
            for block in queried + copied:
                serial += 1
                yield block.replace(b"1795413703.0", b"%d.%d" % (time.time(), serial))

    def _answer(self, block: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.router.port), timeout=30) as client:
            client.sendall(block)
            return client.makefile("rb").read()

    def says(self, *words: str) -> str:
        """What a command prints."""
        return command(*words, "--redis", self.redis.unix_url, "--state-dir", str(self.router.folder))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder, redis = tmp_path_factory.mktemp("hostile"), RedisServer().start()
    spool = folder / "spool"
    spool.mkdir()
    router = RouterProcess(free_port(), redis.unix_url, folder)
    try:
        router.start(shop_always_open(folder), "--spool-dir", str(spool), "--log-level", "debug")
        yield Told(router, redis, spool, folder)
    finally:
        router.stop()
        redis.stop()


def test_they_are_five_hundred_and_different() -> None:
    assert len(set(hostile_texts())) == COUNT


def test_every_answer_is_whole_and_well_formed(told: Told) -> None:
    assert len(told.answers) == COUNT * len(QUERIED + COPIED)
    assert sum(said == b"" for said in told.answers) <= COUNT // 100, "nearly all: a busy machine may let one go"
    for said in filter(None, told.answers):
        assert said.endswith(SENTINEL)
        assert LINE.sub(b"", said) == b""


def test_the_log_holds_lines_of_ours_alone(told: Told) -> None:
    for line in told.router.log.splitlines():
        assert LOGGED.match(line), f"not a line of ours: {line!r}"
        assert not RAW.search(line), repr(line)


@pytest.mark.parametrize("words", ["calls export --full", "calls tail -n 10000 --full --json"])
def test_documents_for_programs_hold_nothing_raw(told: Told, words: str) -> None:
    lines = told.says(*words.split()).splitlines()
    assert len(lines) > COUNT
    for line in lines:
        assert not RAW.search(line), repr(line)
        assert isinstance(json.loads(line), dict)


def test_a_spreadsheet_takes_no_cell_for_a_formula(told: Told) -> None:
    said = told.says("calls", "export", "--full", "--csv")
    assert not RAW.search(said.replace("\r\n", "\n"))
    heading, *rows = csv.reader(io.StringIO(said))
    assert len(rows) > COUNT
    for row in rows:
        assert len(row) == len(heading)
        assert not [cell for cell in row if FORMULA.match(cell)]


@pytest.mark.parametrize(
    "words",
    [
        "calls tail -n 10000 --full",
        "calls explain last --policy shop",
        "calls explain last --policy shop --json",
        "calls waits",
        "callbacks list",
        "callbacks list --json",
    ],
)
def test_a_terminal_is_told_nothing_raw(told: Told, words: str) -> None:
    said = told.says(*words.split())
    assert not RAW.search(said), repr(RAW.search(said))
