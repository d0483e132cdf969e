"""A policy file taken apart by the schema: every table becomes an entry that knows where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...errors import PolicyFault
from .document import Document
from .kinds import CHECKS, Unfit
from .positions import Path
from .schema import RULE_SECTIONS, SECTIONS, Field, Section
from .words import NAME, nearest

NOT_AGENTS = ("own", "last", "none")
"""Words of `agent = ...` and `agent(...)`, which no agent can be called."""


class Entry(NamedTuple):
    """One table of a policy: a class, a line, a rule."""

    section: str
    """The section it belongs to."""
    name: str
    """Its NAME, or the project of a rule (empty for the house's rules)."""
    fields: dict[str, Any]
    """Its checked values; only those written."""
    document: Document
    """The file it stands in."""
    path: Path
    """Where it stands there."""

    def fault(self, key: str, problem: str, remedy: str = "", index: int = 0) -> PolicyFault:
        """A fault of the value of `key`, at its character `index`; of the table itself for an empty key."""
        if not key:
            return self.document.fault(self.path, problem, remedy)
        return self.document.fault_inside((*self.path, key), problem, remedy, index)

    @property
    def where(self) -> str:
        """`file:line` of its heading."""
        return self.document.where(self.path)


class Entries:
    """All tables of all files of a policy, by section."""

    def __init__(self) -> None:
        self.faults: list[PolicyFault] = []
        """What is wrong with them so far."""
        self.documents: list[Document] = []
        """The files, in order; the last is the policy itself."""
        self._by_section: dict[str, list[Entry]] = {name: [] for name in SECTIONS}

    def of(self, section: str) -> list[Entry]:
        """Every entry of a section, in order."""
        return self._by_section[section]

    def named(self, section: str) -> dict[str, Entry]:
        """Entries of a section by name."""
        return {entry.name: entry for entry in self._by_section[section]}

    def one(self, section: str) -> Entry | None:
        """The entry of a section there is one of, if it is written."""
        return next(iter(self._by_section[section]), None)

    def add(self, document: Document) -> None:
        """Take one file apart."""
        self.documents.append(document)
        for section, value in document.tables.items():
            known = SECTIONS.get(section)
            if known is None:
                self._unknown((section,), document, section, SECTIONS)
            elif known.shape == "list":
                self._add_list(document, (section,), section, "", known, value)
            elif not isinstance(value, dict):
                heading = f"[{section}]" if known.shape == "one" else f"[{section}.NAME]"
                self.faults.append(document.fault((section,), f"{section} must be a table", f"write {heading}"))
            elif known.shape == "one":
                self._add(document, (section,), section, "", known, value)
            else:
                for name, table in value.items():
                    self._add_named(document, section, name, known, table)

    def _unknown(self, path: Path, document: Document, word: str, words: Mapping[str, Any]) -> None:
        self.faults.append(
            document.fault(path, f"unknown {'section' if len(path) == 1 else 'key'} {word!r}", nearest(word, words))
        )

    def _add_named(self, document: Document, section: str, name: str, known: Section, table: Any) -> None:
        path = (section, name)
        if section == "lines":
            fit = name.strip("+").isdigit() and name.isascii()
            remedy = 'write it as ["+42125550000"], in quotes'
        else:
            fit = bool(NAME.match(name))
            remedy = "letters, digits and _ . - only"
            if section == "agents" and name in NOT_AGENTS:
                fit, remedy = False, f"{', '.join(NOT_AGENTS)} stand for agents nobody names"
        if not fit:
            self.faults.append(document.fault(path, f"{name!r} is no name for {section}", remedy))
        if not isinstance(table, dict):
            self.faults.append(document.fault(path, f"{section}.{name} must be a table", f"write [{section}.{name}]"))
            return
        earlier = self.named(section).get(name)
        if earlier is not None:
            self.faults.append(document.fault(path, f"{section}.{name} is defined twice", f"also at {earlier.where}"))
            return
        self._add(document, path, section, name, known, table)
        if section == "projects":
            for rules, inner in RULE_SECTIONS.items():
                if rules in table:
                    self._add_list(document, (*path, rules), rules, name, inner, table[rules])

    def _add_list(
        self, document: Document, path: Path, section: str, project: str, known: Section, tables: Any
    ) -> None:
        heading = ".".join(map(str, path))
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.faults.append(document.fault(path, f"{heading} must be a list of tables", f"write [[{heading}]]"))
            return
        for index, table in enumerate(tables):
            self._add(document, (*path, index), section, project, known, table)

    def _add(
        self, document: Document, path: Path, section: str, name: str, known: Section, table: dict[str, Any]
    ) -> None:
        entry = Entry(section, name, self.checked(document, path, table, known.fields), document, path)
        if known.shape == "one" and self._by_section[section]:
            earlier = self._by_section[section][0]
            self.faults.append(document.fault(path, f"[{section}] is written twice", f"also at {earlier.where}"))
            return
        for key, field in known.fields.items():
            if field.required and key not in table:
                self.faults.append(entry.fault("", f"{key!r} is missing", field.meaning))
        self._by_section[section].append(entry)

    def checked(
        self, document: Document, path: Path, table: dict[str, Any], fields: dict[str, Field]
    ) -> dict[str, Any]:
        """The values of a table that stand their check; the others become faults."""
        good: dict[str, Any] = {}
        for key, value in table.items():
            field = fields.get(key)
            if field is None:
                self._unknown((*path, key), document, key, fields)
                continue
            if field.kind in ("table", "tables"):
                good[key] = value
                continue
            try:
                good[key] = CHECKS[field.kind](value)
            except Unfit as unfit:
                place = (*path, key, *unfit.path)
                self.faults.append(document.fault_inside(place, f"{key}: {unfit.problem}", unfit.remedy))
        return good
