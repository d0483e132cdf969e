"""The entry point loads what a command needs and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = {"asyncio", "redis", "fakeredis", "hiredis", "pydantic", "jinja2", "rich", "uvloop", "msgpack", "phonenumbers"}


def modules_of(*arguments: str) -> set[str]:
    """What one command imports, and `gc.enabled` when the garbage collector runs at its end."""
    program = (
        "import gc, sys\n"
        "from asterisk_router.daemon.main import main\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "try:\n    main()\n"
        "finally:\n    print('loaded', *sys.modules, *['gc.enabled'] * gc.isenabled(), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    return set(ran.stderr.split("loaded ")[1].split())


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules that one command imports."""
    return {name.partition(".")[0] for name in modules_of(*arguments)}


@pytest.mark.parametrize("arguments", [("--help",), ("number", "--country", "SK", "02/5550 0100"), ("version",)])
def test_a_quick_command_loads_nothing_slow(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & SLOW


def test_the_daemon_starts_with_no_other_command_loaded() -> None:
    others = {"caller", "caller_import", "check", "demo", "dialplan", "number", "route", "tag", "version"}
    assert not modules_of("serve", "--help") & {f"asterisk_router.admin.cli.{name}" for name in others}


@pytest.mark.parametrize("arguments", [(), ("--help",), ("nonsense",), ("version",)])
def test_the_collector_is_off_for_the_start_alone(arguments: tuple[str, ...]) -> None:
    assert "gc.enabled" in modules_of(*arguments)


def test_the_script_of_the_package_is_this_entry_point() -> None:
    ran = subprocess.run([Path(sys.executable).parent / "asterisk-router", "version"], capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("asterisk-router ")
