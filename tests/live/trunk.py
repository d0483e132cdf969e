"""The carrier: SIPp playing the trunk the calls come in by, many caller numbers at once."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.live.pbx import Pbx
from tests.live.ports import sipp_ports

SCENARIOS = Path(__file__).parent / "sipp"
HELD_MS = 1000
"""How long a caller stays after the call was answered."""
KEYED_HELD_MS = 2500
"""The same of one who presses a key, before it and after it: a busy machine takes its time until it listens."""
TYPED_MS = 300
"""Between two digits of a number somebody types."""


class TrunkCall(NamedTuple):
    """One call to be made."""

    caller_number: str
    called_number: str = "+42120550000"
    caller_name: str = "Caller"
    attestation: str = "none"
    key: str = ""
    asserted: str = ""
    """Number in P-Asserted-Identity; no such header without one."""

    def injected(self) -> str:
        """The call as a line of what SIPp fills its scenario with."""
        assertion = f"P-Asserted-Identity: <sip:{self.asserted}@127.0.0.1>" if self.asserted else "X-Asserted: none"
        return ";".join((*self[:4], self.key[:1], assertion)) + ";\n"


def place_calls(pbx: Pbx, calls: list[TrunkCall], *, a_second: int = 50, held_ms: int = 0, timeout_s: int = 90) -> None:
    """Make `calls`, `a_second` of them each second, and return when the last has hung up and whoever watches the PBX
    has seen it all; a lost call is an error.

    Each call is held for `held_ms` after it was answered, or for HELD_MS or KEYED_HELD_MS; with a key, that is pressed
    then and the call held as long again. Of several keys, the same ones in every call, the others follow then as fast
    as a person types.
    """
    keyed = bool(calls[0].key)
    assert all(bool(call.key) == keyed for call in calls), "calls with and without a key are placed apart"
    held_ms = held_ms or (KEYED_HELD_MS if keyed else HELD_MS)
    with tempfile.TemporaryDirectory(prefix="trunk-") as folder:
        injected = Path(folder) / "calls.csv"
        injected.write_text("SEQUENTIAL\n" + "".join(call.injected() for call in calls))
        scenario = SCENARIOS / ("call_with_key.xml" if keyed else "call.xml")
        if len(calls[0].key) > 1:
            assert len({call.key for call in calls}) == 1
            text, scenario = scenario.read_text(), Path(folder) / "call_with_keys.xml"
            scenario.write_text(pressing(text, calls[0].key))
        errors = Path(folder) / "errors.log"
        command = [
            "sipp", f"127.0.0.1:{pbx.sip_port}", *sipp_ports(), "-nostdin",
            "-sf", str(scenario), "-inf", str(injected),
            "-m", str(len(calls)), "-r", str(a_second), "-l", "2000", "-d", str(held_ms),
            "-timeout", str(timeout_s), "-timeout_error", "-trace_err", "-error_file", str(errors),
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s + 30, check=False)
        said = errors.read_text(errors="replace") if errors.exists() else ""
        if pbx.catch_up:
            pbx.catch_up()
        assert done.returncode == 0, f"calls were lost (sipp: {done.returncode}):\n{said[:3000]}{done.stderr[-500:]}"


def pressing(scenario: str, keys: str) -> str:
    """The scenario of one key with several pressed: the first as ever, then a number that is asked for."""
    before, pause, rest = scenario.partition("  <pause/>\n")
    press, pause_after, after = rest.partition(pause)
    turns = [
        (pause if at <= 3 else f'  <pause milliseconds="{TYPED_MS}"/>\n')
        + press.replace("[field4]", key).replace("CSeq: 2 INFO", f"CSeq: {at} INFO")
        for at, key in enumerate(keys, start=2)
    ]
    return before + "".join(turns) + pause_after + after.replace("CSeq: 3 BYE", f"CSeq: {len(keys) + 2} BYE")
