"""The machine that is installed on, under its root directory: looked at, and changed one whole file at a time."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ...errors import SettingsError

BACKUP = ".before-asterisk-router"
"""What a copy of the admin's own file is called, behind its name."""


class Machine:
    """A file system below `root`; raises OSError, and SettingsError for what nobody should do to it."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        """Its root directory: `/`, or that of a trial or a package."""

    def at(self, path: str) -> Path:
        """Where a path of the machine is; raises SettingsError where a link leads out of what was planned."""
        place = self.root / path.lstrip("/")
        for part in (place, *place.parents):
            if part == self.root:
                break
            if part.is_symlink():
                raise SettingsError("a link stands in the way", where=str(part), remedy="install there by hand")
        return place

    def read(self, path: str) -> str | None:
        """The text of a file; None where there is none."""
        try:
            return self.at(path).read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return None

    def rights(self, path: str) -> tuple[int, int, int] | None:
        """Mode, user and group of what is at `path`; None where there is nothing."""
        try:
            found = self.at(path).stat()
        except FileNotFoundError:
            return None
        return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid

    def has(self, path: str) -> bool:
        """Whether something is at `path`, if only a link, as packages have them; for what is looked at alone."""
        return os.path.lexists(self.root / path.lstrip("/"))

    def user(self, name: str) -> int | None:
        """The number of a user of this machine."""
        return self._number("etc/passwd", name)

    def group(self, name: str) -> int | None:
        """The number of a group of this machine."""
        return self._number("etc/group", name)

    @property
    def keeps_users(self) -> bool:
        """Whether it has users at all: a directory that is made into a package has none."""
        return (self.root / "etc/passwd").is_file()

    @property
    def gives_away(self) -> bool:
        """Whether we may say to whom a file belongs: only root may."""
        return os.geteuid() == 0

    def add_user(self, name: str, home: str) -> None:
        """Add a user, and a group of that name, for a service."""
        tool = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
        if tool is None:
            raise SettingsError(f"no useradd here to make the user {name}", remedy=f"make a system user {name}")
        command = [tool, "--system", "--user-group", "--no-create-home", "--home-dir", home]
        command += ["--shell", "/usr/sbin/nologin", *([] if self.root == Path("/") else ["--prefix", str(self.root)])]
        made = subprocess.run([*command, name], capture_output=True, text=True)
        if made.returncode:
            raise SettingsError(f"the user {name} cannot be made: {made.stderr.strip()}", remedy="run it as root")

    def own(self, path: str, mode: int, owner: str, group: str) -> None:
        """Give what is at `path` its rights; owners only as root, and only those this machine knows."""
        place = self.at(path)
        if self.gives_away:
            user, members = self.user(owner), self.group(group)
            os.chown(place, -1 if user is None else user, -1 if members is None else members)
        place.chmod(mode)

    def make_directory(self, path: str) -> None:
        """Make a directory, closed to others, and those above it."""
        place = self.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)

    def write(self, path: str, text: str, rights: tuple[int, str, str] | None) -> None:
        """Put a file in place of what is there, in one step; None: with the rights that one had."""
        place = self.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        before = self.rights(path)
        descriptor, made = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside = f"/{Path(made).relative_to(self.root)}"
            if rights is not None:
                self.own(beside, *rights)
            elif before is not None:
                if self.gives_away:
                    os.chown(made, before[1], before[2])
                os.chmod(made, before[0])
            os.replace(made, place)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(made)
            raise

    def back_up(self, path: str) -> str:
        """Copy a file beside itself, unless that was done before; returns the path of the copy."""
        copy = path + BACKUP
        if not self.at(copy).exists():
            made = self.at(f"{copy}.new")  # a copy cut short would count as one the next time
            shutil.copy2(self.at(path), made)
            if self.gives_away:
                found = self.at(path).stat()
                os.chown(made, found.st_uid, found.st_gid)
            os.replace(made, self.at(copy))
        return copy

    def restore(self, copy: str, path: str) -> None:
        """Put a copy back in place of the file it was made of."""
        os.replace(self.at(copy), self.at(path))

    def remove(self, path: str) -> None:
        """Remove a file, or a link itself."""
        folder, _, name = path.rpartition("/")
        (self.at(folder) / name).unlink(missing_ok=True)

    def remove_directory(self, path: str) -> bool:
        """Remove a directory if nothing is in it; whether it is gone."""
        with suppress(OSError):
            self.at(path).rmdir()
        return not self.at(path).exists()

    def _number(self, names: str, name: str) -> int | None:
        with suppress(OSError):
            for line in (self.root / names).read_text(errors="replace").splitlines():
                parts = line.split(":")
                if parts[0] == name and len(parts) > 2 and parts[2].isdigit():
                    return int(parts[2])
        return None
