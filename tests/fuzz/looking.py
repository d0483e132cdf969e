"""`python -m tests.fuzz.looking NAME [options of libFuzzer]`: atheris looks for bytes one reader cannot bear."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["asterisk_router"]):
    from tests.fuzz.parsers import targets


def main() -> None:
    """Look until the time is up; the exit code is libFuzzer's, and what was found lies in the working directory."""
    name, *options = sys.argv[1:]
    target = targets()[name]

    def one(data: bytes) -> None:
        target.reads(data)

    corpus = Path("corpus")
    corpus.mkdir()
    for at, seed in enumerate(target.seeds):
        (corpus / str(at)).write_bytes(seed)
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
