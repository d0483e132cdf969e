"""Bytes of others, at length: every reader, every kernel, a million environments. Exit code 1 when one was not borne.

- environments: decided by the default, or as an honest reading would be (tests/fuzz/environments.py)
- readers: atheris looks for bytes that a reader neither reads nor refuses as its docstring says (tests/fuzz/parsers.py)
- machines: hypothesis plays the state machines of the tests with many more examples
- kernels: compiled in a directory of their own with the sanitizers of addresses and of undefined behaviour, and the
  tests of both twins over them
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

from tests.fuzz.environments import Judge, Verdict, environments
from tests.fuzz.parsers import targets

ROOT = Path(__file__).parents[2]
HAND = 10_000
"""Environments read by a process at once."""
PARTS = ("asterisk_router", "ext", "dialplan", "bin", "tests", "setup.py", "pyproject.toml", "README.md", "LICENSE")
"""What is copied to be compiled anew."""
MACHINES = (
    "tests/fuzz/test_machines.py",
    "tests/queues/test_live_line.py",
    "tests/store/connection/test_breaker.py",
    "tests/twins",
    "tests/wire",
)
ON_KERNELS = (
    "tests/twins",
    "tests/doors/test_fastagi.py",
    "tests/wire/test_agi_session.py",
    "tests/fuzz/test_readers.py",
    "tests/fuzz/test_machines.py",
)


def main() -> int:
    """Do what was asked for; whether all of it was borne."""
    given = arguments()
    borne = True
    for name in given.names:
        print(f"{name}: begun", file=sys.stderr, flush=True)
        began_s = time.monotonic()
        said, well = STAGES[name](given)
        print(f"{name}: {said} ({time.monotonic() - began_s:.0f} s): {'borne' if well else 'NOT BORNE'}", flush=True)
        borne = borne and well
    return 0 if borne else 1


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Examples:\n  python -m tests.fuzz\n  python -m tests.fuzz readers --seconds 600",
    )
    parser.add_argument("names", nargs="*", metavar="WHAT", help="some of those above; without any: all")
    parser.add_argument("--count", type=int, default=1_000_000, help="environments [1000000]")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader [60]")
    parser.add_argument("--seed", type=int, default=0, help="of the environments [0]")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in STAGES]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; known are {', '.join(STAGES)}")
    given.names = given.names or list(STAGES)
    return given


def judged(seed: int, count: int) -> Verdict:
    """One hand of environments, in a process of its own."""
    return Judge().of(environments(count, Random(seed)))


def all_environments(given: argparse.Namespace) -> tuple[str, bool]:
    """So many, on every core."""
    hands = range(-(-given.count // HAND))
    with ProcessPoolExecutor(os.cpu_count()) as cores:
        verdicts = list(cores.map(judged, [given.seed * len(hands) + at for at in hands], [HAND] * len(hands)))
    for fault in [fault for verdict in verdicts for fault in verdict.faults][:10]:
        print(fault)
    read, parts, tainted, known = (sum(verdict[at] for verdict in verdicts) for at in range(4))
    faults = sum(len(verdict.faults) for verdict in verdicts)
    said = f"{read + parts:,} environments, {tainted:,} not believed, {known:,} of somebody on record, {faults} faults"
    return said, not faults


def readers(given: argparse.Namespace) -> tuple[str, bool]:
    """Each in a process of its own, for atheris ends it."""
    if importlib.util.find_spec("atheris") is None:
        return "atheris has no wheel for this Python (pip install atheris), so only the tests damage bytes", True
    unborne, tried = [], 0
    for name in targets():
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            command = [sys.executable, "-m", "tests.fuzz.looking", name]
            command += [f"-max_total_time={given.seconds}", "-max_len=8192", "-rss_limit_mb=1024"]
            done = _run(command, Path(folder), PYTHONPATH=f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
            counts = [line.split()[0][1:] for line in done.stderr.splitlines() if "DONE" in line]
            tried += int(counts[0]) if counts else 0
            if done.returncode or not counts:
                unborne.append(name)
                print(f"{name}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return f"{tried:,} inputs to {len(targets())} readers, {', '.join(unborne) or 'none'} broken", not unborne


def machines(given: argparse.Namespace) -> tuple[str, bool]:
    """The properties and state machines of the tests, with the profile `long`."""
    done = _run([sys.executable, "-m", "pytest", "-q", *MACHINES], ROOT, ASTERISK_ROUTER_EXAMPLES="2000")
    return _told(done)


def kernels(given: argparse.Namespace) -> tuple[str, bool]:
    """A reading or a writing beyond what a kernel owns ends the run."""
    library = _run(["cc", "-print-file-name=libasan.so"], ROOT).stdout.strip()
    if not Path(library).is_file():
        return "no libasan for this compiler (apt-get install gcc)", False
    with tempfile.TemporaryDirectory(prefix="fuzz-kernels-") as folder:
        for part in PARTS:
            source, target = ROOT / part, Path(folder) / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.so", "*.c.tmp", "__pycache__"))
            else:
                shutil.copy(source, target)
        flags = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g"
        compiling = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
        built = _run(compiling, Path(folder), CFLAGS=flags, LDFLAGS=flags)
        kernels = list(Path(folder, "asterisk_router", "_native").glob("*.so"))
        if built.returncode or not kernels or not all(b"__asan_init" in kernel.read_bytes() for kernel in kernels):
            return f"the kernels were not compiled so: {built.stderr[-1000:]}", False
        done = _run(
            [sys.executable, "-m", "pytest", "-q", "-s", "-x", "-p", "no:cacheprovider", *ON_KERNELS],
            Path(folder),
            PYTHONPATH=folder,
            LD_PRELOAD=library,
            PYTHONMALLOC="malloc",
            ASAN_OPTIONS="detect_leaks=0:abort_on_error=1",
        )
        return _told(done)


def _run(command: list[str], place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    everything = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=place, env=everything, capture_output=True, text=True, errors="replace", check=False
    )


def _told(done: subprocess.CompletedProcess[str]) -> tuple[str, bool]:
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-6000:])
    last = done.stdout.strip().splitlines()[-1:] or [f"ended by {done.returncode}"]
    return last[0].strip("= "), not done.returncode


STAGES: dict[str, Callable[[argparse.Namespace], tuple[str, bool]]] = {
    "environments": all_environments,
    "readers": readers,
    "machines": machines,
    "kernels": kernels,
}

if __name__ == "__main__":
    sys.exit(main())
