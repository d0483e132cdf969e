"""Writes the generated documents anew: `make docs`. The tests beside it hold them current."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.policy import policy_document
from tests.rules import channel_variables_document, settings_document

DOCS = Path(__file__).parents[2] / "docs"

DOCUMENTS: dict[str, Callable[[], str]] = {
    "channel-variables.md": channel_variables_document.document,
    "policy.md": policy_document.document,
    "settings.md": settings_document.document,
}
"""File in docs/ -> what writes its text."""

if __name__ == "__main__":
    for name, document in DOCUMENTS.items():
        (DOCS / name).write_text(document(), encoding="utf-8")
        print(f"docs/{name}")
