"""The doctor beside a real Asterisk and a real Redis: every mistake is red, and green after what it says to do."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from asterisk_router.admin.cli.router import commands
from asterisk_router.daemon.main import PORTS
from tests.live.ports import free_port
from tests.live.redis_server import RedisServer
from tests.live.site import SECRET, Site, dialplan

pytestmark = pytest.mark.live

POLICY = """\
[policy]
name = "house"
[classes.caller]
branch = "sales"
queue = "sales"
[queues.sales]
[[classify]]
name = "everybody"
class = "caller"
"""

USER_PASSWORD = "of-this-test-only"


@dataclass
class House:
    """An installation that is well, as the doctor is told of it."""

    site: Site
    redis: RedisServer
    folder: Path
    told: dict[str, str] = field(default_factory=dict)

    def set_up(self) -> None:
        """Everything as the documents say."""
        policy, etc, spool = self.folder / "policy.toml", self.folder / "asterisk", self.folder / "spool"
        policy.write_text(POLICY)
        shutil.copytree(self.site.pbx.home / "etc", etc, symlinks=True)
        name, text = dialplan(self.site.kind, self.site.router.port, guard_ms=300)  # that of tests is none to it
        (etc / name).write_text(text)
        for name in ("manager_router.conf", "ari_router.conf"):
            (etc / name).chmod(0o640)
        spool.mkdir(mode=0o2770)
        secret = self.folder / "ami-secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        (etc / "pjsip.conf").write_text("[trunk]\ntype = endpoint\ncontext = router-in\n")
        self.site.router.redis_url = self.redis.tcp_url
        self.site.router.start(str(policy), "--ari", self.site.ari_url())
        self.told = {
            "policy": str(policy), "listen": f"127.0.0.1:{self.site.router.port}", "redis": self.redis.tcp_url,
            "state-dir": str(self.site.router.folder), "spool-dir": str(spool), "dialplan": str(etc),
            "ami": f"ami://as-written@127.0.0.1:{self.site.pbx.ami_port}/berlin?secret_file={secret}",
            "ari": self.site.ari_url(),
        }  # fmt: skip

    def looked_at(self) -> tuple[int, dict[str, list[dict[str, str]]]]:
        """The exit code, and what is red or yellow, by what it is about."""
        words = [word for name, value in self.told.items() for word in (f"--{name}", value)]
        result = CliRunner().invoke(commands(), ["doctor", "--json", *words], obj=PORTS)
        found: dict[str, list[dict[str, str]]] = {}
        for each in json.loads(result.stdout):
            found.setdefault(each["state"], []).append(each)
        return result.exit_code, found

    @property
    def etc(self) -> Path:
        return Path(self.told["dialplan"])

    def edit(self, file: Path, old: str, new: str) -> Callable[[], object]:
        """Replace a part of a file; what puts it back."""
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return lambda: file.write_text(text)

    def tell(self, name: str, value: str) -> Callable[[], object]:
        """Give another option; what gives the right one again."""
        right, self.told[name] = self.told[name], value
        return lambda: self.told.update({name: right})


@pytest.fixture(scope="module")
def house(plain_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    redis, url = RedisServer().start(), plain_site.router.redis_url
    plain_site.forget_calls()
    found = House(plain_site, redis, tmp_path_factory.mktemp("house"))
    found.set_up()
    until_s = time.monotonic() + 15
    while found.looked_at()[0] and time.monotonic() < until_s:
        time.sleep(0.2)  # a daemon that just began says how it is a moment later
    yield found
    plain_site.router.stop()
    plain_site.router.redis_url = url
    redis.stop()


def _port_of_a_stranger(house: House) -> Callable[[], object]:
    stranger = socket.create_server(("127.0.0.1", 0))
    mend = house.tell("listen", f"127.0.0.1:{stranger.getsockname()[1]}")
    return lambda: (stranger.close(), mend())


def _nobody_at_the_port(house: House) -> Callable[[], object]:
    return house.tell("listen", f"127.0.0.1:{free_port()}")


def _more_rights_than_needed(house: House) -> Callable[[], object]:
    return house.tell("ami", house.told["ami"].replace("as-written", "router"))


def _rights_that_lack(house: House) -> Callable[[], object]:
    reserve = '[agents.anna]\ndesk = "PJSIP/anna"\n[[reserve]]\nname = "row"\nqueue = "sales"\nagents = ["anna"]\n'
    return house.edit(Path(house.told["policy"]), POLICY, POLICY + reserve)


def _wrong_manager_secret(house: House) -> Callable[[], object]:
    return house.edit(house.folder / "ami-secret", SECRET, "another")


def _wrong_ari_password(house: House) -> Callable[[], object]:
    return house.tell("ari", house.told["ari"].replace(SECRET, "another"))


def _redis_away(house: House) -> Callable[[], object]:
    return house.tell("redis", f"redis://127.0.0.1:{free_port()}/0")


def _redis_throws_callers_away(house: House) -> Callable[[], object]:
    house.redis.command("CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-lru")
    return lambda: house.redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")


def _redis_keeps_nothing(house: House) -> Callable[[], object]:
    house.redis.command("CONFIG", "SET", "appendonly", "no")
    return lambda: house.redis.command("CONFIG", "SET", "appendonly", "yes")


def _redis_user_may_not(house: House) -> Callable[[], object]:
    rules = ("on", f">{USER_PASSWORD}", "~ar:*", "+@all", "-xadd", "-eval")
    house.redis.command("ACL", "SETUSER", "router", *rules)
    house.tell("redis", f"redis://router:{USER_PASSWORD}@127.0.0.1:{house.redis.port}/0")
    assert _refused(house) == "not allowed: XADD, EVAL"
    return lambda: house.redis.command("ACL", "SETUSER", "router", "~ar:*", "+xadd", "+eval")


def _refused(house: House) -> str:
    return next(each["said"] for each in house.looked_at()[1]["red"] if each["about"] == "redis rights")


def _not_included(house: House) -> Callable[[], object]:
    return house.edit(house.etc / "extensions.conf", "#include extensions_router.conf", "")


def _no_guard(house: House) -> Callable[[], object]:
    text = (house.etc / "extensions_router.conf").read_text()
    line = next(line for line in text.splitlines() if "TIMEOUT(absolute)=0" in line)
    return house.edit(house.etc / "extensions_router.conf", line, " same => n,NoOp()")


def _open_secret(house: House) -> Callable[[], object]:
    (house.folder / "ami-secret").chmod(0o644)
    return lambda: (house.folder / "ami-secret").chmod(0o640)


def _no_spool(house: House) -> Callable[[], object]:
    spool = Path(house.told["spool-dir"])
    spool.rmdir()
    return lambda: spool.mkdir(mode=0o2770)


def _broken_policy(house: House) -> Callable[[], object]:
    return house.edit(Path(house.told["policy"]), 'class = "caller"', 'class = "nobody"')


MISTAKES: dict[str, Callable[[House], Callable[[], object]]] = {
    "port: nobody": _nobody_at_the_port,
    "port: stranger": _port_of_a_stranger,
    "manager rights: beyond": _more_rights_than_needed,
    "manager rights: lacking": _rights_that_lack,
    "manager: wrong secret": _wrong_manager_secret,
    "ari: wrong password": _wrong_ari_password,
    "redis: away": _redis_away,
    "redis eviction": _redis_throws_callers_away,
    "redis keeps": _redis_keeps_nothing,
    "redis rights": _redis_user_may_not,
    "dialplan: not included": _not_included,
    "dialplan guard": _no_guard,
    "secrets": _open_secret,
    "spool": _no_spool,
    "policy": _broken_policy,
}
"""What it is about, and how it is got wrong; each gives back what its remedy says."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_red_and_green_after_its_remedy(house: House, mistake: str) -> None:
    code, before = house.looked_at()
    assert (code, before.get("red", [])) == (0, []), "nothing is wrong yet"
    mend = MISTAKES[mistake](house)
    code, broken = house.looked_at()
    about = mistake.partition(":")[0]
    reds = broken.get("red", [])
    assert code == 1 and about in {each["about"] for each in reds}
    assert all(each["remedy"] for each in reds)
    assert SECRET not in json.dumps(broken) and USER_PASSWORD not in json.dumps(broken)
    mend()
    code, after = house.looked_at()
    assert (code, after.get("red", [])) == (0, [])


def test_a_daemon_that_is_down_is_told(house: House) -> None:
    house.site.router.stop()
    try:
        code, found = house.looked_at()
        assert code == 1 and {each["about"] for each in found["red"]} >= {"port", "daemon"}
    finally:
        house.site.router.start(house.told["policy"], "--ari", house.site.ari_url())
