"""Damaged bytes are read as what they are or refused as they should be; `make fuzz` is the long form."""

from __future__ import annotations

import itertools
import re
from random import Random

import pytest

from tests.fuzz.accidents import damaged
from tests.fuzz.environments import Judge, environments
from tests.fuzz.parsers import Target, targets

ENVIRONMENTS = 10_000
MUTANTS = 1_000


def test_an_environment_is_decided_by_default_or_as_an_honest_reading_of_it_would_be() -> None:
    verdict = Judge().of(environments(ENVIRONMENTS, Random(6)))
    assert verdict.faults == []
    assert verdict.read + verdict.parts == ENVIRONMENTS
    assert verdict.tainted > ENVIRONMENTS / 10, "too tame"
    assert verdict.known > ENVIRONMENTS / 100, "nobody is known any more"


@pytest.mark.parametrize(("name", "target"), targets().items(), ids=list(targets()))
def test_a_reader_reads_or_refuses(name: str, target: Target) -> None:
    dice = Random(name)
    for seed in target.seeds:
        target.reads(seed)
        for _ in range(MUTANTS // len(target.seeds)):
            target.reads(damaged(seed, dice))


DEEP = (b"[" * 100_000, b'{"a":' * 50_000, b"\x91" * 50_000)
LARGE = (b"9" * 400, b"9" * 5_000, b"-" + b"9" * 400, b"1e999", b"NaN", b"[]", b"{}", b"null")


@pytest.mark.parametrize(("name", "target"), targets().items(), ids=list(targets()))
def test_a_reader_bears_depth_size_and_half_characters(name: str, target: Target) -> None:
    for deep in DEEP:
        target.reads(deep)
    for seed in target.seeds:
        numbers = list(re.finditer(rb"\d+(?:\.\d+)?", seed))[:8]
        for number, large in itertools.product(numbers, LARGE):
            target.reads(seed[: number.start()] + large + seed[number.end() :])
        for quote in list(re.finditer(rb'"', seed))[:8]:
            target.reads(seed[: quote.end()] + rb"\ud800" + seed[quote.end() :])
        for deep in DEEP:
            target.reads(seed[:20] + deep)
