"""`python -m tests.bench.peers.handed_over PORT PROGRAM ...`: listens as systemd does, and becomes the program."""

from __future__ import annotations

import os
import socket
import sys

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)  # it may have been there already
    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
    os.execv(sys.argv[2], sys.argv[2:])
