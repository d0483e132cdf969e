"""The files of a dialplan are read as Asterisk reads them, as far as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_router.admin.pbx.extensions import ANY, Dialplan, Step, split

EXTENSIONS = """\
; a comment
#include other.conf
[general]
static = yes
[branches](+)
include => keys
exten => sales,1,Answer()   ; of the call
 same => n(again),Set(A=1\\;2)
 same => n,Goto(queue,${EXTEN},1)
exten = _1XX,1,NoOp
exten => _[a-c]!,1,Hangup()
[branches]
exten => more,1,Hangup()
[keys]
include => keys
exten => 0,1,Queue(reception)
"""

QUEUES = """\
[defaults](!)
context = keys
timeout=12
[sales](defaults)
[support](defaults)
context => other
"""


@pytest.fixture
def dialplan(tmp_path: Path) -> Dialplan:
    (tmp_path / "extensions_x.conf").write_text(EXTENSIONS)
    (tmp_path / "queues.conf").write_text(QUEUES)
    (tmp_path / "sip.conf").write_text("[branches]\nexten => wrong,1,Hangup()\n")
    read = Dialplan()
    read.read(tmp_path)
    return read


def test_steps_with_their_place_and_without_labels_and_comments(dialplan: Dialplan) -> None:
    assert dialplan.steps("branches", "sales") == [
        Step("answer", "", "extensions_x.conf:7"),
        Step("set", "A=1\\;2", "extensions_x.conf:8"),
        Step("goto", "queue,${EXTEN},1", "extensions_x.conf:9"),
    ]
    assert dialplan.steps("branches", "more"), "a context that is written twice is one"
    assert not dialplan.steps("branches", "wrong") and not dialplan.steps("nowhere", "sales")


def test_patterns_includes_and_any(dialplan: Dialplan) -> None:
    assert dialplan.steps("branches", "142")[0].app == "noop"
    assert not dialplan.steps("branches", "1424")
    assert dialplan.steps("branches", "b")[0].where.endswith(":11") and dialplan.steps("branches", "bad")
    assert not dialplan.steps("branches", "d"), "a context that includes itself comes to an end"
    assert dialplan.steps("branches", "0") == [Step("queue", "reception", "extensions_x.conf:16")]
    assert len(dialplan.steps("branches", ANY)) == 6


def test_options_of_queues_come_from_their_templates(dialplan: Dialplan) -> None:
    assert dialplan.queues["sales"]["context"] == "keys"
    assert dialplan.queues["support"] == {"context": "other", "timeout": "12"}


def test_arguments_are_split_outside_brackets_only() -> None:
    assert split('$["${A}" = "?"]?b:c', "?") == ['$["${A}" = "?"]', "b:c"]
    assert split("", ",") == [""]
