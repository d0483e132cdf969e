"""The machine the figures are true of: its facts, its cores, and the programs built on it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent


def cores() -> tuple[int, int]:
    """The core of the server under load, and the one that the load generator and Redis share."""
    mine = sorted(os.sched_getaffinity(0))
    return mine[-1], mine[0]


def build(source: str, into: Path) -> Path:
    """Compile one C program of the bench."""
    program = into / Path(source).stem
    compiler = os.environ.get("CC") or shutil.which("cc") or "gcc"
    subprocess.run([compiler, "-O2", "-o", str(program), str(HERE / source), "-lm"], check=True)
    return program


def facts() -> dict[str, str]:
    """What a reader must know to compare the figures with their own."""
    server, others = cores()
    sharing = (
        "one core for everything: ratios only"
        if server == others
        else (f"server on core {server}; load generator and Redis share core {others}")
    )
    return {
        "processor": _processor(),
        "cores": f"{os.cpu_count()} ({sharing})",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Redis": _first_line("redis-server", "--version"),
        "compiler": _first_line(os.environ.get("CC") or "cc", "--version"),
        **{name: _version(name) for name in ("uvloop", "hiredis", "redis", "msgpack", "panoramisk", "Cython")},
        "load average before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def stolen_s() -> float:
    """Processor time that the hypervisor gave to others, over all cores since the machine started."""
    return int(Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


def crowded_s() -> float:
    """Time during which somebody waited for a core, since the machine started; 0 where the kernel does not count it."""
    pressure = Path("/proc/pressure/cpu")
    return int(pressure.read_text().split("total=")[1].split()[0]) / 1e6 if pressure.exists() else 0.0


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _first_line(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "none"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
