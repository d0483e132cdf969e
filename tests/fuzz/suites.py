"""The tests as they are, at length: state machines with many more examples, and everything that runs kernels over
kernels that were compiled with the sanitizers of addresses and of undefined behaviour."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz import watched
from tests.fuzz.row import Came, Row, Wishes

ROOT = Path(__file__).parents[2]
PARTS = ("asterisk_router", "ext", "dialplan", "systemd", "bin", "tests", "setup.py", "pyproject.toml", "README.md")
"""What is copied to be compiled anew; and the licence, which the build looks for."""
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
FLAGS = "-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g"
OF_ALL = re.compile(r"collected (\d+) items")
ONE = re.compile(r"(?: |^)(?:PASSED|FAILED|ERROR|SKIPPED)")
EXAMPLES = re.compile(r"(\d+) passing(?: examples)?, (\d+) failing|played (\d+) times")
"""What hypothesis says of a property in its statistics, and the tests of the machines of theirs."""


def machines(wished: Wishes, came: Came) -> Iterator[Row]:
    """The properties and state machines of the tests, each with so many examples."""
    yield _tests("machines", "properties and state machines", MACHINES, ROOT, wished, came)


def kernels(wished: Wishes, came: Came) -> Iterator[Row]:
    """A reading or a writing beyond what a kernel owns ends the run."""
    with tempfile.TemporaryDirectory(prefix="fuzz-kernels-") as folder:
        came("kernels are compiled, tests", 0, 0)
        unable, environment = _compiled(Path(folder))
        if unable:
            yield Row("kernels", "under both sanitizers", 0, "", 0.0, [], unable)
            return
        yield _tests("kernels", "under both sanitizers", ON_KERNELS, Path(folder), wished, came, **environment)


def _tests(
    part: str, what: str, tests: tuple[str, ...], place: Path, wished: Wishes, came: Came, **environment: str
) -> Row:
    began_s, of, done = time.monotonic(), 0, 0

    def heard(line: str) -> None:
        nonlocal of, done
        found = OF_ALL.search(line)
        of = int(found[1]) if found else of
        done += bool(ONE.search(line))
        came(f"{part}, tests", done, of)

    command = [sys.executable, "-m", "pytest", "-v", "-s", "-p", "no:cacheprovider", "--color=no"]
    command += [f"--hypothesis-seed={wished.seed}", "--hypothesis-show-statistics", *tests]
    # a kernel under sanitizers is no place for as many examples: there it is the path that counts
    if part == "machines":
        environment["ASTERISK_ROUTER_EXAMPLES"] = str(wished.examples)
    ended = watched.run(command, place, heard, PYTHONUNBUFFERED="1", **environment)
    counts = EXAMPLES.findall("\n".join(ended.said))
    examples = sum(int(count) for each in counts for count in each if count)
    found = []
    if ended.code and not ended.stopped:
        found = ["\n".join(ended.said[-150:]), f"again: python -m tests.fuzz {part} --seed {wished.seed}"]
    said = f"{done:,} of {of:,} tests" if ended.stopped else f"{done:,} tests"
    return Row(part, what, examples, said, time.monotonic() - began_s, found, "", ended.stopped)


def _compiled(folder: Path) -> tuple[str, dict[str, str]]:
    """Why the kernels could not be compiled so, or empty; and the environment in which they run."""
    try:
        library = subprocess.run(
            ["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        library = ""
    if not Path(library).is_file():
        return "no libasan for this compiler (apt-get install gcc libc6-dev)", {}
    for part in (*PARTS, "LICENSE"):
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.so", "*.c.tmp", "__pycache__"))
        else:
            shutil.copy(source, target)
    compiling = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    built = watched.run(compiling, folder, lambda line: None, CFLAGS=FLAGS, LDFLAGS=FLAGS)
    if built.stopped:
        raise KeyboardInterrupt
    kernels = list((folder / "asterisk_router" / "_native").glob("*.so"))
    sources = list((folder / "ext").glob("*.pyx"))
    if built.code or len(kernels) < len(sources) or not all(b"__asan_init" in each.read_bytes() for each in kernels):
        why = "\n".join(built.said[-20:])
        return f"the kernels were not compiled so (pip install 'setuptools>=77' 'Cython>=3.1'): {why}", {}
    return "", {
        "PYTHONPATH": str(folder),
        "LD_PRELOAD": library,
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
