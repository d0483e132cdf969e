"""The import law: the way of a call is visible in who may import whom."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "asterisk_router"

PURE = {"wire", "numbering", "callers", "policy", "queues", "replay", "_native", "call_path", "errors"}
DRIVEN = {"doors", "store", "feeds", "admin"}
NEVER_IN_PURE = {
    "asyncio",
    "socket",
    "time",
    "random",
    "logging",
    "redis",
    "hiredis",
    "fakeredis",
    "panoramisk",
    "aiohttp",
}
OWNER = {"redis": "store", "hiredis": "store", "fakeredis": "store", "panoramisk": "feeds", "aiohttp": "doors"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_by(path: Path) -> set[str]:
    """Absolute dotted names of everything a file imports, also inside functions."""
    here = ("asterisk_router", *path.relative_to(PACKAGE).with_suffix("").parts)
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = list(here[: -node.level]) if node.level else []
            module = ".".join(start + ([node.module] if node.module else []))
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def ours(name: str) -> str:
    """The room inside the package a dotted name leads to, or an empty string."""
    parts = name.split(".")
    return parts[1] if parts[0] == "asterisk_router" and len(parts) > 1 else ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_keeps_the_import_law(path: Path) -> None:
    room = room_of(path)
    for name in imported_by(path):
        library, target = name.split(".")[0], ours(name)
        if room in PURE:
            assert library not in NEVER_IN_PURE, f"{room} is pure and imports {name}"
            assert target not in DRIVEN | {"daemon"}, f"{room} is pure and imports {name}"
        if room in DRIVEN:
            assert target not in (DRIVEN | {"daemon"}) - {room}, f"{room} meets {target} only through a port"
        if library in OWNER:
            assert room == OWNER[library], f"only {OWNER[library]} may import {library}"
        assert (room, target) not in {("callers", "queues"), ("queues", "callers")}
        if room == "numbering":
            assert target not in {"callers", "policy", "wire"}, "numbering knows no caller"
        if room == "callers":
            assert target != "policy", "a caller does not know the policy"


def test_only_compose_constructs_what_does_input_and_output() -> None:
    for path in (PACKAGE / "daemon").rglob("*.py"):
        if path.parent.name != "compose":
            targets = {ours(name) for name in imported_by(path)}
            assert not targets & {"doors", "store", "feeds"}, f"{path.name} must ask compose"
