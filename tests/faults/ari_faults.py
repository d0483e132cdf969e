"""Faults of ARI, by which calls may ask in place of FastAGI."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.ari_relay import refusing
from tests.faults.fault import HUNG_MS, Fault
from tests.faults.stand import Stand


def does_nothing(*, answers: bool, knows_nobody: bool = False) -> Callable[[Stand], None]:
    """The daemon's connection leads to an ARI that tells of calls and does nothing with them."""

    def lead(stand: Stand) -> None:
        refused = refusing(stand.site.pbx.http_port, answers=answers, knows_nobody=knows_nobody)
        stand.ari_wire.lead_to(stand.open.enter_context(refused))

    return lead


def mend(stand: Stand) -> None:
    """It leads to Asterisk again."""
    stand.ari_wire.lead_to(stand.site.pbx.http_port)


FAULTS = (
    Fault(
        "ari-dropped",
        "the ARI connection is cut, 20 times a second",
        lambda s: s.ari_wire.cut(),
        lambda s: None,
        HUNG_MS,
        meanwhile=lambda s: s.ari_wire.cut(),
        way="ari",
        shown_by="test_ari_faults.py::test_a_connection_cut_with_calls_inside_comes_back_and_they_are_answered",
    ),
    Fault(
        "ari-silent",
        "the ARI connection stands and nothing comes through",
        lambda s: s.ari_wire.freeze(),
        lambda s: s.ari_wire.thaw(),
        HUNG_MS,
        way="ari",
    ),
    Fault(
        "ari-5xx",
        "ARI answers every act with 503",
        does_nothing(answers=True),
        mend,
        HUNG_MS,
        most_guarded=0.0,
        way="ari",
    ),
    Fault(
        "ari-5xx-for-calls",
        "ARI tells of calls and answers every act on them with 503",
        does_nothing(answers=True, knows_nobody=True),
        mend,
        HUNG_MS,
        most_guarded=0.2,
        way="ari",
    ),
    Fault(
        "ari-unanswered-for-calls",
        "ARI tells of calls and answers no act on them",
        does_nothing(answers=False, knows_nobody=True),
        mend,
        HUNG_MS,
        most_guarded=0.4,
        way="ari",
    ),
)
"""Calls that are inside wait for the guard; soon there is no application any more, and the next ones go on at once."""
