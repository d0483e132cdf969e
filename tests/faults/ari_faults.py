"""Faults of ARI, by which calls may ask in place of FastAGI."""

from __future__ import annotations

from tests.faults.ari_relay import refusing
from tests.faults.fault import HUNG_MS, Fault
from tests.faults.stand import Stand


def refuse(stand: Stand) -> None:
    """The daemon's connection leads to an ARI that tells of calls and answers every act on them with 503."""
    stand.ari_wire.lead_to(stand.open.enter_context(refusing(stand.site.pbx.http_port)))


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
        "ARI tells of calls and answers every act on them with 503",
        refuse,
        lambda s: s.ari_wire.lead_to(s.site.pbx.http_port),
        HUNG_MS,
        way="ari",
    ),
)
"""Calls that are inside wait for the guard; the next ones find no application, or one that does nothing."""
