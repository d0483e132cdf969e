"""Where Asterisk asks, and where the kernel may refuse calls for us."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_router.daemon.compose.doorway import doorway
from asterisk_router.settings import Address, Settings

HANDED_OVER = """
import os, sys
from asterisk_router.daemon.compose.doorway import doorway
from asterisk_router.settings import Settings
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
there = doorway(Settings())
print(len(there.listeners), there.refusing)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), listen=Address("127.0.0.1", 0), state_dir=tmp_path)


def test_the_kernel_refuses_for_us_at_our_own_port_and_nowhere_else(settings: Settings) -> None:
    there = doorway(settings)
    assert [listener.family for listener in there.listeners] == [socket.AF_INET, socket.AF_UNIX]
    assert there.refusing == there.listeners[:1], "a unix socket that was shut never opens again"
    there.close()
    assert there.script_socket is not None
    assert not there.script_socket.exists()


def test_a_socket_handed_over_is_not_ours_to_shut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as others:
        command = [sys.executable, "-c", HANDED_OVER, str(others.fileno())]
        said = subprocess.run(command, pass_fds=[others.fileno()], capture_output=True, text=True, check=True).stdout
    assert said == "1 []\n"
