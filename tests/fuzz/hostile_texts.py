"""Texts a caller might send where a number or a name is asked for, made here and sent to our own sockets alone."""

from __future__ import annotations

import itertools

_MARK = "zq7"
"""In every text, so that it is found wherever it went; no word of ours has it."""

_QUOTES = ('"', "'", "`", "\\", '\\"', "''", '""', "\u201c", "\u2019", "\u00ab")
_DIALPLAN = (
    "${EXTEN}", "${SHELL(id)}", "${CALLERID(num)}", "$[1+1]", "${ENV(PATH)}", "${${X}}", "}", "{", "$", "${", "$[",
    "${FILE(/etc/passwd)}", "${DB_DELETE(a/b)}", "${URIDECODE(%24%7BX%7D)}",
)  # fmt: skip
_SPLITS = (
    ",",
    ";",
    "|",
    "&",
    "=",
    "?",
    "#",
    ":",
    "/",
    "!",
    "@",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "^",
    "~",
    "%",
    "%%",
    "+",
)
_FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C x'!A0", '=HYPERLINK("x")', "\t=1", "\r=1", "=1\n+1", "|x")
_CONTROLS = tuple(map(chr, (*range(32), 127, *range(128, 160))))
_LINES = (
    "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\nagi_callerid: 100", "\n\nSET VARIABLE ROUTER_OK \"1\"\n", "\nHANGUP\n",
    "\r\nEvent: QueueCallerJoin\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c",
)  # fmt: skip
_TURNED = (
    "\u202e",
    "\u202d",
    "\u2066",
    "\u2067",
    "\u2069",
    "\u200f",
    "\u200e",
    "\u061c",
    "\u05d0\u05d1",
    "\u0627\u0628",
)
_UNSEEN = ("\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u180e", "\ufff9", "\U000e0041", "\u0300" * 40)
_SCREENS = ("\x1b[2J", "\x1b]0;x\x07", "\x1b[31m", "\x9b2J", "\x08\x08\x08", "[red]", "[/]", "[link=x]", "<b>", "&lt;")
_PATHS = (
    "../../etc/passwd",
    "/dev/null",
    "file:///x",
    "//x/y",
    "a\\b",
    "~root",
    "*",
    "?",
    "%2e%2e%2f",
    "%00",
    "%0a",
    "%",
)
_SHELL = (";id", "|id", "&&id", "$(id)", "`id`", ">x", "<x", "\nid\n", "{a,b}", "!!", "-rf", "--help")
_KEYS = ("FLUSHALL", "\r\n*1\r\n$8\r\nFLUSHALL\r\n", "*3\r\n$3\r\nSET\r\n", "{tag}", "ar:{x}", "*", "[a-z]", "\x00")
_JSON = ('{"a":1}', '"}]', "null", "NaN", "\\u0000", "\\", '","branch":"decoy', "//", "/*", "]]>", "<!--")
_NUMBERS = ("1e999", "-0", "0x41", "\u0661\u0662\u0663", "\uff11\uff12", "+" * 50, "9" * 300, "00", "\u00b2", "1,5")
_LONG = ("x" * 300, "\u00e9" * 300, "\U0001f4a3" * 100, '"' * 200, "%41" * 200, "\\" * 100)
_BYTES = (
    b"\xff", b"\xfe\xff", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x80", b"\x80",
    b"\xf8\x88\x80\x80\x80", b"\xc0\x80", b"\xef\xbf\xbe",
)  # fmt: skip

_KINDS = (
    _QUOTES, _DIALPLAN, _SPLITS, _FORMULAS, _CONTROLS, _LINES, _TURNED, _UNSEEN, _SCREENS, _PATHS, _SHELL, _KEYS, _JSON,
    _NUMBERS, _LONG,
)  # fmt: skip

COUNT = 500


def hostile_texts() -> list[bytes]:
    """Five hundred of them, every one different: each piece alone and around digits, then pieces of two kinds."""
    pieces = [piece.encode() for kind in _KINDS for piece in kind] + list(_BYTES)
    mark = _MARK.encode()
    texts = [piece + mark for piece in pieces] + [b"+1202" + mark + piece + b"5550100" for piece in pieces]
    for first, second in itertools.product(_KINDS, _KINDS):
        texts.append((first[0] + _MARK + second[-1]).encode())
    return list(dict.fromkeys(texts))[:COUNT]
