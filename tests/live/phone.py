"""A telephone that SIPp plays: in use, taken up by a person, or taken up by a mailbox."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.trunk import SCENARIOS


@contextmanager
def telephone(port: int, scenario: str) -> Iterator[None]:
    """Have a telephone at `port` that does what `sipp/SCENARIO.xml` says to every call it gets."""
    with tempfile.TemporaryDirectory(prefix="phone-") as folder:
        command = ["sipp", "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-sf", str(SCENARIOS / f"{scenario}.xml")]
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()
