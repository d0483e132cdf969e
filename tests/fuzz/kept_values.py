"""What is read back from Redis, the disk and people's files: other programs and other releases may have written it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import asterisk_router
from asterisk_router.admin.callers.caller_csv import RowReader as CallerReader
from asterisk_router.admin.callers.caller_csv import RowRejectedError, parse_map
from asterisk_router.errors import AriError, CallerRecordError
from asterisk_router.numbering.plan import NumberingPlan
from asterisk_router.queues.acts import Done
from asterisk_router.queues.requests import ReleaseReserve, as_plain, read_wish
from asterisk_router.replay.column_map import column_map
from asterisk_router.replay.row_reader import RowReader
from asterisk_router.replay.whole_calls import whole_calls
from asterisk_router.store import decoy_book, line_board, policy_versions, pulled_agents, requests
from asterisk_router.wire import caller_record
from asterisk_router.wire.ari_frames import response_of
from asterisk_router.wire.ari_rest import Request, Response, error_of
from asterisk_router.wire.redis_info import read_info

MAPS = Path(asterisk_router.__file__).parent / "replay" / "maps"
COLUMNS = ["Phone", "Company", "Kind", "Turnover", "Open"]
SWITCH = b'[true,1795413703.5,"anna","eva","prices"]'
BOARD = b'1795413703000 7 x {"pbx":"shop","queues":[]}'
QUEUE_LOG = (
    b"1795413703|1.1|sales|NONE|ENTERQUEUE||+12025550100|1\n1795413710|1.1|sales|PJSIP/anna|CONNECT|7|1.2|3\n"
    b"1795413790|1.1|sales|PJSIP/anna|COMPLETECALLER|7|80|1\n"
)
CDR = (
    b'"","+12025550100","42120550000","in","""Jana"" <+12025550100>","PJSIP/t-1","PJSIP/anna-2","Dial","x",'
    b'"2026-11-23 06:01:43","2026-11-23 06:01:50","2026-11-23 06:03:00",77,70,"ANSWERED","DOCUMENTATION","1.1",""\n'
)


def _wish(data: bytes) -> None:
    """Whatever is taken for a wish can be carried out or answered."""
    plain = requests._read(data)
    if plain:
        json.dumps(Done(False, str(plain["id"])), ensure_ascii=False).encode()
        with suppress(ValueError):
            str(read_wish(plain)).encode()


def _board(data: bytes) -> None:
    with suppress(ValueError):
        line_board._read(data, 1_795_413_703.0)


def _switch(data: bytes) -> None:
    """Damaged it is off, unless it still says that it is on and who answers for it."""
    state = decoy_book._state_on(data)
    assert not state.on or (state.responsible and json.loads(data)[0] is True)


def _pulled(data: bytes) -> None:
    field, _, value = data.partition(b"\n")
    pulled_agents._read(field, value)


def _version(data: bytes) -> None:
    for line in data.decode("utf-8", "replace").splitlines():
        policy_versions._read(line)


def _ari_response(data: bytes) -> None:
    with suppress(ValueError, RecursionError):
        event = json.loads(data)
        if isinstance(event, dict):
            response_of(event)
    response = Response(500, "", data)
    error_of(Request("GET", "/ping"), response)
    with suppress(AriError):
        response.json()


def _log(reader: RowReader, data: bytes) -> None:
    """Every line is a call, or says why it is none."""
    lines = data.decode("utf-8", "replace").split("\n")
    found = list(reader.read(lines, 1))
    assert len(found) == len(lines)
    list(whole_calls(iter(found), iter(())))


def _people(data: bytes) -> None:
    """A caller who is taken from a file can be kept and read again."""
    mapped = "number=Phone,name=Company,tag=Kind,value=Turnover,open_matter=Open"
    reader = CallerReader(parse_map([mapped]), COLUMNS, NumberingPlan("SK"), "import", 1_795_413_703)
    with suppress(csv.Error):
        for row in csv.reader(io.StringIO(data.decode("utf-8", "replace"))):
            with suppress(RowRejectedError, CallerRecordError):
                caller = reader.caller(row)
                caller_record.decode(caller_record.encode(caller), caller.numbers[0])


def kept_values() -> dict[str, tuple[Callable[[bytes], object], tuple[bytes, ...]]]:
    """Readers of them, with what each is meant to read, by name."""
    wish = {"id": "1", "until_s": 1_795_413_703.5, **as_plain(ReleaseReserve("anna", "sales"), "eva")}
    version = dict.fromkeys(policy_versions.KeptVersion._fields, "x")
    queue_log, cdr = (
        RowReader(column_map((MAPS / f"{name}.toml").read_text(), name), "", "UTC")
        for name in ("queue-log", "asterisk-cdr")
    )
    return {
        "wish": (_wish, (json.dumps(wish).encode(),)),
        "board": (_board, (BOARD,)),
        "decoy-switch": (_switch, (SWITCH,)),
        "pulled-agent": (_pulled, (b'["sales","PJSIP/anna"]\n{"why":"busy","at_s":1795413703.5}',)),
        "policy-version": (_version, (json.dumps(version).encode(),)),
        "ari-answer": (
            _ari_response,
            (b'{"type":"RESTResponse","transaction_id":"1","status_code":200,"message_body":"{}"}',),
        ),
        "redis-info": (read_info, (b"# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n",)),
        "queue-log": (partial(_log, queue_log), (QUEUE_LOG,)),
        "cdr": (partial(_log, cdr), (CDR,)),
        "people": (_people, (b'+12025550100,Jana,"vip, customer",3000,deal\n',)),
    }
