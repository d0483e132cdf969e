"""The command line as a whole: every command helps, fails in a sentence, and has its exit code."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from asterisk_router.admin.cli.router import commands
from tests.admin.conftest import Run

COMMAND = [sys.executable, "-m", "asterisk_router.daemon.main"]
ROOT = Path(__file__).parents[3]


def leaves(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*above, name))
        else:
            yield (*above, name), command


LEAVES = list(leaves(commands()))
NAMES = [" ".join(path) for path, _ in LEAVES]


def examples_of(command: click.Command) -> list[str]:
    """The command lines in a help text; a line that ends in a backslash goes on in the next."""
    joined = (command.help or "").replace("\\\n", " ")
    return [
        re.sub(r" +", " ", line).strip()
        for line in joined.splitlines()
        if re.match(r"(.*\| )?asterisk-router ", line.strip())
    ]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=NAMES)
def test_every_command_helps_with_examples_of_itself(run: Run, path: tuple[str, ...], command: click.Command) -> None:
    helped = run(*path, "--help")
    assert helped.exit_code == 0
    examples = examples_of(command)
    assert examples and all(" ".join(("asterisk-router", *path)) in example for example in examples)


@pytest.mark.parametrize("command", [command for _, command in LEAVES], ids=NAMES)
def test_every_example_is_a_command_line(command: click.Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not this machine has the files in it."""
    for option in command.params:
        if isinstance(option.type, click.Path):
            monkeypatch.setattr(option.type, "exists", False)
    for example in examples_of(command):
        words = shlex.split(next(part for part in example.split("| ") if part.startswith("asterisk-router ")))[1:]
        group: click.Command = commands()
        while isinstance(group, click.Group):
            group = group.commands[words.pop(0)]
        group.make_context("example", words, resilient_parsing=False)


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=NAMES)
def test_every_command_but_the_daemon_speaks_json(path: tuple[str, ...], command: click.Command) -> None:
    has_json = any("--json" in option.opts for option in command.params)
    assert has_json == (path != ("serve",))


def test_a_fault_is_one_sentence_and_exit_code_1(run: Run) -> None:
    refused = run("number", "--country", "XX", "1")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ") and "Traceback" not in refused.output


def test_an_unforeseen_fault_is_a_sentence_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr("asterisk_router.admin.versions.versions", broken)
    monkeypatch.delenv("ASTERISK_ROUTER_TRACEBACK", raising=False)
    refused = run("version")
    assert refused.exit_code == 1
    assert "ZeroDivisionError: seven" in refused.stderr and "ASTERISK_ROUTER_TRACEBACK" in refused.stderr


def test_a_command_line_nobody_understands_is_exit_code_2(run: Run) -> None:
    assert run("route", "+421255500100").exit_code == 2
    assert run("no-such-command").exit_code == 2
    assert run("number", "--no-such-option").exit_code == 2


def test_a_closed_pipe_is_met_in_silence() -> None:
    with subprocess.Popen(
        [*COMMAND, "number", "--country", "SK"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"0255500100\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"e164")
        process.stdout.close()
        try:
            process.stdin.write(b"0255500100\n" * 50_000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.stderr.read() == b""


def test_ctrl_c_is_exit_code_130_without_a_word_of_python() -> None:
    with subprocess.Popen(
        [*COMMAND, "number", "--country", "SK"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(b"0255500100\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        assert process.wait() == 130
        assert b"Traceback" not in said
