"""The entry point loads what a command needs and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = {"asyncio", "redis", "fakeredis", "hiredis", "pydantic", "jinja2", "rich", "uvloop", "msgpack", "phonenumbers"}


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules that one command imports."""
    program = (
        "import sys\n"
        "from asterisk_router.daemon.main import main\n"
        f"sys.argv[1:] = {list(arguments)!r}\n"
        "try:\n    main()\n"
        "finally:\n    print('loaded', *sys.modules, file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ran.stderr.split("loaded ")[1].split()}


@pytest.mark.parametrize("arguments", [("--help",), ("number", "--country", "SK", "02/5550 0100"), ("version",)])
def test_a_quick_command_loads_nothing_slow(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & SLOW


def test_the_script_of_the_package_is_this_entry_point() -> None:
    ran = subprocess.run([Path(sys.executable).parent / "asterisk-router", "version"], capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("asterisk-router ")
