"""Lays an installation down: the steps it takes on this machine, each of which may be done twice."""

from __future__ import annotations

from functools import partial

from .layout import STATE_DIR, UNIT_DIR, Directory, File, Layout, Line
from .machine import BACKUP, Machine
from .record import Record, fingerprint
from .steps import Step
from .units import SERVICE, SOCKET, USER

SOCKET_UNIT = f"{UNIT_DIR}/{SOCKET}"
SOCKET_ENABLED = f"{UNIT_DIR}/sockets.target.wants/{SOCKET}"
"""The link by which systemd starts the unit at boot."""


def steps(layout: Layout, machine: Machine, record: Record, *, force: bool = False) -> list[Step]:
    """What it takes to have `layout` on `machine`, where `record` was done before; raises SettingsError, OSError.

    A file that is there and was not written by us, or was edited since, is kept, unless `force`: then it is copied
    beside itself and replaced.
    """
    done = [_user(machine)]
    done += [_directory(wanted, machine, record) for wanted in layout.directories]
    done += [_file(wanted, machine, record, force) for wanted in layout.files]
    done += [_line(wanted, machine, record) for wanted in layout.lines]
    if SOCKET_UNIT in record.files and not any(wanted.path == SOCKET_UNIT for wanted in layout.files):
        needed = any(step.act == "keep" and step.path == f"{UNIT_DIR}/{SERVICE}" for step in done)
        done.append(_no_socket_unit(machine, record, needed))
    return done


def _no_socket_unit(machine: Machine, record: Record, needed: bool) -> Step:
    """The unit of the sockets was installed, and is not wanted: the service makes its own, unless its unit stays."""
    if needed:
        return Step("keep", SOCKET_UNIT, f"{SERVICE} was edited, and may need it")
    there = machine.read(SOCKET_UNIT)
    if there is not None and fingerprint(there) != record.files[SOCKET_UNIT]:
        return Step("keep", SOCKET_UNIT, "edited since it was installed: its sockets come before the service's own")

    def remove() -> None:
        machine.remove(SOCKET_ENABLED)
        machine.remove(SOCKET_UNIT)
        del record.files[SOCKET_UNIT]

    why = "as we wrote it before: at its next restart the service makes its own sockets; --socket-unit keeps it"
    return Step("remove", SOCKET_UNIT, why, "", remove)


def _user(machine: Machine) -> Step:
    if machine.user(USER) is not None:
        return Step("have", USER, "user of the service")
    if not machine.keeps_users:
        return Step("keep", USER, "user of the service: no users are kept here, so make it where this is installed")
    return Step("add user", USER, "the service runs as it, and may do little else", "",
                partial(machine.add_user, USER, STATE_DIR))  # fmt: skip


def _directory(wanted: Directory, machine: Machine, record: Record) -> Step:
    path, mode, owner, group, why = wanted
    rights = _shown(mode, owner, group)
    there = machine.rights(path)
    if there is not None:
        if _has(there, machine, mode, owner, group):
            return Step("have", path, why, rights)
        return Step("set rights", path, why, rights, partial(machine.own, path, mode, owner, group))

    def make() -> None:
        machine.make_directory(path)
        machine.own(path, mode, owner, group)
        record.directories.append(path)

    return Step("make", path, why, rights, make)


def _file(wanted: File, machine: Machine, record: Record, force: bool) -> Step:
    path, text, mode, owner, group, why = wanted
    rights = _shown(mode, owner, group)
    there, found = machine.read(path), machine.rights(path)

    def write(copied: bool = False) -> None:
        if copied:
            record.copies[path] = machine.back_up(path)
        machine.write(path, text, (mode, owner, group))
        record.files[path] = fingerprint(text)

    if there is None or found is None:
        return Step("write", path, why, rights, write)
    if there == text:
        if _has(found, machine, mode, owner, group):
            return Step("have", path, why, rights)
        return Step("set rights", path, why, rights, partial(machine.own, path, mode, owner, group))
    if record.files.get(path) == fingerprint(there):
        return Step("replace", path, f"{why}; as we wrote it before, so nothing of yours is in it", rights, write)
    if force:
        return Step("replace", path, f"{why}; yours is copied to {path}{BACKUP}", rights, partial(write, copied=True))
    return Step("keep", path, f"{why}: yours, or edited; --force copies and replaces it")


def _line(wanted: Line, machine: Machine, record: Record) -> Step:
    path, line, owner, why = wanted
    there = machine.read(path)
    if there is not None and line in there.splitlines():
        return Step("have", path, f"{line} {why}")

    def add() -> None:
        before = machine.read(path)
        if before is None:
            machine.write(path, f"{line}\n", (0o640, owner, owner))
        else:
            machine.back_up(path)
            end = "" if before.endswith("\n") or not before else "\n"
            machine.write(path, f"{before}{end}{line}\n", None)
        record.lines.setdefault(path, []).append(line)

    copy = "" if there is None else f"; a copy goes to {path}{BACKUP}"
    return Step("add line", path, f"{line} at the end {why}{copy}", "", add)


def _shown(mode: int, owner: str, group: str) -> str:
    return f"{mode:04o} {owner}:{group}"


def _has(found: tuple[int, int, int], machine: Machine, mode: int, owner: str, group: str) -> bool:
    """Whether something has its rights, as far as it is for us to give them."""
    user, members = machine.user(owner), machine.group(group)
    owned = user in (None, found[1]) and members in (None, found[2])
    return found[0] == mode and (owned or not machine.gives_away)
