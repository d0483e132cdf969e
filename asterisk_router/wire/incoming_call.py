"""A call as every door hands it over: the same words, whichever way Asterisk asked."""

from __future__ import annotations

from typing import NamedTuple


class IncomingCall(NamedTuple):
    """What Asterisk said about one call, decoded and nothing more; all text is as untrusted as its sender."""

    caller_number: str = ""
    """Raw caller ID number, e.g. `02/5550100`, `anonymous`, empty."""
    called_number: str = ""
    """Raw number called (DID)."""
    caller_name: str = ""
    """Caller ID name as presented."""
    trunk: str = ""
    """The trunk or endpoint the call came in by (`CHANNEL(endpoint)`)."""
    presentation: str = ""
    """Caller ID presentation: a word of `CALLERID(num-pres)` or the number of `agi_callingpres`."""
    redirecting_number: str = ""
    """Who diverted the call here, raw; empty when nobody did."""
    language: str = ""
    """Channel language."""
    choice: str = ""
    """What the caller chose in a menu before (`complaint`), empty at the first ring."""
    attestation: str = ""
    """STIR/SHAKEN attestation `A`, `B` or `C`; empty without one."""
    verification: str = ""
    """STIR/SHAKEN verification result, in Asterisk's words."""
    channel: str = ""
    """Channel name."""
    uniqueid: str = ""
    """Asterisk's unique ID of the channel."""
    linkedid: str = ""
    """Asterisk's linked ID, common to all channels of the call."""
    ended: str = ""
    """The report on a call that ended (`wire/end_report` reads it); a call to route has none."""
    asserted: str = ""
    """The identity that the trunk asserts, raw: the header `P-Asserted-Identity`; empty without one."""
    proven: str = ""
    """How the caller proved who they are in this call: `pin`, `call-back`; empty unless they did."""
    tainted: str = ""
    """Why the bytes are not to be believed, empty for a clean call.

    A tainted call keeps the number called, the IDs and `ended`, which the dialplan put into the URL and nobody can
    forge, so that the default branch knows where the call was going; nothing else of it is kept.
    """


QUERY_NAMES = {
    "num": "caller_number",
    "did": "called_number",
    "name": "caller_name",
    "trunk": "trunk",
    "pres": "presentation",
    "rdnis": "redirecting_number",
    "lang": "language",
    "choice": "choice",
    "att": "attestation",
    "ver": "verification",
    "chan": "channel",
    "uid": "uniqueid",
    "lid": "linkedid",
    "end": "ended",
    "pai": "asserted",
    "proof": "proven",
}
"""Names in the query of the AGI URL -> fields of `IncomingCall`; the dialplan templates write the same names."""
