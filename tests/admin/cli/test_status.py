"""`status` of a real daemon: well, without its store, and with a policy that was broken while it ran."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from asterisk_router.policy.load import files_of
from tests.admin.conftest import Run


def test_it_says_what_is_wrong_while_it_is_wrong(run: Run, tmp_path: Path) -> None:
    file, state = tmp_path / "policy.toml", tmp_path / "s"
    file.write_bytes(files_of("shop")[-1].read_bytes())
    command = [sys.executable, "-m", "asterisk_router.daemon.main", "serve", "--policy", str(file)]
    command += ["--listen", "127.0.0.1:0", "--redis", f"unix://{tmp_path}/none.sock", "--state-dir", str(state)]
    assert run("status", "--state-dir", state).exit_code == 1, "no daemon"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        try:
            assert daemon.stdout and "listening" in daemon.stdout.readline()
            said = until(run, state, lambda said: said["store_fault"])
            assert (said["pid"], said["policy_fault"], said["well"]) == (daemon.pid, "", False)
            assert "cannot connect to Redis" in said["store_fault"]
            file.write_text("[policy\n")
            said = until(run, state, lambda said: said["policy_fault"])
            assert f"{file}:1" in said["policy_fault"] and said["policy_version"].startswith("shop-")
            shown = run("status", "--state-dir", state)
            assert shown.exit_code == 1
            assert "Not in force" in shown.stdout and "cannot connect" in shown.stdout
            assert "Claims refused" in shown.stdout and said["claims_refused"] == {}, "nobody has rung"
            file.write_bytes(files_of("shop")[-1].read_bytes())
            until(run, state, lambda said: not said["policy_fault"])
        finally:
            daemon.terminate()


def until(run: Run, state: Path, true) -> dict:
    """What the daemon says of itself, when it says what is waited for."""
    for _ in range(600):
        shown = run("status", "--json", "--state-dir", state)
        if shown.stdout.startswith("[") and true(said := json.loads(shown.stdout)[0]):
            return said
        time.sleep(0.05)
    raise AssertionError(shown.stdout + shown.stderr)
