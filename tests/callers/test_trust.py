"""How far a number is believed, by every kind of evidence and what may stand beside it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.callers.trust import (
    E0,
    E1,
    E2,
    E3,
    E4,
    EVIDENCE,
    PROOFS,
    UNSIGNED,
    VERIFIED,
    asserted_number,
    trust_of,
)
from asterisk_router.numbering.number import Number
from asterisk_router.wire.incoming_call import IncomingCall

PUBLIC = Number("e164", "+12025550100", "US")
FAILED = (
    "signature_validation",
    "cid_orig_tn_mismatch",
    "cert_not_trusted",
    "Signature failed",
    "Verification mismatch",
)


@pytest.mark.parametrize(
    ("call", "screened", "trust"),
    [
        (IncomingCall(), False, E1),
        (IncomingCall(), True, E2),
        (IncomingCall(attestation="A"), False, E1),
        (IncomingCall(attestation="A", verification="success"), False, E3),
        (IncomingCall(attestation="A", verification="Verification passed"), False, E3),
        (IncomingCall(attestation="B", verification="success"), False, E2),
        (IncomingCall(attestation="C", verification="success"), False, E1),
        (IncomingCall(attestation="C", verification="success"), True, E2),
        (IncomingCall(verification="Verification not present"), True, E2),
        (IncomingCall(proven="pin"), False, E4),
        (IncomingCall(proven="call-back"), False, E4),
        (IncomingCall(proven="yes"), False, E1),
        (IncomingCall(proven="pin", tainted="line 9"), True, E0),
    ],
)
def test_a_public_number(call: IncomingCall, screened: bool, trust: int) -> None:
    assert trust_of(call, PUBLIC, screened) == trust


@pytest.mark.parametrize(("attestation", "word", "screened"), list(product("ABC", FAILED, (False, True))))
def test_a_failed_verification_never_raises_a_number_and_never_takes_it_away(
    attestation: str, word: str, screened: bool
) -> None:
    assert trust_of(IncomingCall(attestation=attestation, verification=word), PUBLIC, screened) == E1


def test_an_internal_number_is_proven_by_its_own_endpoint() -> None:
    extension = Number("internal", "101")
    assert trust_of(IncomingCall(), extension) == E3
    assert trust_of(IncomingCall(trunk="101"), extension) == E3
    assert trust_of(IncomingCall(trunk="102"), extension) == E1, "another telephone that says it is 101"
    assert trust_of(IncomingCall(trunk="trunk"), extension, True) == E1, "a trunk carries no extensions of ours"


@pytest.mark.parametrize("kind", ["withheld", "malformed"])
def test_no_evidence_makes_up_for_a_number_that_is_not_there(kind: str) -> None:
    call = IncomingCall(attestation="A", verification="success", proven="pin")
    assert trust_of(call, Number(kind, ""), True) == E0  # type: ignore[arg-type]


def test_what_can_be_imagined_brings_the_trust_about() -> None:
    for trust, (attestation, verification, proven) in EVIDENCE.items():
        call = IncomingCall(attestation=attestation, verification=verification, proven=proven)
        assert trust_of(call, PUBLIC) == trust


def test_no_word_is_good_and_absent_at_once() -> None:
    assert not VERIFIED & UNSIGNED and not {"", "1"} & PROOFS


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("<sip:+12025550100@carrier.example>", "+12025550100"),
        ("sip:+12025550100@carrier.example", "+12025550100"),
        ("<tel:+12025550100>", "+12025550100"),
        ("tel:+12025550100;cpc=ordinary", "+12025550100"),
        ('"Jana <sip:+12025550199@x>" <sips:+12025550100@carrier.example;user=phone>', "+12025550100"),
        (r'"a\" <sip:+12025550199@x>" <sip:+12025550100@x>', "+12025550100"),
        ("Jana N <SIP:02025550100@x>", "02025550100"),
        ("<sip:+12025550100@a>, <tel:+12025550199>", "+12025550100"),
        ("<sip:carrier.example>", "carrier.example"),
        ('"open <sip:+12025550100@x>', ""),
        ("<mailto:x@y>", ""),
        ("", ""),
    ],
)
def test_the_number_of_an_asserted_identity(header: str, number: str) -> None:
    assert asserted_number(header) == number


@given(st.text(max_size=200))
def test_any_header_is_read(header: str) -> None:
    assert " " not in asserted_number(header)
