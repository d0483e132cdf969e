"""The calls that the tests inside a policy describe, and those that differ from them by a few keys."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from asterisk_router.policy.assemble import assemble
from asterisk_router.policy.decision import Decision
from asterisk_router.policy.facts.table import TRUST_LEVELS
from asterisk_router.policy.file.document import read_document
from asterisk_router.policy.file.entries import Entries
from asterisk_router.policy.file.kinds import CHECKS
from asterisk_router.policy.imagining.line import imagined_line
from asterisk_router.policy.load import EXAMPLES
from asterisk_router.policy.policy import Policy
from asterisk_router.policy.policy_tests import situation_of
from asterisk_router.policy.situation import LiveAnswers, Situation
from asterisk_router.queues.live_line import LiveLine


class PolicyCall(NamedTuple):
    """One `[[test]]` of a shipped policy."""

    policy: Policy
    fields: dict[str, Any]
    timezone: str

    def situation(self, changed: Mapping[str, Any] = {}) -> Situation:
        """The call, with some keys of the test written otherwise."""
        fields = {**self.fields, **{key: _read(key, value) for key, value in changed.items()}}
        return situation_of(self.policy, fields, self.timezone, self._line(fields.get("load")))

    def decided(self, changed: Mapping[str, Any] = {}) -> Decision:
        """What that call gets."""
        s = self.situation(changed)
        return self.policy.decide_as_it_stands(s)

    def _line(self, load: Any) -> LiveAnswers:
        if load is None:
            return LiveLine.UNKNOWN

        def complain(keys: tuple[str, ...], problem: str, remedy: str) -> None:
            raise AssertionError(problem)

        return imagined_line(load, self.policy.queue_rules, self.policy.agents, complain)


def _read(key: str, value: Any) -> Any:
    """A value as a policy file would hand it over."""
    if key == "at":
        return datetime.datetime.fromisoformat(value)
    if key == "calls":
        return CHECKS["past calls"](value)
    return TRUST_LEVELS.index(value) if key == "trust" else value


def calls_of(name: str) -> Iterator[PolicyCall]:
    """Every test of a shipped policy."""
    entries = Entries()
    file = EXAMPLES / f"{name}.toml"
    document = read_document(str(file), file.name, file.read_text(encoding="utf-8"), entries.faults)
    assert document is not None
    entries.add(document)
    policy = assemble(entries, 0)
    assert policy is not None and not entries.faults
    head = entries.one("policy")
    timezone = head.fields.get("timezone", "UTC") if head else "UTC"
    for entry in entries.of("test"):
        yield PolicyCall(policy, entry.fields, timezone)
