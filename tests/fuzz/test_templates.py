"""In the templates a caller's own words stand nowhere but inside what encodes, filters or measures them."""

from __future__ import annotations

import re

import pytest

from asterisk_router.admin.pbx.dialplan import PBX_FILES, Stasis, render

SENT = re.compile(r"\$\{(?:CALLERID|REDIRECTING|PJSIP_HEADER|STIR_SHAKEN|CHANNEL\(endpoint)[^}]*\}")
"""Values that a caller, or whoever stands before the trunk, has written."""
BEFORE = re.compile(r"\$\{(?:URIENCODE\(|LEN\(|FILTER\([^,$]+,)$")
WORDS = re.compile(r"\$\{(?:CALLERID\(num-pres\)(?::0:7)?|STIR_SHAKEN\(0,(?:attestation|verify_result)\))\}")
"""Values of Asterisk's own choice, out of a few words."""


@pytest.mark.parametrize("stasis", [None, Stasis(secret="x" * 20)], ids=["agi", "ari"])
@pytest.mark.parametrize("pbx", PBX_FILES)
def test_raw_text_goes_only_where_it_is_made_harmless(pbx: str, stasis: Stasis | None) -> None:
    met = 0
    for name, written in render(pbx, stasis=stasis).items():
        for number, line in enumerate(written.splitlines(), 1):
            for found in SENT.finditer(line):
                met += 1
                harmless = BEFORE.search(line[: found.start()]) or WORDS.fullmatch(found[0])
                assert harmless, f"{name}:{number}: {found[0]} as it came: {line.strip()}"
    assert met > 8, "the templates read no caller any more: this test looks past them"
