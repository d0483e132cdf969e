"""The tables of docs/policy.md, made from those of the package: `python -m tests.policy.policy_document`."""

from __future__ import annotations

import re
from pathlib import Path

from asterisk_router.policy.facts.table import FACTS, Fact, written
from asterisk_router.policy.file.schema import SECTIONS, TREATMENT, Field

DOCUMENT = Path(__file__).parents[2] / "docs" / "policy.md"

_GENERATED = re.compile(r"(<!-- (facts|sections) -->\n).*?(<!-- end -->)", re.DOTALL)

_HEADINGS = {"one": "`[{}]`", "named": "`[{}.NAME]`", "list": "`[[{}]]`"}


def document() -> str:
    """The document with its tables made anew, everything else as it stands."""
    tables = {"facts": facts(), "sections": sections()}
    return _GENERATED.sub(lambda found: f"{found[1]}{tables[found[2]]}{found[3]}", DOCUMENT.read_text(encoding="utf-8"))


def facts() -> str:
    """Every fact: how it is written, compared, and what it means."""
    lines = ["| fact | is | meaning |", "|---|---|---|"]
    lines += [f"| `{written(fact)}` | {kind_of(fact)} | {cell(fact.meaning)} |" for fact in FACTS]
    return "\n".join(lines) + "\n"


def kind_of(fact: Fact) -> str:
    """How a fact is compared, with its words; those of the live line are marked."""
    words = f": {', '.join(f'`{word}`' for word in fact.words if word)}" if fact.words else ""
    kind = {"flag": "yes or no", "level": "level, lowest first"}.get(fact.type, fact.type)
    return f"{kind}{words}{' (live line)' if fact.source == 'live' else ''}"


def sections() -> str:
    """Every section with its keys; what a class gets and a treat rule refines is listed once."""
    lines = []
    for name, section in SECTIONS.items():
        lines += [f"{_HEADINGS[section.shape].format(name)} {section.meaning}", ""]
        keys = {
            key: field for key, field in section.fields.items() if name == "classes" or field is not TREATMENT.get(key)
        }
        lines += ["| key | value | meaning |", "|---|---|---|", *[row(key, field) for key, field in keys.items()]]
        lines += ["| ... | | as in `[classes.NAME]` |"] if name == "treat" else []
        lines.append("")
    return "\n".join(lines)


def row(key: str, field: Field) -> str:
    """One key."""
    must = " (required)" if field.required else ""
    return f"| `{key}`{must} | {field.kind} | {cell(field.meaning)} |"


def cell(text: str) -> str:
    """Text that ends no cell."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
