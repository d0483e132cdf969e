"""Where each key of a TOML file stands: tomllib says what a file holds, this says where it is written.

Runs only over text tomllib has accepted, so it follows the grammar and checks nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right

Path = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to a value: `("classify", 3, "when")`."""

_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL)
_KEY = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"[^,\]}\n#]+")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[ \t\r]*\n[ \t\r\n]*|.)", re.DOTALL)


class Positions:
    """Keys and values of one TOML text -> line and column, both counted from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        """The file."""
        self.keys: dict[Path, int] = {}
        """Where each key begins, as an offset; a list's element where its value begins."""
        self.values: dict[Path, int] = {}
        """Where each value begins, as an offset."""
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._lists: dict[Path, int] = {}
        self._read()

    def of(self, path: Path) -> tuple[int, int]:
        """Line and column of a key, or of the nearest thing around it that is written down."""
        while path and path not in self.keys:
            path = path[:-1]
        return self._place(self.keys.get(path, 0))

    def inside(self, path: Path, index: int = 0) -> tuple[int, int]:
        """Line and column of the value at `path`; of its character `index` where it is a string."""
        start = self.values.get(path)
        if start is None:
            return self.of(path)
        quote = self.text[start : start + 1]
        if quote not in ("'", '"'):
            return self._place(start)
        if self.text.startswith(quote * 3, start):
            start += 3
            if self.text.startswith("\n", start) or self.text.startswith("\r\n", start):
                start = self.text.index("\n", start) + 1  # TOML drops the line break that follows the quotes
        else:
            start += 1
        return self._place(self._character(start, index, quote))

    def _character(self, start: int, index: int, quote: str) -> int:
        """The offset of character `index` of a string whose text begins at `start`, past its escapes."""
        while True:
            escape = _ESCAPE.match(self.text, start) if quote == '"' else None
            if escape is not None and "\n" in escape[0]:
                start = escape.end()  # an escaped line break stands for no character
            elif index <= 0:
                return start
            else:
                start = escape.end() if escape is not None else start + 1
                index -= 1

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def _read(self) -> None:
        table: Path = ()
        at = self._blank(0)
        while at < len(self.text):
            if self.text[at] == "[":
                many = self.text.startswith("[[", at)
                parts, at = self._key(self._blank(at + 1 + many))
                around: Path = ()
                for name, offset in parts[:-1]:
                    around = self._last((*around, name))
                    self.keys.setdefault(around, offset)  # `[a.b]` is where `a` is written, too
                table = (*around, parts[-1][0])
                if many:
                    self._lists[table] = self._lists.get(table, -1) + 1
                    self.keys.setdefault(table, parts[-1][1])
                table = self._last(table)
                self.keys[table] = parts[-1][1]
                at = self.text.index("]", at) + 1 + many
            else:
                at = self._pair(at, table)
            at = self._blank(at)

    def _last(self, path: Path) -> Path:
        return (*path, self._lists[path]) if path in self._lists else path

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def _key(self, at: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key with their offsets, and where it ends."""
        parts: list[tuple[str, int]] = []
        while True:
            found = _KEY.match(self.text, at)
            if not found:
                return parts or [("", at)], at
            word = found[0]
            parts.append((word[1:-1] if word[0] in "'\"" else word, at))
            at = self._blank(found.end())
            if not self.text.startswith(".", at):
                return parts, at
            at = self._blank(at + 1)

    def _pair(self, at: int, table: Path) -> int:
        parts, at = self._key(at)
        path = table
        for name, offset in parts:
            path = (*path, name)
            self.keys.setdefault(path, offset)
        at = self._blank(self.text.index("=", at) + 1)
        return self._value(at, path)

    def _value(self, at: int, path: Path) -> int:
        self.values[path] = at
        self.keys.setdefault(path, at)
        opening = self.text[at]
        if opening in "'\"":
            found = _STRING.match(self.text, at)
        elif opening == "[":
            return self._list(self._blank(at + 1), path)
        elif opening == "{":
            return self._inline(self._blank(at + 1), path)
        else:
            found = _BARE.match(self.text, at)
        return found.end() if found else at + 1

    def _list(self, at: int, path: Path) -> int:
        index = 0
        while self.text[at] != "]":
            at = self._blank(self._value(at, (*path, index)))
            index += 1
            if self.text[at] == ",":
                at = self._blank(at + 1)
        return at + 1

    def _inline(self, at: int, path: Path) -> int:
        while self.text[at] != "}":
            at = self._blank(self._pair(at, path))
            if self.text[at] == ",":
                at = self._blank(at + 1)
        return at + 1
