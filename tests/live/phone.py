"""A telephone that SIPp plays: in use, taken up by a person, or taken up by a mailbox."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live.trunk import SCENARIOS


@contextmanager
def telephone(port: int, scenario: str) -> Iterator[Path]:
    """Have a telephone at `port` that does what `sipp/SCENARIO.xml` says to every call it gets.

    Yields the file of the messages it got and sent.
    """
    with tempfile.TemporaryDirectory(prefix="phone-") as folder:
        messages = Path(folder) / "messages"
        command = [
            "sipp", "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-sf", str(SCENARIOS / f"{scenario}.xml"),
            "-trace_msg", "-message_file", str(messages),
        ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield messages
        finally:
            process.kill()
            process.wait()
