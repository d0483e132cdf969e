"""Everything that reads bytes of others: whatever they are, a reading or the error its docstring names, nothing else.

The tests damage what each is meant to read; `make fuzz` has atheris look for bytes that lead somewhere new.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from asterisk_router._native import kernel
from asterisk_router._native import plain_agi_environment as plain
from asterisk_router.admin.asked import frame
from asterisk_router.admin.asked.callers import TagRemove
from asterisk_router.admin.asked.table import read_wish
from asterisk_router.call_path import CallPath
from asterisk_router.callers.call_back import CallBack
from asterisk_router.callers.caller import Caller, History, Tag
from asterisk_router.callers.memory_book import MemoryBook
from asterisk_router.callers.registered_call import BeganCall, EndedCall
from asterisk_router.errors import (
    ActRecordError,
    AmiError,
    AriError,
    CallBackRecordError,
    CallerRecordError,
    CallRecordError,
    ForgedBlockError,
    RouterError,
)  # fmt: skip
from asterisk_router.numbering.number import Number
from asterisk_router.policy.load import load
from asterisk_router.wire import act_record, call_back_record, call_record, caller_record, journal_frame
from asterisk_router.wire.ami_events import KINDS, event_of
from asterisk_router.wire.ami_stream import BlockReader
from asterisk_router.wire.answer import answer
from asterisk_router.wire.ari_events import calls_claimed, calls_inside, channel_of, incoming_call_of
from asterisk_router.wire.ari_http import HttpReader
from asterisk_router.wire.end_report import read, read_line
from asterisk_router.wire.incoming_call import IncomingCall
from tests.fuzz.kept_values import kept_values

RECORDED = Path(__file__).parents[1] / "recorded"
AT_S = 1_795_413_703
NUMBER = "+12025550100"
CALL = IncomingCall(NUMBER, "+42120550000")


class Target(NamedTuple):
    """One reader."""

    reads: Callable[[bytes], object]
    """Reads bytes as the product does; whatever it raises is a fault."""
    seeds: tuple[bytes, ...]
    """What it is meant to read."""


def _environment(data: bytes) -> None:
    assert plain.parse(data) == kernel("agi_environment").parse(data), "the twins differ"


def _manager_interface(data: bytes) -> None:
    """In two pieces as in one; what is not believed is dropped by the feed, what is becomes an event."""
    heard: list[list[object] | str] = []
    for pieces in ((data,), (data[: len(data) // 2], data[len(data) // 2 :])):
        reader = BlockReader(KINDS)
        try:
            heard.append([block for piece in pieces for block in reader.feed(piece)])
        except AmiError:
            heard.append("refused")
    assert heard[0] == heard[1] or "refused" in heard, "in two pieces it says something else"
    for block in heard[0] if isinstance(heard[0], list) else ():
        with suppress(ForgedBlockError):
            if block.kind and not block.fault:  # type: ignore[attr-defined]
                event_of(block.kind, block.fields)  # type: ignore[attr-defined]


def _caller(path: CallPath, data: bytes) -> None:
    """Whoever can be read at all can be routed."""
    with suppress(CallerRecordError):
        caller = caller_record.decode(data, NUMBER)
        said = answer(path.decide(CALL, Number("e164", NUMBER, "US", NUMBER), caller, float(AT_S)))
        assert said.endswith(b'SET VARIABLE ROUTER_OK "1"\n')


def _call(data: bytes) -> None:
    with suppress(CallRecordError):
        record = call_record.decode(data)
        call_record.member(record)


def _call_back(data: bytes) -> None:
    with suppress(CallBackRecordError):
        call_back_record.decode(data, NUMBER)
    with suppress(CallBackRecordError):
        call_back_record.decode_closed(data)


def _journal(data: bytes) -> None:
    found = journal_frame.scan(data)
    assert 0 <= found.end <= len(data)
    assert all(frame.end <= found.end for frame in found.frames)


def _spool(data: bytes) -> None:
    for line in data.splitlines():
        read(read_line(line).ended)


def _act(data: bytes) -> None:
    with suppress(ActRecordError):
        act_record.decode(data)
    with suppress(ActRecordError):
        act_record.decode_note(data)
    act_record.first_fault(data.splitlines())


def _admin_question(data: bytes) -> None:
    with suppress(RouterError):
        question = frame.read_question(data)
        read_wish(question.act, question.fields)


def _ari_event(data: bytes) -> None:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(event, dict):
        channel_of(event)
        incoming_call_of(event)
    calls_inside(event, "router")
    calls_claimed(event, {"1"})


def _ari_response(data: bytes) -> None:
    with suppress(AriError):
        HttpReader().feed(data)


def targets() -> dict[str, Target]:
    """All of them, by name."""
    policy = load("shop")
    book = MemoryBook()
    history = History()
    tag = Tag("vip", author="anna", evidence="contract", created_at_s=AT_S, expires_at_s=AT_S + 86_400)
    caller = Caller(
        ("+12025550100",),
        "Jana Nováková",
        (tag, tag._replace(name="customer")),
        3000,
        2,
        "sk",
        "anna",
        ("deal",),
        history,
    )
    began = BeganCall("1.1", "1.1", float(AT_S), NUMBER, "+42120550000", "customer", "sales", facts="tag('vip')=yes")
    ended = EndedCall("1.1", "1.1", float(AT_S), float(AT_S + 9), NUMBER, "+42120550000", agent="anna")
    channel = {
        "id": "1.1", "name": "PJSIP/trunk-1", "language": "en", "caller": {"name": "Jana", "number": NUMBER},
        "dialplan": {"context": "router-ask", "exten": "s", "priority": 1, "app_name": "Stasis",
                     "app_data": "router,num=1"},
    }  # fmt: skip
    note = act_record.ActNote(float(AT_S), "anna", "admin", "uid 1000", "tag add")
    chain = act_record.encode(act_record.chained(1, note, act_record.FIRST))
    records = tuple(map(call_record.encode, (began, ended)))
    kept = {name: Target(reads, seeds) for name, (reads, seeds) in kept_values().items()}
    return kept | {
        "environment": Target(_environment, tuple(path.read_bytes() for path in sorted(RECORDED.glob("*.agi")))),
        "manager-interface": Target(
            _manager_interface, tuple(path.read_bytes()[:20_000] for path in sorted(RECORDED.glob("*.ami")))
        ),
        "caller": Target(
            partial(_caller, CallPath(policy, book, book.ranges)),
            tuple(map(caller_record.encode, (caller, Caller(name="Ann"), Caller(tags=(tag,))))),
        ),
        "call": Target(_call, records),
        "call-back": Target(_call_back, (call_back_record.encode(CallBack(NUMBER)),)),
        "journal": Target(_journal, (b"".join(journal_frame.frame(each, at) for at, each in enumerate(records)),)),
        "spool": Target(_spool, (b"uid=1795413703.0&num=%2B12025550100&end=qs%3DTIMEOUT%3Brang%3D1795413703\n",)),
        "act": Target(_act, (chain, act_record.encode_note(note))),
        "admin-question": Target(
            _admin_question,
            (frame.asked(frame.Question("tag remove", "", "", TagRemove(NUMBER, "", False, "vip")._asdict())),),
        ),
        "ari-event": Target(
            _ari_event,
            (
                json.dumps({"type": "StasisStart", "args": ["num=1"], "channel": channel}).encode(),
                json.dumps([channel]).encode(),
            ),
        ),
        "ari-response": Target(
            _ari_response, (b'HTTP/1.1 200 OK\r\nServer: Asterisk\r\nContent-Length: 13\r\n\r\n{"message":1}',)
        ),
    }
