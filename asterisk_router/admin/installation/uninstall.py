"""Takes an installation away: what we wrote and nobody edited since; what is the admin's stays."""

from __future__ import annotations

import re
from functools import partial

from ...errors import SettingsError
from .layout import ASTERISK_DIR, UNIT_DIR
from .machine import BACKUP, Machine
from .record import PATH, Record, fingerprint
from .steps import Step

_LED_HERE = re.compile(r"(?m)^\s*context\s*=>?\s*router-in\b")


def refuse_while_calls_come(machine: Machine) -> None:
    """Raises SettingsError while a trunk leads into our dialplan: without it those calls would be lost."""
    folder = machine.at(ASTERISK_DIR)
    for path in sorted(folder.glob("*.conf")) if folder.is_dir() else ():
        if path.is_file() and _LED_HERE.search(path.read_text(errors="replace")):
            remedy = "name the context there that was there before, `asterisk -rx 'core reload'`, then uninstall"
            raise SettingsError("a trunk still leads to the router", where=str(path), remedy=remedy)


def refuse_while_it_starts_by_itself(machine: Machine) -> None:
    """Raises SettingsError while systemd is told to start it: without its units it would go on until the next boot."""
    for target, unit in (("sockets", "socket"), ("multi-user", "service")):
        link = f"{UNIT_DIR}/{target}.target.wants/asterisk-router.{unit}"
        if machine.has(link):
            remedy = f"systemctl disable --now asterisk-router.{unit}, then uninstall"
            raise SettingsError("the service is still enabled", where=link, remedy=remedy)


def steps(machine: Machine, record: Record) -> list[Step]:
    """What it takes to undo what `record` says was done on `machine`; raises SettingsError, OSError."""
    undone = [step for path, lines in record.lines.items() for step in _lines(path, lines, machine)]
    undone += [_file(path, written, machine, record) for path, written in reversed(record.files.items())]
    if machine.read(PATH) is not None:
        undone.append(Step("remove", PATH, "record of the installation", "", partial(machine.remove, PATH)))
    undone += [_directory(path, machine) for path in reversed(record.directories)]
    return undone


def _file(path: str, written: str, machine: Machine, record: Record) -> Step:
    there, copy = machine.read(path), record.copies.get(path)
    if there is None:
        return Step("have", path, "is gone already")
    if fingerprint(there) != written:
        return Step("keep", path, "edited since it was installed")
    if copy is not None and machine.read(copy) is not None:
        return Step("restore", path, f"yours, from {copy}", "", partial(machine.restore, copy, path))
    return Step("remove", path, "as we wrote it", "", partial(machine.remove, path))


def _lines(path: str, lines: list[str], machine: Machine) -> list[Step]:
    there = machine.read(path)
    found = [line for line in lines if there is not None and line in there.splitlines()]
    if not found:
        return [Step("have", path, "holds no line of ours")]

    def remove() -> None:
        text = machine.read(path) or ""
        left = "".join(line for line in text.splitlines(keepends=True) if line.rstrip("\r\n") not in found)
        copy = machine.read(path + BACKUP)
        if copy is None and not left:
            machine.remove(path)  # there was none before us
            return
        if copy is not None and copy.rstrip("\n") == left.rstrip("\n"):
            machine.restore(path + BACKUP, path)
        else:
            machine.write(path, left, None)

    return [Step("remove line", path, " and ".join(found), "", remove)]


def _directory(path: str, machine: Machine) -> Step:
    if machine.rights(path) is None:
        return Step("have", path, "is gone already")
    return Step("remove", path, "if nothing is in it by then", "", lambda: _gone(path, machine))


def _gone(path: str, machine: Machine) -> None:
    machine.remove_directory(path)
