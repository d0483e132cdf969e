"""Every public name says what it does for the call; every field of a public record says what it holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "asterisk_router").rglob("*.py"))


def undocumented(tree: ast.Module) -> list[str]:
    missing = [] if ast.get_docstring(tree) or not tree.body else ["module:1"]
    missing += _names(tree.body, "")
    return missing


def _names(body: list[ast.stmt], owner: str) -> list[str]:
    missing = []
    for position, node in enumerate(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name.startswith("_") or _is_overload_or_setter(node):
                continue
            if not ast.get_docstring(node):
                missing.append(f"{owner}{node.name}:{node.lineno}")
            if isinstance(node, ast.ClassDef):
                missing += _names(node.body, f"{node.name}.")
        elif isinstance(node, ast.AnnAssign) and owner and isinstance(node.target, ast.Name):
            named = node.target.id
            missing += [f"{owner}{named}:{node.lineno}"] * (named[0] != "_" and not _is_text(body, position + 1))
    return missing


def _is_overload_or_setter(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any("overload" in ast.dump(mark) or "setter" in ast.dump(mark) for mark in node.decorator_list)


def _is_text(body: list[ast.stmt], position: int) -> bool:
    if position >= len(body):
        return False
    node = body[position]
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_public_name_has_its_docstring(path: Path) -> None:
    assert undocumented(ast.parse(path.read_text())) == []
