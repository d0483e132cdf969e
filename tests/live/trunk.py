"""The carrier: SIPp playing the trunk the calls come in by, many caller numbers at once."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.live.pbx import Pbx, free_port

SCENARIOS = Path(__file__).parent / "sipp"


class TrunkCall(NamedTuple):
    """One call to be made."""

    caller_number: str
    called_number: str = "+42120550000"
    caller_name: str = "Caller"
    attestation: str = "none"
    key: str = ""


def place_calls(
    pbx: Pbx, calls: list[TrunkCall], *, a_second: int = 50, held_ms: int = 1000, timeout_s: int = 90
) -> None:
    """Make `calls`, `a_second` of them each second, and return when the last has hung up; a lost call is an error.

    Each call is held for `held_ms` after it was answered; with a key, that is pressed then and the call held as long
    again.
    """
    keyed = bool(calls[0].key)
    assert all(bool(call.key) == keyed for call in calls), "calls with and without a key are placed apart"
    with tempfile.TemporaryDirectory(prefix="trunk-") as folder:
        injected = Path(folder) / "calls.csv"
        injected.write_text("SEQUENTIAL\n" + "".join(";".join(call) + ";\n" for call in calls))
        errors = Path(folder) / "errors.log"
        sip, media = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM, beside=2)
        command = [
            "sipp", f"127.0.0.1:{pbx.sip_port}", "-i", "127.0.0.1", "-p", str(sip), "-mp", str(media), "-nostdin",
            "-sf", str(SCENARIOS / ("call_with_key.xml" if keyed else "call.xml")), "-inf", str(injected),
            "-m", str(len(calls)), "-r", str(a_second), "-l", "2000", "-d", str(held_ms),
            "-timeout", str(timeout_s), "-timeout_error", "-trace_err", "-error_file", str(errors),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s + 30, check=False)
        said = errors.read_text(errors="replace") if errors.exists() else ""
        assert done.returncode == 0, f"calls were lost (sipp: {done.returncode}):\n{said[:3000]}{done.stderr[-500:]}"
