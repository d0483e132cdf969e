"""Bytes of others, at length: a million environments, every reader, every state machine, the kernels under sanitizers.

- environments: decided by the default, or as an honest reading would be (tests/fuzz/honest.py)
- readers: atheris looks for bytes that a reader neither reads nor refuses as its docstring says (tests/fuzz/parsers.py)
- machines: hypothesis plays the properties and state machines of the tests with many more examples
- kernels: compiled in a directory of their own with the sanitizers of addresses and of undefined behaviour, and the
  tests of both twins over them

Exit code 1 when something was not borne, told with what repeats it; 2 when a part could not be tried; 130 when it was
stopped, with what was done until then.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom

from tests.fuzz import hunts, suites, whole_run
from tests.fuzz.page import page, section
from tests.fuzz.row import Came, Row, Wishes
from tests.fuzz.watched import Progress

STAGES: dict[str, Callable[[Wishes, Came], Iterator[Row]]] = {
    "environments": whole_run.all_environments,
    "readers": hunts.readers,
    "machines": suites.machines,
    "kernels": suites.kernels,
}
AGAIN = {"environments": whole_run.again, "readers": hunts.again}


def main() -> int:
    """Do what was asked for; the exit code says whether all of it was borne."""
    given = arguments()
    if given.again:
        return repeated(given.names[0], given.again)
    wished = Wishes(given.seed, given.count, given.seconds, given.examples)
    again, rows, came = command(given.names, wished), list[Row](), Progress()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell began it in the background
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"fuzz: seed {wished.seed}", file=sys.stderr, flush=True)
    try:
        for row in (row for name in given.names for row in STAGES[name](wished, came)):
            came.over()
            rows.append(row)
            tell(row)
            if row.stopped:
                break
        stopped = bool(rows) and rows[-1].stopped
    except KeyboardInterrupt:
        came.over()
        stopped = True
    if given.json:
        print(json.dumps({"seed": wished.seed, "rows": [{**row._asdict(), "verdict": row.verdict} for row in rows]}))
    if stopped:
        print(f"stopped; the same again: {again}", file=sys.stderr)
        return 130
    if given.markdown and not any(row.unable for row in rows):
        written = given.markdown.read_text() if given.markdown.exists() else ""
        given.markdown.write_text(page(written, {name: section(rows, name, again) for name in given.names}))
    return 1 if any(row.found for row in rows) else 2 if any(row.unable for row in rows) else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Examples:\n"
        "  python -m tests.fuzz                                    all of it, with a seed of its own\n"
        "  python -m tests.fuzz environments --count 50000         these, fewer of them\n"
        "  python -m tests.fuzz readers --seconds 600              ten minutes for each reader\n"
        "  python -m tests.fuzz environments --again 7/312/1049    one that was not borne, as the run named it\n"
        "  python -m tests.fuzz readers --again caller:crash-1f0c  bytes that a reader did not bear",
    )
    parser.add_argument("names", nargs="*", metavar="PART", help="some of those above; without any: all")
    parser.add_argument("--count", type=int, default=1_000_000, help="environments [1000000]")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader [60]")
    parser.add_argument("--examples", type=int, default=500, help="for each property and state machine [500]")
    parser.add_argument("--seed", type=int, help="what is drawn; told at the beginning [another one each time]")
    parser.add_argument("--again", metavar="WHICH", help="repeat one environment, or input of a reader, and show it")
    parser.add_argument("--json", action="store_true", help="what was done, for a program, on standard output")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="write what was done there, in place of what the page says of these parts",
    )
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in STAGES]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; known are {', '.join(STAGES)}")
    if min(given.count, given.seconds, given.examples) < 1:
        parser.error("--count, --seconds and --examples are 1 or more")
    if given.again and (len(given.names) != 1 or given.names[0] not in AGAIN):
        parser.error(f"--again repeats one of one part: {' or '.join(AGAIN)}")
    given.names = given.names or list(STAGES)
    given.seed = SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    return given


def repeated(name: str, which: str) -> int:
    """Show one that was not borne."""
    try:
        said, borne = AGAIN[name](which)
    except (ValueError, OSError) as fault:
        print(f"fuzz: --again {which}: {fault}; write SEED/HAND/PLACE, or READER:FILE", file=sys.stderr)
        return 2
    print(said)
    return 0 if borne else 1


def command(names: list[str], wished: Wishes) -> str:
    """What runs just that again."""
    chosen = "" if names == list(STAGES) else " " + " ".join(names)
    options = f"--count {wished.count} --seconds {wished.seconds} --examples {wished.examples}"
    return f"python -m tests.fuzz{chosen} --seed {wished.seed} {options}"


def tell(row: Row) -> None:
    """One row, and what was found, as soon as it is there; on standard error, for the table may be a program's."""
    said = f"{row.part}, {row.what}: {row.tried:,}, {row.said} ({row.took_s:.0f} s): {row.verdict}"
    print(said, *row.found, sep="\n  ", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
