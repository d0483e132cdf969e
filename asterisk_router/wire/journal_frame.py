"""The frames of the journal: what was written whole is read again, whatever happened to the rest of the file.

    0xC1 0xA7 | length (2 bytes) | number (4 bytes) | CRC32 (4 bytes) | payload

All big-endian. Frames of a file are numbered from 0, so a damaged stretch tells by the number after it how many
frames were in it. The checksum covers length, number and payload. 0xC1 begins no msgpack value and is in no UTF-8
text, so nothing a caller sends can look like a frame inside a payload.
"""

from __future__ import annotations

import struct
from typing import NamedTuple
from zlib import crc32

MARK = b"\xc1\xa7"
"""What every frame begins with, so that reading finds its way back after a damaged one."""

HEAD_BYTES = 12
"""Length of everything before the payload."""

PAYLOAD_MAX = 65_535
"""Longest payload, in bytes."""

_HEAD = struct.Struct(">2sHII")
_CHECKED = struct.Struct(">HI")
_NUMBER_MASK = 0xFFFFFFFF


class Frame(NamedTuple):
    """One frame that was read whole."""

    payload: bytes
    """What was framed."""
    end: int
    """Where it ends: offset of the byte after it in what was scanned."""
    lost: int
    """How many frames are missing between the one before and this one; at least 1 where bytes were skipped."""


class Scan(NamedTuple):
    """What a scan found."""

    frames: list[Frame]
    """Every whole frame, in order."""
    end: int
    """Where scanning stopped: offset of the first byte that belongs to no frame yet."""
    number: int
    """The number of the frame expected there."""


def frame(payload: bytes, number: int) -> bytes:
    """The frame around `payload`; raises ValueError when it is longer than PAYLOAD_MAX.

    >>> frame(b"call", 0).hex(" ")
    'c1 a7 00 04 00 00 00 00 53 ac c9 58 63 61 6c 6c'
    """
    length = len(payload)
    if length > PAYLOAD_MAX:
        raise ValueError(f"a payload of {length} bytes is too long for a frame")
    number &= _NUMBER_MASK
    return _HEAD.pack(MARK, length, number, crc32(payload, crc32(_CHECKED.pack(length, number)))) + payload


def number_at(data: bytes, at: int) -> int:
    """The number of the whole frame that begins at `at`."""
    return int(_HEAD.unpack_from(data, at)[2])


def scan(data: bytes, number: int = 0, most: int = 1 << 30) -> Scan:
    """Read at most `most` whole frames from `data`, which begins where frame `number` is due.

    Stops before a frame whose bytes are not all there; a damaged one is skipped up to the next whole one behind it.
    So a torn tail ends the scan before it, and whether more is to come only the file's owner knows.
    """
    frames: list[Frame] = []
    at = 0
    while len(frames) < most:
        begin = at
        whole = _whole(data, begin)
        while whole is None and begin >= 0:  # damaged, or not all there: the next mark that heads a whole frame
            begin = data.find(MARK, begin + 1)
            whole = _whole(data, begin) if begin >= 0 else None
        if whole is None:
            break
        end, found = whole
        lost = max((found - number) & _NUMBER_MASK, int(begin > at))
        frames.append(Frame(data[begin + HEAD_BYTES : end], end, lost))
        at, number = end, (found + 1) & _NUMBER_MASK
    return Scan(frames, at, number)


def _whole(data: bytes, at: int) -> tuple[int, int] | None:
    """End and number of the frame at `at`; None when there is none, or not all of it."""
    if len(data) - at < HEAD_BYTES:
        return None
    mark, length, number, check = _HEAD.unpack_from(data, at)
    end = at + HEAD_BYTES + length
    if mark != MARK or end > len(data):
        return None
    if crc32(data[at + HEAD_BYTES : end], crc32(data[at + 2 : at + 8])) != check:
        return None
    return end, number
