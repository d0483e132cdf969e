"""Builds, once a machine, the chroots with a real Asterisk each that the live tests run.

A chroot (a Debian release with its Asterisk, English prompts, a Python for the AGI script; 500 MB, a minute) is made
by debootstrap from the mirror apt already uses. It lives outside the repository, in `$ASTERISK_ROUTER_TESTBED` or
`~/.cache/asterisk-router/testbed` (the old release beside it, with the suite's name), and is only read afterwards:
each running Asterisk writes to a directory of its own (`tests.live.pbx`). `python -m tests.live.asterisk_testbed`
builds both beforehand.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

REFERENCE: Final = "forky"
"""The Debian release whose Asterisk is the reference, 22.10."""

OLDEST: Final = "bullseye"
"""The Debian release with the oldest Asterisk that is served, 16.28."""

PACKAGES: Final = "asterisk,asterisk-core-sounds-en-gsm,python3-minimal"
"""What is installed beside the essentials."""

ARCHIVE: Final = "http://archive.debian.org/debian"
"""Where a release goes when mirrors drop it."""

TOOLS: Final = {"debootstrap": "debootstrap", "sipp": "sip-tester", "unshare": "util-linux"}
"""Program needed -> Debian package that holds it."""


class TestbedError(Exception):
    """The testbed cannot be had here; says what is missing. Live tests fail with it, they never skip."""

    __test__ = False


def testbed(suite: str = REFERENCE) -> Path:
    """Return the root of the chroot of that Debian release, building it when this machine has none yet."""
    root = Path(os.environ.get("ASTERISK_ROUTER_TESTBED") or Path.home() / ".cache/asterisk-router/testbed")
    if suite != REFERENCE:
        root = root.with_name(f"{root.name}-{suite}")
    return debootstrapped(root, suite, PACKAGES)


def debootstrapped(root: Path, suite: str, packages: str) -> Path:
    """Return `root`, a Debian of that release with those packages, building it when it is not there yet."""
    _need_tools()
    root.parent.mkdir(parents=True, exist_ok=True)
    with _locked(root.with_name(root.name + ".lock")):
        if not root.is_dir():
            _build(root, suite, packages)
    return root


testbed.__test__ = False  # type: ignore[attr-defined]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _need_tools() -> None:
    if os.geteuid() != 0:
        raise TestbedError("the live tests run a real Asterisk in a chroot and so need root (e.g. `sudo make test`)")
    missing = {program: package for program, package in TOOLS.items() if shutil.which(program) is None}
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise TestbedError(f"the live tests need {', '.join(missing)}, and there is no apt to install them")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing.values()]
    subprocess.run(command, check=True, env=quiet)


def _build(root: Path, suite: str, packages: str) -> None:
    """Build under another name and rename, so that an interrupted build is never taken for a whole one."""
    unfinished = root.with_name(root.name + ".unfinished")
    log = root.with_name(root.name + ".log")
    for mirror in (_mirror(), ARCHIVE):
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            "debootstrap", "--variant=minbase", "--no-check-gpg", f"--include={packages}",
            suite, str(unfinished), mirror, "/usr/share/debootstrap/scripts/sid",
        ]  # fmt: skip
        # in namespaces of its own: whatever debootstrap mounts and starts is gone with it, also when it is killed
        alone = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child"]
        with log.open("w") as out:
            done = subprocess.run([*alone, *command], stdout=out, stderr=subprocess.STDOUT, check=False)
        if done.returncode == 0:
            unfinished.rename(root)
            return
    raise TestbedError(f"debootstrap failed, see {log}:\n" + "".join(log.read_text().splitlines(True)[-5:]))


def _mirror() -> str:
    """Return the Debian mirror of apt's own sources: the one this machine is known to reach."""
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)", "Identifier: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        origin, label, uri = line.split(" ")[0], " ".join(line.split(" ")[1:-1]), line.split(" ")[-1]
        if origin == "Debian" and label == "Debian":
            return uri
    raise TestbedError("apt's sources name no Debian mirror to build the testbed from (run apt-get update first?)")


if __name__ == "__main__":
    print(testbed(REFERENCE), testbed(OLDEST))
