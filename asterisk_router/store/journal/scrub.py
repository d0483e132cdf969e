"""Erases callers from journals on disk, in place: the frame stays where it was and holds a record of nothing.

Also from a segment that a daemon is writing: it only ever adds behind what is there. All of it blocks on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...callers.registered_call import BeganCall, EndedCall
from ...errors import CallRecordError
from ...wire.call_record import decode, erased
from ...wire.journal_frame import HEAD_BYTES, frame, number_at, scan
from .folder import SUFFIX

Names = Callable[[BeganCall | EndedCall], bool]
"""Whether a record is to go."""


def scrub(root: Path, names: Names) -> int:
    """Erase from every journal under `root`, also those of others, what `names` tells; how many records that were.

    Raises OSError; a segment that is removed meanwhile needs no erasing.
    """
    return sum(_scrub_segment(path, names) for path in sorted(root.glob(f"*/*{SUFFIX}")))


def _scrub_segment(path: Path, names: Names) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    count = 0
    try:
        data = os.pread(file, os.fstat(file).st_size, 0)
        for payload, end, _ in scan(data).frames:
            try:
                record = decode(payload)
            except CallRecordError:
                continue
            if isinstance(record, (BeganCall, EndedCall)) and names(record):
                start = end - len(payload) - HEAD_BYTES
                os.pwrite(file, frame(erased(payload), number_at(data, start)), start)
                count += 1
        if count:
            os.fdatasync(file)
    finally:
        os.close(file)
    return count
