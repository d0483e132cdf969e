"""Reads the agi_* block with which Asterisk opens a session; plain twin of `ext/agi_environment.pyx`.

The order of the keys is that of `launch_netscript` and `setup_env` in res_agi.c, the same from Asterisk 16 to 23.
Asterisk escapes nothing there, so a caller whose number holds a line feed writes lines of their own: whatever
does not keep that order to the letter is tainted, and the caller is treated as unknown.
"""

from __future__ import annotations

MOST_BYTES = 32768
"""Longest block read, its blank line included."""

MOST_LINE_BYTES = 8192
"""Longest line read, without its end: Asterisk's own buffer."""

MOST_ARGUMENTS = 127
"""Most `agi_arg_n` lines read."""

_ORDER = (
    "agi_request", "agi_channel", "agi_language", "agi_type", "agi_uniqueid", "agi_version", "agi_callerid",
    "agi_calleridname", "agi_callingpres", "agi_callingani2", "agi_callington", "agi_callingtns", "agi_dnid",
    "agi_rdnis", "agi_context", "agi_extension", "agi_priority", "agi_enhanced", "agi_accountcode", "agi_threadid",
)  # fmt: skip

_FILLS = {
    "agi_callerid": 0, "agi_extension": 1, "agi_calleridname": 2, "agi_callingpres": 4, "agi_rdnis": 5,
    "agi_language": 6, "agi_channel": 10, "agi_uniqueid": 11,
}  # fmt: skip
"""Which field of `IncomingCall` a key fills when the query did not carry it."""

_NAMES = (
    b"num", b"did", b"name", b"trunk", b"pres", b"rdnis", b"lang", b"choice", b"att", b"ver", b"chan", b"uid", b"lid",
    b"end", b"pai", b"proof",
)  # fmt: skip
"""Names in the query (`QUERY_NAMES`) in the order of the fields they fill."""

_KEPT = (1, 10, 11, 12, 13)
"""Fields still believed of a tainted call when the URL carried them: it came before anything a caller controls."""

_CONTROLS = frozenset(range(0x20)) | {0x7F}
_BYTE_OF = {b"%02x" % byte: byte for byte in range(256)}


class _Fault(Exception):
    """Why the block is tainted; never leaves this file."""


def parse(received: bytes) -> tuple[str, ...] | None:
    """The fields of `IncomingCall` out of a whole block, or None while its blank line has not come.

    A block that breaks a rule gives empty fields with the reason as the last one, `tainted`; only what the URL
    said of the line called, the channel, the call's IDs and its end is kept.
    """
    if received.startswith(b"\n"):
        return ("",) * len(_NAMES) + ("line 1: expected agi_request",)
    blank = received.find(b"\n\n", 0, MOST_BYTES)
    if blank < 0:
        return None if len(received) < MOST_BYTES else ("",) * len(_NAMES) + (f"longer than {MOST_BYTES} bytes",)
    carried: dict[int, str] = {}
    fields: dict[int, str] = {}
    networked = received.startswith(b"agi_network: yes\n")
    try:
        _read_lines(received[:blank].split(b"\n"), networked, carried, fields)
        if blank + 2 < len(received):
            raise _Fault("bytes after the blank line")
    except _Fault as fault:
        kept = {index: carried[index] for index in _KEPT if networked and index in carried}
        return tuple(kept.get(index, "") for index in range(len(_NAMES))) + (str(fault),)
    fields |= carried
    return tuple(fields.get(index, "") for index in range(len(_NAMES) + 1))


def _read_lines(lines: list[bytes], networked: bool, carried: dict[int, str], fields: dict[int, str]) -> None:
    key = 0
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_LINE_BYTES:
            raise _Fault(f"line {number}: longer than {MOST_LINE_BYTES} bytes")
        if not _CONTROLS.isdisjoint(line):
            raise _Fault(f"line {number}: control character")
        if number == 1 and networked:
            continue
        if number == 2 and networked and line.startswith(b"agi_network_script: "):
            carried |= _read_query(line.partition(b"?")[2])
            continue
        expected = _expected(key, number)
        value = line[len(expected) + 2 :]
        if not line.startswith(f"{expected}: ".encode()):
            raise _Fault(f"line {number}: expected {expected}")
        if expected == "agi_arg_1" and not networked:
            before, mark, after = value.partition(b"?")
            carried |= _read_query(after if mark else before)
        elif expected in _FILLS and value != b"unknown":
            fields[_FILLS[expected]] = value.decode(errors="replace")
        key += 1
    if key < len(_ORDER):
        raise _Fault(f"ends before {_ORDER[key]}")


def _expected(key: int, number: int) -> str:
    if key < len(_ORDER):
        return _ORDER[key]
    argument = key - len(_ORDER) + 1
    if argument > MOST_ARGUMENTS:
        raise _Fault(f"line {number}: more than {MOST_ARGUMENTS} arguments")
    return f"agi_arg_{argument}"


def _read_query(query: bytes) -> dict[int, str]:
    """The fields that `name=value&...` carries; names we do not know are skipped."""
    carried: dict[int, str] = {}
    for pair in query.split(b"&"):
        name, _, value = pair.partition(b"=")
        if name not in _NAMES:
            continue
        index = _NAMES.index(name)
        if index in carried:
            raise _Fault(f"query: {name.decode()} twice")
        decoded = _unquoted(value)
        if not _CONTROLS.isdisjoint(decoded):
            raise _Fault(f"query: control character in {name.decode()}")
        carried[index] = decoded.decode(errors="replace")
    return carried


def _unquoted(value: bytes) -> bytes:
    """Percent-decoded; a broken escape leaves a byte that is no UTF-8, so it shows as U+FFFD."""
    first, *rest = value.split(b"%")
    decoded = bytearray(first)
    for piece in rest:
        byte = _BYTE_OF.get(piece[:2].lower())
        decoded += b"\xff" + piece if byte is None else bytes([byte]) + piece[2:]
    return bytes(decoded)
