"""`number`: arguments, standard input, JSON."""

from __future__ import annotations

import json

from tests.admin.conftest import Run


def test_arguments_are_answered_one_a_line(run: Run) -> None:
    shown = run("number", "--country", "SK", "02/5550 0100", "anonymous", "112", "12ab")
    assert [line.split()[0] for line in shown.stdout.splitlines()] == ["e164", "withheld", "emergency", "malformed"]


def test_standard_input_is_answered_line_by_line(run: Run) -> None:
    shown = run("number", "--country", "SK", "--json", stdin="02/5550 0100\r\n\n+421255500101")
    assert [json.loads(line)["number"] for line in shown.stdout.splitlines()] == ["+421255500100", "", "+421255500101"]


def test_bytes_that_are_no_text_do_not_stop_it(run: Run) -> None:
    shown = run("number", "--country", "SK", "--json", stdin=b"\xff\xfe\n0255500100\n")
    kinds = [json.loads(line)["kind"] for line in shown.stdout.splitlines()]
    assert kinds == ["malformed", "e164"]


def test_a_policy_brings_its_numbering_plan(run: Run) -> None:
    assert run("number", "--policy", "shop", "101").stdout.split()[0] == "internal"
