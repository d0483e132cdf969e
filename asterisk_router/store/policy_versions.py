"""Every version of a policy that was in force, on disk. All of it blocks on the disk and raises OSError.

STATE_DIR/policy/history            one JSON document a line: what came into force, when, and by whom
                 versions/HASH/     its files: policy.toml, conf.d/NAME.toml
                 lock               held while either is written
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..policy.kept_versions import KeptVersion

KEPT_MAX = 200
"""How many lines the history has; versions that no line names any more go."""

MAIN = "policy.toml"
"""What the policy file itself is called where it is kept."""

Content = Mapping[str, bytes]
"""The files of a policy by their names: `policy.toml`, `conf.d/NAME.toml`."""


class PolicyVersions:
    """The versions kept under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @staticmethod
    def content_of(file: Path, files: Iterable[Path]) -> dict[str, bytes]:
        """The files a policy is made of as they are now; `file` is the policy file itself."""
        return {MAIN if path == file else f"conf.d/{path.name}": path.read_bytes() for path in files}

    @staticmethod
    def hash_of(content: Content) -> str:
        """What a content is kept under."""
        from hashlib import sha256

        digest = sha256()
        for name, data in sorted(content.items()):
            digest.update(f"{name}\0{len(data)}\0".encode() + data)
        return digest.hexdigest()[:16]

    @staticmethod
    def put(content: Content, file: Path, files: Iterable[Path]) -> None:
        """Let the policy at `file`, made of `files` now, be made of `content`: file by file, the main one last."""
        file = file.resolve()
        for path in files:
            if path.resolve() != file and f"conf.d/{path.name}" not in content:
                path.unlink(missing_ok=True)
        for name in sorted(content, key=lambda name: name == MAIN):
            target = file if name == MAIN else file.parent / name
            if not target.is_file() or target.read_bytes() != content[name]:
                target.parent.mkdir(exist_ok=True)
                _replace(target, content[name])

    def history(self) -> list[KeptVersion]:
        """What came into force, oldest first; a line that cannot be read is left out."""
        try:
            lines = (self._folder / "history").read_text("utf-8", "replace").split("\n")
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := _read(line)) is not None]

    def content(self, content: str) -> dict[str, bytes]:
        """The files kept under that hash."""
        main = self.path_of(content)
        return self.content_of(main, [main, *sorted(main.parent.glob("conf.d/*.toml"))])

    def path_of(self, content: str) -> Path:
        """Where the policy file kept under that hash lies, its `conf.d` beside it."""
        return self._folder / "versions" / content / MAIN

    def keep(self, entry: KeptVersion, content: Content) -> None:
        """Keep a version and write it into the history; not a second time when the last line about its file says so."""
        from shutil import rmtree

        with self._locked():
            if not self._is_whole(entry.content):
                self._lay_down(self._folder / "versions" / entry.content, content)
            history = self.history()
            last = next((each for each in reversed(history) if each.file == entry.file), None)
            if entry.act == "read" and last is not None and last.content == entry.content:
                return
            history = [*history, entry][-KEPT_MAX:]
            _replace(self._folder / "history", "".join(f"{_written(each)}\n" for each in history).encode())
            named = {each.content for each in history}
            for old in (self._folder / "versions").iterdir():
                if old.name not in named:
                    rmtree(old, ignore_errors=True)  # another user's: it only takes room

    def _is_whole(self, content: str) -> bool:
        """Whether what is kept under that hash is what was: a machine that lost its power leaves empty files."""
        try:
            return self.hash_of(self.content(content)) == content
        except OSError:
            return False

    def _lay_down(self, kept: Path, content: Content) -> None:
        """All files of a version or none."""
        from shutil import rmtree

        made = kept.with_suffix(".new")
        rmtree(made, ignore_errors=True)
        for name, data in content.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(data)
        rmtree(kept, ignore_errors=True)
        made.rename(kept)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _replace(path: Path, data: bytes) -> None:
    """Put `data` in a file's place in one step, with the mode and owner the file had."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(made, "wb") as file:
            file.write(data)
            if path.exists():
                found = path.stat()
                os.fchmod(file.fileno(), found.st_mode & 0o7777)
                if os.geteuid() == 0:
                    os.fchown(file.fileno(), found.st_uid, found.st_gid)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def _written(entry: KeptVersion) -> str:
    import json

    return json.dumps(entry._asdict(), ensure_ascii=False)


def _read(line: str) -> KeptVersion | None:
    import json

    try:
        return KeptVersion(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
