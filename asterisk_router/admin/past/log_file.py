"""A log of any length, read in chunks of whole lines, each by itself."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

from ...errors import ColumnMapError, LogError, PolicyFault
from ...policy.file.words import nearest
from ...replay.column_map import MAPS, column_map, shipped_maps
from ...replay.columns import ColumnMap
from ...replay.row_reader import LONGEST_LINE

CHUNK = 4 << 20
"""Bytes of a chunk: some 20,000 records of Asterisk, a third of a second of work."""

HEAD = 65_536
"""Bytes by which a log is known again."""

PACKED = {
    b"\x1f\x8b": "gzip -dc", b"BZh": "bzip2 -dc", b"\xfd7zXZ": "xz -dc", b"\x28\xb5\x2f\xfd": "zstd -dc",
    b"PK\x03\x04": "unzip -p",
}  # fmt: skip
"""How compressed files begin, and what unpacks each."""

WIDE = (b"\xff\xfe", b"\xfe\xff")
"""How a text begins whose characters have two bytes."""


class LogFile(NamedTuple):
    """A log, as long as it was when it was opened: what is written to it later is not read."""

    path: Path
    """Where it is."""
    size: int
    """Its length in bytes."""
    encoding: str
    """Its encoding; what does not fit becomes U+FFFD."""
    chunk_bytes: int = CHUNK
    """Bytes of a chunk."""

    @property
    def chunks(self) -> int:
        """How many chunks it has, at least one."""
        return max(-(-self.size // self.chunk_bytes), 1)

    def refuse_what_is_none(self, name: str) -> None:
        """Raises LogError for a file that no map could read, calling it by that name; raises OSError."""
        with self.path.open("rb") as file:
            head = file.read(HEAD)
        if not head.strip() and self.size <= HEAD:
            raise LogError("the log is empty", where=name, remedy="there is not one line in it")
        for begins, unpack in PACKED.items():
            if head.startswith(begins):
                remedy = f"unpack it on the way: {unpack} FILE | asterisk-router ... with - in place of FILE"
                raise LogError("the log is compressed", where=name, remedy=remedy)
        if head.startswith(WIDE):
            raise LogError("the log is UTF-16", where=name, remedy="write it as UTF-8: iconv -f utf-16 -t utf-8 FILE")

    def first_line(self) -> str:
        """Its first line, which may name the columns; raises OSError."""
        with self.path.open("rb") as file:
            return self._text(file.readline(LONGEST_LINE)).rstrip("\r\n")

    def checksum(self) -> int:
        """Of its beginning; raises OSError."""
        with self.path.open("rb") as file:
            return zlib.crc32(file.read(min(HEAD, self.size)))

    def lines(self, chunk: int) -> list[str]:
        """The lines that begin in a chunk, without their line ends; raises OSError.

        Of a line longer than LONGEST_LINE no more is read than shows that it is.
        """
        start = chunk * self.chunk_bytes
        end = min(start + self.chunk_bytes, self.size)
        with self.path.open("rb") as file:
            if start:
                file.seek(start - 1)
                while file.tell() < end and not file.readline(LONGEST_LINE).endswith(b"\n"):
                    pass  # the line belongs to the chunk in which it began
            data = file.read(max(end - file.tell(), 0))
            if data and not data.endswith(b"\n"):
                data += file.readline(4 * LONGEST_LINE + 1)
        lines = self._text(data).split("\n")
        if not lines[-1]:
            lines.pop()
        return lines

    def _text(self, data: bytes) -> str:
        return data.decode(self.encoding, "replace").removeprefix("\ufeff")


def load_column_map(source: str) -> ColumnMap:
    """The map of a file, or the shipped one of that name where there is no such file; raises ColumnMapError."""
    file, shipped = Path(source), MAPS / f"{source}.toml"
    if "/" not in source and not file.is_file() and shipped.is_file():
        file = shipped
    try:
        return column_map(file.read_bytes().decode("utf-8-sig"), str(file))
    except UnicodeDecodeError:
        fault = PolicyFault(source, 1, 1, "not UTF-8", "save the file as UTF-8")
    except OSError as wrong:
        known = nearest(source, shipped_maps())
        fault = PolicyFault(source, 1, 1, f"cannot be read: {(wrong.strerror or str(wrong)).lower()}", known)
    raise ColumnMapError([fault])
