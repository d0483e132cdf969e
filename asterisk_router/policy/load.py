"""A policy from its files: read, checked as a whole, compiled, and tested by its own tests before anybody gets it."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

from ..errors import PolicyError, PolicyFault
from .assemble import assemble
from .file.document import read_document
from .file.entries import Entries
from .file.words import nearest
from .policy import Policy
from .policy_tests import run_tests

EXAMPLES = Path(__file__).parent / "examples"
"""Where the shipped policies lie."""


def shipped() -> list[str]:
    """Names of the policies that come with the product and are accepted wherever a file is."""
    return sorted(path.stem for path in EXAMPLES.glob("*.toml"))


def files_of(source: str) -> list[Path]:
    """The files a policy is made of, in the order in which their rules are tried: `conf.d/*.toml`, then the file.

    `source` is a path, or the name of a shipped policy where no such file exists.
    """
    path = _path_of(source)
    return [*sorted(path.parent.glob("conf.d/*.toml")), path]


def load(source: str) -> Policy:
    """The policy of a file, with the `conf.d/*.toml` beside it, or of a shipped name.

    Raises PolicyError with every fault found: in reading, in the language, or in what its own tests expect.
    """
    policy, entries = _assembled(source)
    run_tests(policy, entries)
    if entries.faults:
        raise PolicyError(entries.faults)
    return policy


class Inspected(NamedTuple):
    """A policy that is fit to route calls, and what about it is probably not meant."""

    policy: Policy
    """As `load` gives it."""
    warnings: list[PolicyFault]
    """By place; each with the severity `warning`."""
    entries: Entries
    """The tables it is made of, for whoever has more to say about a place in it."""


def inspect(source: str) -> Inspected:
    """The same policy with its warnings, which no daemon looks for: they take longer than loading it.

    Raises PolicyError as `load` does, with the warnings among the faults where the rules at least could be compiled.
    """
    from .lint.warnings import warnings_of

    policy, entries = _assembled(source)
    warnings = warnings_of(policy, entries)
    run_tests(policy, entries)
    if entries.faults:
        raise PolicyError([*entries.faults, *warnings])
    return Inspected(policy, warnings, entries)


def _assembled(source: str) -> tuple[Policy, Entries]:
    """The policy before its tests are run, and the tables it is made of; raises PolicyError."""
    path = _path_of(source)
    entries = Entries()
    checksum = 0
    whole = True
    for file in files_of(source):
        text = _read(file, source, entries.faults)
        if text is None:
            whole = False
            continue
        checksum = zlib.crc32(text.encode(), checksum)
        document = read_document(str(file), _short(file, path), text, entries.faults)
        if document is None:
            whole = False
        else:
            entries.add(document)
    if not whole:
        raise PolicyError(entries.faults)  # what a broken file defines would be missed everywhere else
    policy = assemble(entries, checksum)
    if policy is None or entries.faults:
        raise PolicyError(entries.faults)
    return policy, entries


def _path_of(source: str) -> Path:
    path = Path(source)
    example = EXAMPLES / f"{source}.toml"
    if "/" not in source and not path.is_file() and example.is_file():
        return example
    return path


def _short(file: Path, policy: Path) -> str:
    return file.name if file == policy else f"{file.parent.name}/{file.name}"


def _read(file: Path, source: str, faults: list[PolicyFault]) -> str | None:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        column = wrong.start - wrong.object.rfind(b"\n", 0, wrong.start)
        faults.append(PolicyFault(str(file), line, column, "not UTF-8", "save the file as UTF-8"))
    except OSError as wrong:
        problem = f"cannot be read: {(wrong.strerror or str(wrong)).lower()}"
        missing = isinstance(wrong, FileNotFoundError)
        remedy = f"write a path or a shipped policy; {nearest(source, shipped())}" if missing else ""
        faults.append(PolicyFault(str(file), 1, 1, problem, remedy))
    return None
