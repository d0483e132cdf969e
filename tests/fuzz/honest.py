"""What an environment says and what its caller is owed, worked out by other means than the product's.

The block is read by one regular expression over the order of the keys in what a real Asterisk sent, its query by
urllib, its numbers by the library of Google itself; what the policy `shop` owes to the few callers of the run is
written down here by hand, for the one moment they all ring at. Nothing of `asterisk_router` is imported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import phonenumbers

PARTNER, INSPECTOR = "+42125550107", "+42125550108"
"""On record: whoever is taken for them without being them is a fault."""
INCIDENT_LINES = frozenset(("42125550911", "0042125550911"))
"""The line that puts whoever calls it before everyone, as trunks write it, without a plus."""
WRITTEN_ODDLY = frozenset(("+42125550911",))
"""The same as the library reads it in whatever else stands there; the router may read it so, and need not."""
NEVER_SOLD_TO = frozenset(("incident",))
"""Choices in a menu after which nobody is sold anything, even where no rule asks for them (docs/guard-rails.md)."""
MOST_BYTES, MOST_LINE_BYTES, MOST_ARGUMENTS = 32_768, 8_192, 127
"""What a block may hold (docs/decisions/door.md)."""
NAMES = frozenset(b"num did name trunk pres rdnis lang choice att ver chan uid lid end pai proof".split())
"""What the dialplan's template writes into the query."""

_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_RECORDED = Path(__file__).parents[1] / "recorded" / "fastagi-without-query.agi"
_KEYS = re.findall(rb"^agi_(?!network)([a-z]\w*): ", _RECORDED.read_bytes(), re.MULTILINE)
_BLOCK = re.compile(
    rb"(?:agi_network: yes\n(?:agi_network_script: (?P<script>.*)\n)?)?"
    + b"".join(b"agi_%b: (?P<%b>.*)\n" % (key, key) for key in _KEYS)
    + rb"(?P<arguments>(?:agi_arg_\d+: .*\n)*)\n"
)
_IN_FULL = re.compile(r"(?:\+|00)[1-9][0-9]{8,14}")
"""A number that nobody can read in two ways."""
_PLAIN = re.compile(r"\+?[0-9 /]{6,20}")
"""One as people write it at home: the library and the router read the same in it, if it is a valid one."""

_INTERNAL = re.compile(r"1[0-9][0-9]")
_ASSERTED = re.compile(r"(?:sips?|tel):([^@;>,\s]+)", re.IGNORECASE)


class Owed(NamedTuple):
    """What one caller may get; everything else is a fault."""

    outcomes: frozenset[tuple[str, str]]
    """Class and branch, any of these."""
    number: str | None
    """The canonical number; None where the two ways of reading may differ."""
    most_trust: int
    """The number is believed no further than this."""


DEFAULT, SOLD_TO, COMPLAINT, INCIDENT = (
    ("unidentified", "default"),
    ("prospect-new", "sales-info"),
    ("complaint", "complaint"),
    ("incident", "incident"),
)
"""What a stranger may get: it is seven in the morning, the house is closed and nothing is known of its queues."""
KNOWN = {PARTNER: ("partner", "reception"), INSPECTOR: ("inspector", "inspector")}
NOTHING = Owed(frozenset({DEFAULT}), "", 0)
"""For whoever is not believed."""


def is_whole(block: bytes) -> bool:
    """Whether more is waited for no longer."""
    return block.startswith(b"\n") or b"\n\n" in block[:MOST_BYTES] or len(block) >= MOST_BYTES


def owed(block: bytes) -> Owed:
    """What the caller of a whole block may get, by the rules of `shop` in their order."""
    said = _said(block)
    if said is None:
        return NOTHING
    text = said.get("num", "").strip()
    number, choice = _number(text), said.get("choice", "")
    trust = _most_trust(said, number)
    if said.get("did", "").lstrip("+") in INCIDENT_LINES:
        return Owed(frozenset({INCIDENT}), None, trust)
    perhaps = {INCIDENT} if "+" + _number(said.get("did", "")).lstrip("+") in WRITTEN_ODDLY else set()
    if _hidden(said.get("pres", "")):
        return Owed(frozenset({DEFAULT} | perhaps), "", 0)
    if number == PARTNER and choice != "complaint" or number == INSPECTOR:
        theirs = KNOWN[number]
    else:
        theirs = COMPLAINT if choice == "complaint" else DEFAULT if choice in NEVER_SOLD_TO else SOLD_TO
    if _IN_FULL.fullmatch(text) and number:
        return Owed(frozenset({theirs} | perhaps), number, trust)
    if not any(map(str.isdecimal, text)):
        return Owed(frozenset({DEFAULT} | perhaps), "", 0)
    if _is_emergency(text):
        perhaps |= {INCIDENT}
    return Owed(frozenset({theirs, DEFAULT} | perhaps), number if _is_sure(text) else None, trust)


def _hidden(shown: str) -> bool:
    if shown.isascii() and shown.isdigit():
        return len(shown) > 3 or int(shown) & 0x60 != 0
    return shown != "" and not shown.startswith("allowed")


def _said(block: bytes) -> dict[str, str] | None:
    """What the block says by the names of the query; None when it is not to be believed."""
    found = _BLOCK.fullmatch(block)
    if found is None or len(block) > MOST_BYTES or _CONTROL.search(block):
        return None
    if len(block) > MOST_LINE_BYTES and any(len(line) > MOST_LINE_BYTES for line in block.split(b"\n")):
        return None
    arguments = found["arguments"].splitlines()
    heads = [line.partition(b": ")[0] for line in arguments]
    if heads != [b"agi_arg_%d" % at for at in range(1, len(heads) + 1)] or len(heads) > MOST_ARGUMENTS:
        return None
    if block.startswith(b"agi_network: yes\n"):
        query = (found["script"] or b"").partition(b"?")[2]
    else:
        value = arguments[0][len(b"agi_arg_1: ") :] if arguments else b""
        query = value.partition(b"?")[2] if b"?" in value else value
    asked = _asked(query)
    if asked is None:
        return None
    copied = {"num": found["callerid"], "did": found["extension"], "pres": found["callingpres"]}
    said = {name: value.decode(errors="replace") for name, value in copied.items() if value != b"unknown"}
    return said | asked


@lru_cache(maxsize=4096)
def _asked(query: bytes) -> dict[str, str] | None:
    """What a query says; None when it says a thing twice or holds what nobody may write."""
    pairs = (pair.partition(b"=") for pair in query.split(b"&"))
    written = [(name, value) for name, _, value in pairs if name in NAMES]
    decoded = {name: unquote_to_bytes(_BROKEN.sub(b"%FF", value)) for name, value in written}
    if len(decoded) < len(written) or any(_CONTROL.search(value) or b"\n" in value for value in decoded.values()):
        return None
    return {name.decode(): value.decode(errors="replace") for name, value in decoded.items()}


@lru_cache(maxsize=4096)
def _number(text: str) -> str:
    """The public number in it; empty when it holds none."""
    try:
        number = phonenumbers.parse(text, "SK")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def _is_emergency(text: str) -> bool:
    return bool(phonenumbers.is_emergency_number(text, "SK"))


@lru_cache(maxsize=4096)
def _is_sure(text: str) -> bool:
    """Whether people write numbers so, and there can be such a number."""
    if not _PLAIN.fullmatch(text) or not _number(text):
        return False
    return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, "SK")))


def _most_trust(said: dict[str, str], number: str) -> int:
    """By docs/trust.md."""
    if said.get("proof") in ("pin", "call-back"):
        return 4
    if _INTERNAL.fullmatch(said.get("num", "").strip()) and said.get("trunk", "") in ("", said["num"].strip()):
        return 3
    if said.get("ver") in ("success", "Verification passed") and said.get("att") in ("A", "B"):
        return 3 if said["att"] == "A" else 2
    asserted = _ASSERTED.search(said.get("pai", ""))
    failed = said.get("ver", "") not in ("", "success", "Verification passed")
    if failed or asserted is None or said.get("trunk") != "trunk":
        return 1
    return 2 if number and _number(asserted[1]) == number else 1
