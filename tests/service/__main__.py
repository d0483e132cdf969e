"""Try the service under a live systemd; prints a row for each step. Exit code 1 when one was not as it should be."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.live.asterisk_testbed import TestbedError

from .machine import Machine, running
from .trial import A_SECOND, IN_HAND, Row, play

MEANING = f"""What `make service` did and saw: the package installed on a Debian of its own whose process 1 is systemd,
and done to it there what docs/running.md speaks of, under {A_SECOND} calls a second at its port. They come as Asterisk
makes them under the dialplan's guard: after 300 ms without a whole answer a call says HANGUP, leaves and takes the
default (`guard`); a connection that ends without one sends it there at once (`cut off`).

Asked of every step: no call goes on for more than 310 ms and what the callers themselves were late by (their machine
is this one, too), none is answered twice, and at the end they are decided again. None is refused, but where
the port is closed: stopped, killed while the door was shut, at another address, from systemd's sockets to its own; who
is refused takes the default at once. Where nothing is killed or closed none is cut off; where a process is killed, at
most the {IN_HAND} that it may have had in hand; where a socket is closed, as many more as may have waited in it.
`tests/service` is the rig."""


def main() -> int:
    """Run it, print it, say by the exit code whether everything was as it should be."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--suite", action="append", help="Debian release; may be given several times")
    asked.add_argument("--markdown", type=Path, help="write the page there")
    given = asked.parse_args()
    for sign in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: nothing is left behind
        signal.signal(sign, lambda *_: sys.exit(1))
    page, kept = ["# The service under a live systemd\n", MEANING], True
    for suite in given.suite or ["bookworm", "forky"]:
        try:
            with running(suite) as machine:
                page.append(f"\n## {facts(machine)}\n\n| step | came of it |\n| --- | --- |")
                for row in play(machine):
                    print(f"{'as it should' if row.kept else 'NOT':<13} {row.name}: {row.came_of_it}", flush=True)
                    kept = kept and row.kept
                    page.append(line(row))
        except (TestbedError, RuntimeError) as fault:
            print(f"service: {fault}", file=sys.stderr)
            return 2
    if given.markdown and kept:
        given.markdown.write_text("\n".join(page) + "\n")
    return 0 if kept else 1


def facts(machine: Machine) -> str:
    """What it ran on."""
    release = machine.sh(". /etc/os-release; echo $PRETTY_NAME").strip()
    systemd = machine.systemctl("--version").stdout.split()[1]
    return f"{release}, systemd {systemd}"


def line(row: Row) -> str:
    """A row of the page."""
    said = row.came_of_it.replace("|", "/")
    return f"| {row.name} | {said} |"


if __name__ == "__main__":
    sys.exit(main())
