"""How far the calling number itself can be believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..numbering.number import Number
    from ..wire.incoming_call import IncomingCall

E0, E1, E2, E3, E4 = range(5)
"""E0 withheld, malformed, tainted; E1 a bare number; E2 verified B or screened; E3 verified A or on-net; E4 proven."""

VERIFIED = frozenset({"success", "Verification passed"})
"""The only good words of STIR_SHAKEN(n,verify_result): from 18.22, 20.7, 21.2 and 22.0 on, and before."""

UNSIGNED = frozenset(
    {"", "disabled", "not_configured", "missing_identity_hdr", "missing_info_alg_ppt", "Verification not present"}
)
"""Words that say that nobody signed, or nobody looked: they are no failed verification."""

PROOFS = frozenset({"pin", "call-back"})
"""How a caller can prove who they are in the call itself: a PIN entered, a call-back of the house answered."""

EVIDENCE = {E1: ("", "", ""), E2: ("B", "success", ""), E3: ("A", "success", ""), E4: ("", "", "pin")}
"""Trust in a public number -> an attestation, verification and proof (`IncomingCall.proven`) that bring it about."""


_URI = re.compile(r"\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\"<:]*)\s*<?(?:sips?|tel):([^@;>,\s]+)", re.IGNORECASE)
"""A `name-addr` or `addr-spec` of RFC 3325 from its beginning; a name in quotes is not searched for an address."""


def asserted_number(header: str) -> str:
    """The number in a `P-Asserted-Identity` as it came, the first where there are two; empty when it holds none.

    >>> asserted_number('"Jana <sip:0@x>" <sip:+42125550100@carrier.example;user=phone>')
    '+42125550100'
    """
    found = _URI.match(header)
    return found[1] if found else ""


def trust_of(call: IncomingCall, number: Number, screened: bool = False) -> int:
    """Trust in the number of `call`, 0 (E0) to 4 (E4); `screened` when a trunk that screens asserts that very number.

    What the caller proved counts whatever the carrier says of the number. Else only a verified attestation or a
    screened identity raises a public number above E1, and no identity does so beside a signature that failed. An
    internal number is authenticated by the PBX itself when it comes from the endpoint called like it, or from none.
    """
    if call.tainted or number.kind in ("withheld", "malformed"):
        return E0
    if call.proven in PROOFS:
        return E4
    if number.kind == "internal":
        return E3 if call.trunk in ("", number.key) else E1
    if call.verification in VERIFIED:
        if call.attestation == "A":
            return E3
        if call.attestation == "B":
            return E2
    return E2 if screened and call.verification in VERIFIED | UNSIGNED else E1
