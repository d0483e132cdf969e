"""A whole site: a PBX with our templates, the watcher of its dialplan, and the daemon it asks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asterisk_router.admin.pbx.dialplan import ARI_FILES, QUEUES, Stasis, render
from asterisk_router.wire.end_report import EndReport, read, read_line
from asterisk_router.wire.incoming_call import IncomingCall
from tests.live.ami import Watcher
from tests.live.pbx import Pbx
from tests.live.ports import free_port
from tests.live.router_process import RouterProcess

HERE = Path(__file__).parent

AGENT = """
[router-branches-custom]
exten => lounge,1,Goto(router-person,s,1)

; an agent whose telephone rings and is never taken up: callers wait, and every queue has somebody
[test-agent]
exten => ring,1,Ringing()
 same => n,Wait(600)

; agents who take a call up at once, each with a telephone of their own: one who ends it soon, one who talks on, one who
; sends the caller on to the house's other agent (a blind transfer), one who asks that agent first (an attended one)
exten => _quick.,1,Answer()
 same => n,Wait(0.3)
 same => n,Hangup()
exten => _talks.,1,Answer()
 same => n,Wait(600)
exten => _passes.,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(#)
 same => n,Wait(0.7)
 same => n,SendDTMF(${EXTEN:-2},100)
 same => n,Wait(600)
exten => _asks.,1,Answer()
 same => n,Wait(0.5)
 same => n,SendDTMF(*2,100)
 same => n,Wait(0.7)
 same => n,SendDTMF(${EXTEN:-2},100)
 same => n,Wait(2.5)
 same => n,Hangup()

; one who is asked on the telephone and accepts with 1
exten => _accepts.,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(1)
 same => n,Wait(600)

; the house: whom calls are transferred to
[test-house]
exten => 77,1,Dial(Local/talks-second@test-agent/n)
exten => 78,1,Dial(PJSIP/anna,20,b(router-card^s^1))

; a call the site has set a limit to
[test-limited]
exten => s,1,Set(TIMEOUT(absolute)=60)
 same => n,Goto(router-in,s,1)

; a caller; and one who presses 1 after a while
[test-caller]
exten => s,1,Answer()
 same => n,Wait(600)
exten => press1,1,Answer()
 same => n,Wait(4)
 same => n,SendDTMF(1)
 same => n,Wait(600)

; a caller who says whatever was encoded for the test, byte by byte: data from the first step on
[test-hostile]
exten => s,1,Set(CALLERID(num)=${URIDECODE(${TEST_NUM})})
 same => n,Set(CALLERID(name)=${URIDECODE(${TEST_NAME})})
 same => n,Set(CALLERID(dnid)=${URIDECODE(${TEST_RDNIS})})
 same => n,Set(REDIRECTING(from-num,i)=${URIDECODE(${TEST_RDNIS})})
 same => n,Goto(router-in,+42120550000,1)

; a call the house makes
[test-out]
exten => _00X.,1,Gosub(router-contact,s,1(${EXTEN}))
 same => n,Dial(PJSIP/${EXTEN}@trunk,20)
"""

GUARD_MS = 3000 if "PYTEST_XDIST_WORKER" in os.environ else 300
"""Of the dialplan: tests that run side by side ask what is decided, not when, and their calls may wait for a core."""

TAKEN_OUT = (
    "; same => n,Set(ROUTER_ATT=${FILTER",
    "; same => n,Set(ROUTER_VER=success",
    "; same => n,Set(ROUTER_PAI=",
    ";exten => _+X.,1,Dial(PJSIP/${EXTEN}@trunk",
    "; same => n,Hangup()\n",
)
"""The lines a sysadmin takes out of their comment: the carrier verifies caller IDs, call-backs go by the trunk."""

LIFTED_S = 5
"""When `queuerules_router.conf` lets everybody be rung whatever skill was asked for; it is written with 15 s."""

SECRET = "of-the-tests-only"
"""The daemon's, as manager user and ARI user `router`."""


@dataclass
class Site:
    """What the tests of one kind of dialplan share."""

    kind: str
    pbx: Pbx
    watcher: Watcher
    router: RouterProcess
    keep_log: bool = False
    """Whether what Asterisk and the daemon wrote is kept when the site is closed: set after a failure."""

    @property
    def ami_url(self) -> str:
        """What the daemon's `--ami` says of this PBX."""
        return f"ami://router:{SECRET}@127.0.0.1:{self.pbx.ami_port}/{self.kind}"

    def ari_url(self, app: str = "router") -> str:
        """What the daemon's `--ari` says of an application of this PBX."""
        return f"ari://router:{SECRET}@127.0.0.1:{self.pbx.http_port}/{app}"

    @property
    def spool(self) -> Path:
        """Where the dialplan leaves its reports, the daemon's `--spool-dir`."""
        return self.pbx.home / "spool/asterisk-router"

    def queue(self, name: str) -> str:
        """What Asterisk calls the queue a policy knows by `name`."""
        return name if self.kind == "plain" else str(400 + QUEUES.index(name))

    @contextmanager
    def staffed(self, *agents: str, queues: tuple[str, ...] = ("sales",), paused: bool = False) -> Iterator[None]:
        """Those agents of [test-agent] in `queues`, in place of the one who only rings."""
        names = [self.queue(name) for name in queues]
        members = [f"Local/{agent}@test-agent/n" for agent in agents]
        for name in names:
            for member in members:
                self.pbx.cli(f"queue add member {member} to {name}")
                if paused:
                    self.pbx.cli(f"queue pause member {member} queue {name}")
            self.pbx.cli(f"queue remove member Local/ring@test-agent from {name}")
        try:
            yield
        finally:
            self.hang_up()
            for name in names:
                self.pbx.cli(f"queue add member Local/ring@test-agent to {name}")
                for member in members:
                    self.pbx.cli(f"queue remove member {member} from {name}")

    def hang_up(self) -> None:
        """End every call, those that are only coming up too, and return when none is left."""

        def is_quiet() -> bool:
            self.pbx.cli("channel request hangup all")
            return not self.pbx.channels

        self.watcher.wait(is_quiet)

    def reports(self) -> list[tuple[IncomingCall, EndReport]]:
        """What the dialplan reported of calls that ended and no daemon has taken in, as the router reads it."""
        left = self.spool / "unreported"
        lines = left.read_bytes().splitlines() if left.exists() else []
        return [(call, read(call.ended)) for call in map(read_line, lines)]

    @property
    def taken_in(self) -> bool:
        """Whether a daemon has taken in all that was reported."""
        return not any((self.spool / name).exists() for name in ("unreported", "taken"))

    def forget_calls(self) -> None:
        """End every call, and remove what was seen, reported, or left in the journal of a daemon that was stopped."""
        self.hang_up()
        self.watcher.forget()
        for name in ("unreported", "taken"):
            (self.spool / name).unlink(missing_ok=True)
        for journal in self.pbx.home.glob("daemon*/journal"):
            shutil.rmtree(journal)

    def queues_joined(self, number: str) -> list[str]:
        """The queues the call from that number entered, in order, as Asterisk calls them."""
        return [
            event["Queue"] for event in self.watcher.call_from(number).events if event["Event"] == "QueueCallerJoin"
        ]


def configuration(kind: str, port: int, **options: object) -> dict[str, str]:
    """Return the configuration of a PBX with the shipped templates, included as their first lines say."""
    rendered = render(kind, port=port, secret=SECRET, **options)  # type: ignore[arg-type]
    _with_all_rights(rendered)
    if kind == "plain":
        rules = rendered["queuerules_router.conf"]
        assert "=> 15," in rules
        rendered["queuerules_router.conf"] = rules.replace("=> 15,", f"=> {LIFTED_S},")
    extensions, text = dialplan(kind, port, **options)
    rendered[extensions] = text
    read = [name for name in rendered if name[:7] != "manager" and name not in ARI_FILES[kind]]
    by_ari = render(kind, stasis=Stasis(secret=SECRET))
    rendered |= {name: by_ari[name] for name in ARI_FILES[kind]}
    if kind == "plain":
        included = {name.replace("_router", ""): f"[general]\n#include {name}\n" for name in read}
        included["extensions.conf"] = f"[globals]\nTRANSFER_CONTEXT=test-house\n{included['extensions.conf']}{AGENT}"
        # what queues_router.conf says about agents in several queues; Asterisk 16 does not know it
        included["queues.conf"] = "[general]\nforce_longest_waiting_caller=prio\n#include queues_router.conf\n"
        included["features.conf"] = "[general]\n[featuremap]\natxfer => *2\n"
        return {**rendered, **included}
    queues = "".join(
        f"[{400 + at}]\nstrategy=leastrecent\nringinuse=no\nautofill=yes\ncontext=ivr-1\n" for at in range(len(QUEUES))
    )
    return {
        **rendered,
        "extensions_custom.conf": f"#include {extensions}\n",
        "extensions.conf": (HERE / "freepbx_shape.conf").read_text() + AGENT,
        "queues.conf": f"[general]\n{queues}",
    }


def dialplan(kind: str, port: int, **options: object) -> tuple[str, str]:
    """The file of the dialplan and its text, as a sysadmin leaves it; `options` are those of `render`."""
    rendered = render(kind, port=port, **{"guard_ms": GUARD_MS, **options})  # type: ignore[arg-type]
    name = next(name for name in rendered if name.startswith("extensions"))
    text = rendered[name]
    for line in TAKEN_OUT:
        text = text.replace(line, line.removeprefix(";"))
    return name, text


def _with_all_rights(rendered: dict[str, str]) -> None:
    """The manager user with the rights of every duty, another, `as-written`, with those it is written with, and a
    third, `reader`, who may also read the dialplan."""
    name = next(name for name in rendered if name.startswith("manager"))
    user = rendered[name].partition("[router]")[2]
    rendered["manager_as_written.conf"] = f"[as-written]{user}"
    rendered["manager_reader.conf"] = "[reader]" + user.replace("\nwrite =\n", "\nwrite = reporting\n")
    rendered[name] = rendered[name].replace("\nwrite =\n", "\nwrite = agent,originate,call\n")


@contextmanager
def running_site(kind: str, testbed: Path, redis_url: str, **options: object) -> Iterator[Site]:
    """Start a PBX of that kind with an agent in each queue; its daemon is there to be started.

    `options` are those of `render`.
    """
    port = free_port()
    pbx = Pbx(testbed, "router-in" if kind == "plain" else "from-trunk", configuration(kind, port, **options))
    router = RouterProcess(port, redis_url, pbx.home / "daemon")
    site = None
    try:
        pbx.start()
        site = Site(kind, pbx, Watcher(pbx), router)
        for queue in QUEUES:
            pbx.cli(f"queue add member Local/ring@test-agent to {site.queue(queue)}")
        yield site
        site.watcher.close()
    finally:
        router.stop()
        pbx.stop(keep_log=site is None or site.keep_log)
