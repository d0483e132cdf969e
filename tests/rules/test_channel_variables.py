"""The table of channel variables, the decision, the dialplan and the document say the same."""

from __future__ import annotations

import re

import pytest

from asterisk_router.admin.pbx.dialplan import PBX_FILES, render, templates
from asterisk_router.policy.decision import Decision
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES, SENTINEL
from tests.rules.generated_docs import DOCS, DOCUMENTS

SET_BY_THE_DIALPLAN = {
    "ROUTER_DID", "ROUTER_CALLER", "ROUTER_TRUNK", "ROUTER_ATT", "ROUTER_VER", "ROUTER_PAI",
    "ROUTER_PROOF", "ROUTER_REACHED", "ROUTER_REACHED_ON", "ROUTER_PIN", "ROUTER_WRONG", "ROUTER_HOUR",
    "ROUTER_CHOICE", "ROUTER_FALLBACK",
    "ROUTER_LIMIT", "ROUTER_WAITS_SINCE", "ROUTER_TIMES", "ROUTER_KEY", "ROUTER_RANG", "ROUTER_SHOWN",
    "ROUTER_DIRECTION", "ROUTER_END", "ROUTER_ASKED", "ROUTER_ESCAPED", "ROUTER_JOINED", "ROUTER_UNTIL", "ROUTER_LEFT",
    "ROUTER_DESK", "ROUTER_MINUTES", "ROUTER_CALL_BACK_OF", "ROUTER_RESERVE_INTERFACE", "ROUTER_RESERVE_NAME",
}  # fmt: skip
FOR_REPORTS_ONLY = {"ROUTER_TRUST", "ROUTER_REASON", "ROUTER_POLICY", "ROUTER_DEGRADED"}
"""Sent so that CDR, screens and the sysadmin's own dialplan have them; the templates need not read them."""


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == DOCUMENTS[name](), "make docs writes it anew"


def test_each_variable_carries_one_field_of_the_decision() -> None:
    fields = [variable.field for variable in CHANNEL_VARIABLES]
    assert len(set(fields)) == len(fields)
    # rule and where are for explaining, set_aside for counting; the reason that is sent names them all
    assert set(Decision._fields) - set(fields) == {"rule", "where", "set_aside"}
    assert set(fields) <= set(Decision._fields)


@pytest.mark.parametrize("pbx", PBX_FILES)
def test_the_templates_read_what_is_sent_and_nothing_else(pbx: str) -> None:
    read = set(re.findall(r"\$\{(ROUTER_\w+)\}", "".join(render(pbx).values())))
    sent = {SENTINEL, *(variable.name for variable in CHANNEL_VARIABLES)}
    assert read - sent == SET_BY_THE_DIALPLAN
    assert sent - read == FOR_REPORTS_ONLY


def test_free_text_stands_in_no_expression() -> None:
    texts = [variable.name for variable in CHANNEL_VARIABLES if variable.kind == "text"]
    for path in templates().rglob("*.conf"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            inside = "".join(re.findall(r"\$\[(.*?)\](?=\?|\)|$)", line))
            for name in texts:
                assert f"${{{name}}}" not in inside.replace(f"${{LEN(${{{name}}})}}", ""), f"{path.name}:{number}"
