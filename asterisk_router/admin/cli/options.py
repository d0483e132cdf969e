"""Options that several commands share, and what they open."""

from __future__ import annotations

import functools
import os
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from ...callers import trust
from ...errors import StoreError
from ...settings import default_state_dir

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ...callers.caller_book import CallerBook
    from ...numbering.plan import NumberingPlan
    from ..asked.frame import Question
    from ..asked.stream import DaemonCallers
    from ..asked.way import Told
    from ..asked.wish import ActContext, Wish
    from ..people.acting import Act
    from ..people.roles import Person
    from ..ports import Ports, Shared

Result = TypeVar("Result")

EVIDENCE = {f"E{rank}": evidence for rank, evidence in trust.EVIDENCE.items()}
"""What `--trust` can imagine -> the attestation, verification and proof that would bring it about."""

POLICY_HELP = "Policy file, or one that is shipped: shop, outsourcer, clinic."

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

country = click.option(
    "--country",
    metavar="CC",
    envvar="ASTERISK_ROUTER_COUNTRY",
    show_envvar=True,
    help="Country (ISO 3166, such as SK) in whose way numbers are written.",
)

policy = click.option(
    "--policy", metavar="FILE|NAME", envvar="ASTERISK_ROUTER_POLICY", show_envvar=True, help=POLICY_HELP
)

needed_policy = click.option(
    "--policy", metavar="FILE|NAME", envvar="ASTERISK_ROUTER_POLICY", show_envvar=True, required=True, help=POLICY_HELP
)

redis = click.option(
    "--redis",
    metavar="URL|embedded",
    envvar="ASTERISK_ROUTER_REDIS",
    show_envvar=True,
    default="embedded",
    show_default=True,
    help="Redis that keeps the callers: redis://, rediss://, unix:// or redis+sentinel://HOST,HOST/NAME.",
)

state_dir = click.option(
    "--state-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="ASTERISK_ROUTER_STATE_DIR",
    show_envvar=True,
    default=default_state_dir,
    show_default="/var/lib/asterisk-router for root",
    help="Where the embedded store and the daemon's socket are.",
)

verbose = click.option("-v", "--verbose", is_flag=True, help="Say on standard error who did it, and as whom.")

OFFLINE_S = 20.0
"""How long the daemon is waited for in what needs no Redis: what puts a policy in force, and some."""

TOKEN = "ASTERISK_ROUTER_TOKEN"
"""Environment variable with the token of a program: no option, for everybody can read those of every process."""


def ports() -> Ports:
    """What the daemon's composition handed over."""
    return cast("Ports", click.get_current_context().find_root().obj)


def plan_of(country: str | None, policy: str | None) -> NumberingPlan:
    """The numbering plan of a policy, or of a country, or one that reads international numbers only."""
    if policy:
        return ports().load_policy(policy).numbering
    from ...numbering.plan import NumberingPlan

    return NumberingPlan(country or "")


def token() -> str:
    """The token by which a program gives this command; empty for a user."""
    return os.environ.get(TOKEN, "")


def who() -> str:
    """The account behind the command, by the kernel's word."""
    from ..people.roles import present_name

    return present_name()


class StorePlace(NamedTuple):
    """Which installation a command is about."""

    redis: str
    """Redis URL, or `embedded`."""
    state_dir: Path
    """Where the embedded store and the daemon's sockets are."""
    verbose: bool = False
    """Whether to say which way an act went."""

    def do(self, act: Callable[[Shared], Awaitable[Result]]) -> Result:
        """Open what the daemons of the installation share, do one act with it, close it."""
        import asyncio
        import logging

        # what a person needs to know comes back as the error of the act; the store's own log is the daemon's
        logging.getLogger("asterisk_router").addHandler(logging.NullHandler())

        async def acted() -> Result:
            async with ports().open_shared(self.redis, self.state_dir) as shared:
                if not shared.book.persistent:
                    raise StoreError(
                        "nothing keeps callers here: no Redis program on this machine, and no daemon that runs",
                        where=str(self.state_dir),
                        remedy="start asterisk-router serve, install redis-server, or give --redis URL",
                    )
                return await act(shared)

        return asyncio.run(acted())

    def act(self, act: Act, work: Callable[[Shared], Awaitable[Result]]) -> Result:
        """The same for what changes something: done only by who may, and recorded; raises NotAllowedError."""
        from ..people import acting, roles

        async def checked(shared: Shared) -> Result:
            return await acting.do(shared.acts, roles.present_person(self.state_dir), act, lambda: work(shared))

        return self.do(checked)

    def ask(self, wish: Wish) -> Any:
        """Have the daemon of the installation do it, else do it here; what it tells, as JSON has it.

        Whoever asks the daemon needs no Redis: it decides by role, and records, and both by the kernel's word. Raises
        NotAllowedError and what the act raises.
        """
        told = self.ask_daemon(wish)
        if told is not None:
            return told.done
        from ..people.roles import present_person

        person = present_person(self.state_dir)
        self.note(f"done by this command itself, as {person.name} ({person.role}, {person.source})")
        return self.do(lambda shared: wish.carry_out(self.context(shared), person))

    def context(self, shared: Shared) -> ActContext:
        """What wishes are carried out with by the command itself."""
        from ..asked.wish import ActContext

        return ActContext(shared, ports().state_files(self.state_dir), self.state_dir, ports().load_policy)

    def ask_daemon(self, wish: Wish, answer_s: float | None = None) -> Told | None:
        """Have the daemon do it; None where none is there to ask, or where --redis names another Redis than its own.

        `answer_s` is how long an answer is waited for, where less than any act may take is enough.
        """
        from ..asked import way

        told = way.ask(self.state_dir, self._question(wish), answer_s or way.ANSWER_S)
        if told is not None:
            self._note_daemon(told.person)
        return told

    @contextmanager
    def callers_of_daemon(self, wish: Wish) -> Iterator[DaemonCallers | None]:
        """Where the daemon takes the callers of an import; None as for `ask_daemon`."""
        from ..asked.stream import callers_of_daemon

        callers = callers_of_daemon(self.state_dir, self._question(wish))
        if callers is None:
            yield None
            return
        with closing(callers):
            yield callers
            self._note_daemon(callers.end())

    def _question(self, wish: Wish) -> Question:
        from ..asked import frame, table

        redis = "" if self.redis == "embedded" else frame.located(self.redis)
        return frame.Question(table.name_of(wish), redis, token(), wish._asdict())

    def _note_daemon(self, person: Person) -> None:
        self.note(f"done by the daemon of {self.state_dir}, as {person.name} ({person.role}, {person.source})")

    def note(self, said: str) -> None:
        """Say on standard error which way an act goes, where that is wanted."""
        if self.verbose:
            from .tables import printable

            click.echo(printable(said), err=True)


class CallerPlace(NamedTuple):
    """Which callers a command is about, and how it reads their numbers: the four options of `caller` and `tag`."""

    store: StorePlace
    """Where the callers are."""
    country: str | None
    """Country in whose way numbers are written."""
    policy: str | None
    """Policy whose numbering plan holds, before `country`."""

    def plan(self) -> NumberingPlan:
        """How numbers are read."""
        return plan_of(self.country, self.policy)

    def do(self, act: Callable[[CallerBook], Awaitable[Result]]) -> Result:
        """Open the callers, do one act with them, close them."""
        return self.store.do(lambda shared: act(shared.book))

    def act(self, act: Act, work: Callable[[CallerBook], Awaitable[Result]]) -> Result:
        """The same for what changes something: done only by who may, and recorded; raises NotAllowedError."""
        return self.store.act(act, lambda shared: work(shared.book))

    def ask(self, wish: Wish) -> Any:
        """Have the daemon of the installation do it, else do it here; see `StorePlace.ask`."""
        return self.store.ask(wish)


def ask_offline(state_dir: Path, wish: Wish) -> Any:
    """Have the daemon of a state directory do what needs no Redis, else do it here; what it tells, as JSON has it."""
    import asyncio

    from ..asked.wish import NoStore
    from ..people.roles import present_person

    place = StorePlace("embedded", state_dir)
    told = place.ask_daemon(wish, OFFLINE_S)
    if told is not None:
        return told.done
    unasked = cast("Shared", NoStore(StoreError("this needs no Redis")))
    return asyncio.run(wish.carry_out(place.context(unasked), present_person(state_dir)))


def store(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --redis, --state-dir and --verbose, and hands them over as one `place`."""

    @functools.wraps(command)
    def placed(redis: str, state_dir: Path, verbose: bool, **rest: Any) -> None:
        command(place=StorePlace(redis, state_dir, verbose), **rest)

    return redis(state_dir(verbose(placed)))


def callers(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --redis, --state-dir, --verbose, --country and --policy, and hands them over as one `place`."""

    @functools.wraps(command)
    def placed(
        redis: str, state_dir: Path, verbose: bool, country: str | None, policy: str | None, **rest: Any
    ) -> None:
        command(place=CallerPlace(StorePlace(redis, state_dir, verbose), country, policy), **rest)

    return country(policy(redis(state_dir(verbose(placed)))))
