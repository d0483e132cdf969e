"""How far the calling number itself can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..numbering.number import Number
    from ..wire.incoming_call import IncomingCall

E0, E1, E2, E3, E4 = range(5)
"""E0 withheld, malformed, tainted; E1 a bare number; E2 verified B; E3 verified A or on-net; E4 proven in the call."""

VERIFIED = frozenset({"success", "Verification passed"})
"""The only good words of STIR_SHAKEN(n,verify_result): from 18.22, 20.7, 21.2 and 22.0 on, and before."""

ATTESTED = {E1: ("", ""), E2: ("B", "success"), E3: ("A", "success")}
"""Trust in a public number -> the attestation and verification with which a trunk brings it about."""


def trust_of(call: IncomingCall, number: Number) -> int:
    """Trust in the number of `call`, 0 (E0) to 4 (E4).

    Only a verified attestation raises a public number above E1: a signature that failed proves nothing, and
    an internal number is authenticated by the PBX itself unless a trunk carried it in.
    """
    if call.tainted or number.kind in ("withheld", "malformed"):
        return E0
    if number.kind == "internal":
        return E1 if call.trunk else E3
    if call.verification in VERIFIED:
        if call.attestation == "A":
            return E3
        if call.attestation == "B":
            return E2
    return E1
