"""The page of what was fuzzed: a section for each part, written anew by a run of that part and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version

from tests.bench.machine import facts
from tests.bench.report import Table, markdown
from tests.fuzz.row import Row

MEANING = """# Fuzzing

Bytes that others write, damaged and made up, until something is not borne. This page is written by `make fuzz`, each
section by a run of its part; `tests/fuzz` is the rig, and the tests run a short form of each part.
"""
PARTS = {
    "environments": """What Asterisk sends for a call, as recorded, with the callers' texts, numbers and claims changed
and up to four accidents on the way. Each is decided by the policy `shop`, with two callers on record; the decision is
held against one worked out without anything of the product (`tests/fuzz/honest.py`): the block by one regular
expression, the query by urllib, the numbers by the library of numbering plans alone, what the caller is owed by rules
written out by hand. A fault is: a class and branch that are not owed, the number of somebody else, more trust than the
call can show, an answer that is malformed or would be expanded, an exception, and at every tenth twins that differ.""",
    "readers": """Atheris (libFuzzer) at each reader, starting from what it is meant to read, led by the code it
reaches. A fault is an exception that the reader does not name, a twin that differs, or ten seconds over one input.""",
    "machines": """Hypothesis draws the steps or the values; a model beside the product, or a second way to the same
result, says what must hold after each.""",
    "kernels": """Every kernel compiled with AddressSanitizer and UndefinedBehaviorSanitizer in a place of its own, and
the tests of both twins run over them.""",
}
FACTS = ("processor", "kernel", "Python", "compiler")
PACKAGES = ("atheris", "hypothesis", "phonenumberslite", "msgpack", "Cython")


def page(written: str, sections: Mapping[str, str]) -> str:
    """The page with these sections in the place of those it has, in the order of the parts."""
    _, *old = re.split(r"^(?=## )", written, flags=re.MULTILINE)
    bodies = {part[3:].split(",")[0]: part.split("\n\n", 2) for part in (*old, *sections.values())}
    told = [(head, PARTS[name], rest) for name in PARTS if name in bodies for head, _, rest in (bodies[name],)]
    return "\n".join((MEANING, *(f"{head}\n\n{prose}\n\n{rest.rstrip()}\n" for head, prose, rest in told)))


def section(rows: Iterable[Row], part: str, again: str) -> str:
    """What a run did of one part; `again` is the command that does the same."""
    mine = [row for row in rows if row.part == part]
    table = Table(
        "What was tried",
        [
            {
                "what": row.what,
                "tried": row.tried,
                "came of it": row.said,
                "seconds": f"{row.took_s:.0f}",
                "verdict": row.verdict,
            }
            for row in mine
        ],
    )
    told = facts()
    known = [f"{name}: {told[name]}" for name in FACTS] + [f"{name} {_version(name)}" for name in PACKAGES]
    ground = f"Once more: `{again}`\n\n{'; '.join(known)}."
    return f"## {part}, {date.today()}\n\n{PARTS[part]}\n\n{markdown(table)}\n{ground}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
