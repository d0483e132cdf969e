"""Agi environments gone wrong in every way: each is decided by the default, or as an honest reading of it would be.

`python -m tests.fuzz environments` reads a million of them; the tests ten thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

import phonenumbers

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
from tests.fuzz.hostile_texts import hostile_texts

RECORDED = tuple(path.read_bytes() for path in sorted((Path(__file__).parents[1] / "recorded").glob("*.agi")))
AT_S = 1_795_413_703.0
PARTNER, INSPECTOR = "+42125550107", "+42125550108"
"""On record: whoever is taken for them without being them is a fault."""
CLASSES = {PARTNER: "partner", INSPECTOR: "inspector"}
LINE = re.compile(rb'SET VARIABLE ROUTER_[A-Z_]+ "([^"\\$\x00-\x1f\x7f]*)"\n')
SENTINEL = b'SET VARIABLE ROUTER_OK "1"\n'
_TEXTS = hostile_texts()
_NUMBERS = (PARTNER, INSPECTOR, "+42125550100", "02/5550107", "anonymous", "")


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
    faults: list[str]
    """What was wrong, with the bytes."""


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


def _swap(block: bytes, dice: Random) -> bytes:
    lines = block.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _end(block: bytes, dice: Random) -> bytes:
    return block + dice.choice((b"", b"\n", b"HANGUP\n", b"\n\n", b"x" * 40_000 + b"\n\n"))


def _intact(block: bytes, dice: Random) -> bytes:
    return block


_ACCIDENTS = (_flip, _lose, _double, _put_text, _put_value, _swap, _end, *[_put_query] * 7, *[_intact] * 7)
"""Those that leave a block to be believed as often as those that do not."""


class Judge:
    """Decides environments by the shop's policy, and looks at each decision and its answer."""

    def __init__(self) -> None:
        self._policy = load("shop")
        tags = {name: Tag(name, author="import", created_at_s=int(AT_S) - 86_400) for name in CLASSES.values()}
        book = MemoryBook(Caller(numbers=(number,), tags=(tags[name],)) for number, name in CLASSES.items())
        self._path = CallPath(self._policy, book, book.ranges)
        self._parse = kernel("agi_environment").parse
        self._branches = {*self._policy.branches, "default"}

    def of(self, blocks: Iterator[bytes]) -> Verdict:
        """Judge them all."""
        read = parts = tainted = known = 0
        faults: list[str] = []
        for block in blocks:
            call = read_call(block)
            if self._parse(block) != plain.parse(block):
                faults.append(f"the twins differ over {block!r}")
            if call is None:
                parts += 1
                continue
            read += 1
            tainted += bool(call.tainted)
            decided: list[Decision] = []
            self._path.route(call, AT_S, decided.append, lambda fault: faults.append(repr(fault)))
            (decision,) = decided
            known += decision.caller_class in CLASSES.values()
            wrong = self._wrong(block, call, decision)
            if wrong:
                faults.append(f"{wrong}: {block!r}")
        return Verdict(read, parts, tainted, known, faults)

    def _wrong(self, block: bytes, call: IncomingCall, decision: Decision) -> str:
        """What is wrong about the decision, or its answer; empty for nothing."""
        said = answer(decision)
        if not said.endswith(SENTINEL) or LINE.sub(b"", said):
            return f"a malformed answer {said!r}"
        if decision.branch not in self._branches:
            return f"no branch {decision.branch}"
        if call.tainted and (decision.branch, decision.number) != ("default", ""):
            return f"tainted, and {decision.branch} for {decision.number}"
        for number, caller_class in CLASSES.items():
            if decision.caller_class == caller_class and honest_number(block) != number:
                return f"{decision.caller_class} for {honest_number(block) or 'nobody'}"
        return ""


def honest_number(block: bytes) -> str:
    """The caller's number in a block, read by other means than ours: empty when there is none to believe."""
    script = re.match(rb"agi_network: yes\nagi_network_script: [^\n]*?\?([^\n]*)\n", block)
    argument = None if block.startswith(b"agi_network: yes") else re.search(rb"\nagi_arg_1: ([^\n]*)\n", block)
    query = script[1] if script else argument[1].rpartition(b"?")[2] if argument else b""
    values = [pair[4:] for pair in query.split(b"&") if pair.startswith(b"num=")]
    raw = re.search(rb"\nagi_callerid: ([^\n]*)\n", block)
    text = unquote_to_bytes(values[0]) if values else raw[1] if raw else b""
    try:
        number = phonenumbers.parse(text.decode(errors="replace"), "SK")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
