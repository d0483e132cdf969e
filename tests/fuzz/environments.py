"""Agi environments gone wrong in every way: each is decided by the default, or as an honest reading of it would be.

`python -m tests.fuzz environments` reads a million of them; the tests ten thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote

from asterisk_router._native import kernel
from asterisk_router._native import plain_agi_environment as plain
from asterisk_router.call_path import CallPath
from asterisk_router.callers.caller import Caller, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.load import load
from asterisk_router.wire.agi_session import read_call
from asterisk_router.wire.answer import answer
from asterisk_router.wire.incoming_call import IncomingCall
from tests.fuzz.honest import INSPECTOR, PARTNER, Owed, is_whole, owed
from tests.fuzz.hostile_texts import hostile_texts

RECORDED = tuple(path.read_bytes() for path in sorted((Path(__file__).parents[1] / "recorded").glob("*.agi")))
AT_S = 1_795_413_703.0
CLASSES = {PARTNER: "partner", INSPECTOR: "inspector"}
LINE = re.compile(rb'SET VARIABLE ROUTER_[A-Z_]+ "([^"\\$\x00-\x1f\x7f]*)"\n')
SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
TWINS_AT = 10
"""The plain twin reads every so manieth as well: it takes as long as all the rest, and has tests of its own."""
_TEXTS = hostile_texts()
_NUMBERS = (PARTNER, INSPECTOR, "+42125550100", "02/5550107", "anonymous", "")
_SAID = (
    (b"choice", "complaint"), (b"choice", "incident"), (b"did", "+42125550911"), (b"did", "42125550911"),
    (b"att", "A"), (b"att", "B"), (b"ver", "success"), (b"ver", "Verification failed"), (b"proof", "pin"),
    (b"pai", f"<sip:{PARTNER}@carrier.example>"), (b"pai", f'"0" <tel:{INSPECTOR}>'), (b"trunk", "other"),
    (b"pres", "prohib"), (b"pres", "allowed"), (b"pres", "67"),
)  # fmt: skip


class Fault(NamedTuple):
    """One that was not borne."""

    place: int
    """Which of the run, from 0."""
    wrong: str
    """What was wrong."""
    block: bytes
    """The environment."""


class Verdict(NamedTuple):
    """What became of a run."""

    read: int
    """Environments that were whole."""
    parts: int
    """Environments that were not, so that more is waited for."""
    tainted: int
    """Whole ones that are not believed."""
    known: int
    """Whole ones that were those of somebody on record."""
    certain: int
    """Whole ones of which one decision alone was right."""
    faults: list[Fault]
    """What was not borne."""


def environments(count: int, dice: Random) -> Iterator[bytes]:
    """So many, one to four accidents each."""
    for _ in range(count):
        block = dice.choice(RECORDED)
        number = dice.choice(_NUMBERS)
        block = block.replace(b"%2B42125550100", quote(number, safe="").encode()).replace(
            b"+42125550100", number.encode()
        )
        for _ in range(dice.randint(1, 4)):
            block = _ACCIDENTS[dice.randrange(len(_ACCIDENTS))](block, dice)
        yield block


def _place(block: bytes, dice: Random) -> int:
    return dice.randrange(len(block) + 1)


def _flip(block: bytes, dice: Random) -> bytes:
    at = _place(block, dice)
    return block[:at] + bytes([dice.randrange(256)]) + block[at + 1 :]


def _lose(block: bytes, dice: Random) -> bytes:
    at = _place(block, dice)
    return block[:at] + block[at + dice.randint(1, 40) :]


def _double(block: bytes, dice: Random) -> bytes:
    at = _place(block, dice)
    return block[: at + dice.randint(1, 40)] + block[at:]


def _put_text(block: bytes, dice: Random) -> bytes:
    at = _place(block, dice)
    return block[:at] + dice.choice(_TEXTS) + block[at:]


def _put_value(block: bytes, dice: Random) -> bytes:
    """In a line of the block, as Asterisk would copy it from a caller."""
    lines = block.split(b"\n")
    at = dice.randrange(len(lines))
    lines[at] = lines[at].partition(b": ")[0] + b": " + dice.choice(_TEXTS)
    return b"\n".join(lines)


def _put_query(block: bytes, dice: Random) -> bytes:
    """In the query, encoded as the dialplan does it."""
    name = dice.choice(
        (b"num=", b"name=", b"did=", b"rdnis=", b"pres=", b"att=", b"ver=", b"choice=", b"lang=", b"trunk=")
    )
    return block.replace(name, name + quote(dice.choice(_TEXTS), safe="").encode(), dice.choice((1, 2)))


def _say(block: bytes, dice: Random) -> bytes:
    """What an honest dialplan might say as well, each in turn true of some calls."""
    name, value = dice.choice(_SAID)
    said = b"%b=%b&" % (name, quote(value, safe="").encode())
    there = re.compile(rb"(?<=[?& ])%b=[^&\n]*&" % name)
    return there.sub(said, block) if there.search(block) else block.replace(b"num=", said + b"num=")


def _swap(block: bytes, dice: Random) -> bytes:
    lines = block.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _end(block: bytes, dice: Random) -> bytes:
    return block + dice.choice((b"", b"\n", b"HANGUP\n", b"\n\n", b"x" * 40_000 + b"\n\n"))


def _intact(block: bytes, dice: Random) -> bytes:
    return block


_ACCIDENTS = (_flip, _lose, _double, _put_text, _put_value, _swap, _end, *[_put_query] * 7, *[_say] * 6, *[_intact] * 7)
"""Those that leave a block to be believed as often as those that do not."""


class Judge:
    """Decides environments by the shop's policy, and looks at each decision and its answer."""

    def __init__(self) -> None:
        policy = load("shop")
        tags = {name: Tag(name, author="import", created_at_s=int(AT_S) - 86_400) for name in CLASSES.values()}
        book = MemoryBook(Caller(numbers=(number,), tags=(tags[name],)) for number, name in CLASSES.items())
        self._path = CallPath(policy, book, book.ranges)
        self._parse = kernel("agi_environment").parse

    def of(self, blocks: Iterable[bytes]) -> Verdict:
        """Judge them all."""
        read = parts = tainted = known = certain = 0
        faults: list[Fault] = []
        for place, block in enumerate(blocks):
            call, wrong = read_call(block), ""
            if place % TWINS_AT == 0 and self._parse(block) != plain.parse(block):
                wrong = "the twins differ"
            if (call is not None) != is_whole(block):
                wrong = "whole and not taken for it, or the other way round"
            if call is None:
                parts += 1
            else:
                due, decision = owed(block), self._decided(call)
                read += 1
                tainted += bool(call.tainted)
                known += isinstance(decision, Decision) and decision.caller_class in CLASSES.values()
                certain += len(due.outcomes) == 1
                wrong = wrong or self._wrong(due, decision)
            if wrong:
                faults.append(Fault(place, wrong, block))
        return Verdict(read, parts, tainted, known, certain, faults)

    def told(self, block: bytes) -> str:
        """What became of one, for a person."""
        call = read_call(block)
        if call is None:
            return "read as: the beginning of an environment"
        return f"read as: {call}\n\nowed: {owed(block)}\n\ndecided: {self._decided(call)}"

    def _decided(self, call: IncomingCall) -> Decision | Exception:
        told: list[Decision | Exception] = []
        try:
            self._path.route(call, AT_S, told.append, told.append)
        except Exception as fault:
            return fault
        return told[0] if len(told) == 1 else RuntimeError(f"decided {len(told)} times")

    def _wrong(self, due: Owed, decision: Decision | Exception) -> str:
        """What is wrong about the decision, or its answer; empty for nothing."""
        if isinstance(decision, Exception):
            return repr(decision)
        said = answer(decision)
        if not said.endswith(SENTINEL) or LINE.sub(b"", said):
            return f"a malformed answer {said!r}"
        if (decision.caller_class, decision.branch) not in due.outcomes:
            return f"{decision.caller_class} in {decision.branch}, and owed is {sorted(due.outcomes)}"
        if due.number not in (None, decision.number):
            return f"taken for {decision.number or 'nobody'}, and it is {due.number or 'nobody'}"
        if decision.trust > due.most_trust:
            return f"believed at E{decision.trust}, and E{due.most_trust} is the most"
        return ""
