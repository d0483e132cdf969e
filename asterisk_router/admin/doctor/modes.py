"""Modes of files: secrets are read by nobody else, and who has to write can."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from .finding import Finding, green, red, yellow


def about_secrets(paths: Iterable[Path]) -> Iterator[Finding]:
    """Whether files that hold a secret are closed to everybody else; what is not there, or ours to see, is left out."""
    open_ones, seen = [], []
    for path in dict.fromkeys(paths):
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError:
            continue
        seen.append(path)
        if mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
            open_ones.append(path)
            remedy = f"chmod o-rwx,g-w {path}"
            yield red("secrets", f"{path} can be read or changed by others (mode {mode:04o})", remedy)
    if seen and not open_ones:
        yield green("secrets", f"closed to others: {', '.join(path.name for path in seen)}")


def about_spool(spool: Path | None, *, asterisk_is_here: bool = True) -> Finding:
    """Whether both Asterisk and the daemon can write where ends of calls are left (`--spool-dir`)."""
    if spool is None and not asterisk_is_here:
        remedy = "[router-ended] of its dialplan says how: over AGI, as for every daemon on another host"
        return yellow("spool", "no Asterisk on this machine: known are the ends that its dialplan reports", remedy)
    if spool is None:
        remedy = "--spool-dir /var/spool/asterisk/asterisk-router: without it missed calls are not known"
        return red("spool", "the daemon is given no spool directory", remedy)
    make = f"install -d -o asterisk -g asterisk -m 2770 {spool}"
    try:
        found = spool.stat()
    except OSError as fault:
        return red("spool", f"{spool}: {fault.strerror}", make)
    if not stat.S_ISDIR(found.st_mode):
        return red("spool", f"{spool} is no directory", make)
    above = spool.parent.stat()
    asterisk_uid = above.st_uid
    if not _can_write(found, asterisk_uid, above.st_gid):
        return red("spool", f"{spool}: Asterisk cannot write there (mode {stat.S_IMODE(found.st_mode):04o})", make)
    return green("spool", f"{spool} takes the ends of calls")


def about_state(state_dir: Path) -> Finding:
    """Whether the state directory is there, and nobody but the daemon writes in it."""
    try:
        found = state_dir.stat()
    except OSError as fault:
        remedy = "start the daemon once, or name its --state-dir"
        return red("state directory", f"{state_dir}: {fault.strerror}", remedy)
    if found.st_mode & (stat.S_IWOTH | stat.S_IWGRP):
        said = f"{state_dir} can be changed by others (mode {stat.S_IMODE(found.st_mode):04o})"
        return red("state directory", said, f"chmod go-w {state_dir}")
    free = os.statvfs(state_dir)
    left_mb = free.f_bavail * free.f_frsize / 1e6
    if left_mb < 100:
        return red("state directory", f"{left_mb:.0f} MB are left on its disk", "make room: the journal is there")
    return green("state directory", f"{state_dir}, {left_mb / 1000:.1f} GB left")


def about_admin_socket(path: Path) -> Iterator[Finding]:
    """Whether people reach the daemon at its admin socket, and nobody else listens in its place; none, no line."""
    try:
        found, above = path.lstat(), path.parent.stat()
    except OSError:
        return
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid not in (0, above.st_uid):
        remedy = f"rm {path}, and start the daemon again"
        yield red("admin socket", f"{path} is not the daemon's (it belongs to uid {found.st_uid})", remedy)
    elif not (found.st_mode & stat.S_IWOTH and above.st_mode & stat.S_IXOTH):
        remedy = f"chmod 666 {path}; chmod o+x {path.parent}: who may do what is in the people file"
        yield yellow("admin socket", f"{path} is open to the daemon's user alone", remedy)
    else:
        yield green("admin socket", f"{path}: users of this machine may ask, by their roles")


def _can_write(found: os.stat_result, uid: int, gid: int) -> bool:
    """Whether a user of that group can add files to a directory."""
    wanted = stat.S_IWUSR | stat.S_IXUSR
    if uid == 0:
        return True
    if found.st_uid == uid:
        return found.st_mode & wanted == wanted
    shift = 3 if found.st_gid == gid else 6
    return found.st_mode & (wanted >> shift) == wanted >> shift
