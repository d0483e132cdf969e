"""Shape of the repository: small rooms, named for what is in them, each with its test beside it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "asterisk_router"
SOURCES = sorted(PACKAGE.rglob("*.py"))
KERNELS = sorted((ROOT / "ext").glob("*.pyx"))

MOST_LINES = 300
MOST_LINES_IN_A_FUNCTION = 50
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
TOP = {
    "setup.py", "pyproject.toml", "MANIFEST.in", "Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
    "ext", "asterisk_router", "dialplan", "systemd", "tests", "docs", "bin", ".ci", ".gitignore",
}  # fmt: skip


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES + KERNELS, ids=named)
def test_a_file_is_one_room(path: Path) -> None:
    assert path.stem not in EMPTY_NAMES
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_function_is_read_at_a_glance(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_LINES_IN_A_FUNCTION, f"{named(path)}:{node.lineno} {node.name} has {length} lines"


def test_the_top_level_is_fixed() -> None:
    tracked = _tracked()
    if tracked is not None:
        assert {name.split("/")[0] for name in tracked} <= TOP


def test_every_test_of_the_package_mirrors_a_file_of_it() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    for room in sorted(rooms):
        for test in (ROOT / "tests" / room).rglob("test_*.py"):
            inside = test.relative_to(ROOT / "tests").with_name(test.name.removeprefix("test_"))
            target = PACKAGE / inside
            assert target.exists() or target.with_suffix("").is_dir(), f"{named(test)} mirrors no {named(target)}"


def _tracked() -> list[str] | None:
    """What git tracks; None where this is no checkout (a source archive)."""
    import subprocess

    if not (ROOT / ".git").exists():
        return None
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split()
