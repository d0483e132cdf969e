"""What the acts are handed by the daemon's composition, so that no act imports a door or a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Any

    from ..call_path import CallPath
    from ..callers.call_back import CallBack, ClosedCallBack
    from ..callers.caller_book import CallerBook
    from ..callers.decoy_use import DecoyState, DecoyUses
    from ..callers.registered_call import Registered
    from ..policy.kept_versions import KeptVersion
    from ..policy.policy import Policy
    from ..queues.acts import Done
    from ..queues.requests import Wish
    from ..queues.seen_pbx import SeenPbx
    from ..queues.shared_board import SeenBoard
    from ..settings import AmiServer, Settings
    from ..wire.act_record import ActNote, ActRecord, Fault
    from .doctor.examination import Looks


class Boards(Protocol):
    """The live lines of all PBXs, as the daemons publish them."""

    async def read_all(self) -> list[SeenBoard]:
        """The board of every PBX with its age, by name; raises StoreUnavailableError."""


class Requests(Protocol):
    """The way to the daemon that leads a PBX."""

    async def ask(self, pbx: str, wish: Wish, author: str) -> Done:
        """Ask for one thing and wait for the answer, seconds at most; raises StoreUnavailableError."""


class Calls(Protocol):
    """The registry of every call, for reading."""

    unreadable: int
    """Entries met that this release cannot read."""

    async def newest(self, count: int) -> tuple[Sequence[Registered], str]:
        """The latest records, oldest first, and the position to go on `after`; raises StoreUnavailableError."""

    async def after(self, position: str) -> tuple[Sequence[Registered], str]:
        """The records after a position (`0`: from the first one), oldest first, some hundreds, and where to go on."""


class CallBacks(Protocol):
    """Every open call-back. All of these raise StoreUnavailableError."""

    async def entries(self) -> list[CallBack]:
        """All of them, in no order; entries of one person as one."""

    async def take(self, number: str, owner: str, for_s: float) -> CallBack:
        """Give the call-back of a person to `owner` for so long; whoever is its owner now is in what is returned."""

    async def release(self, number: str, owner: str) -> CallBack:
        """Put it back into nobody's hands, if it is in those of `owner`; what is open now."""

    async def close(self, number: str, why: str, by: str) -> CallBack:
        """Close the call-back of a person for the calls known by now, and return it; CLOSED when none was open."""

    async def put(self, entry: CallBack) -> CallBack:
        """Open an entry that a person made, or join it to the one that is open; what is open now."""

    async def closed(self, count: int) -> list[ClosedCallBack]:
        """The latest settled ones, newest first."""

    async def spoke_at_s(self, numbers: tuple[str, ...]) -> float:
        """When any of these numbers was last spoken with, as far as it is kept; 0 for never."""

    async def erase(self, numbers: Iterable[str]) -> int:
        """Remove all that is kept of a person; how many call-backs, open and settled, that were."""


class Decoys(Protocol):
    """The switch of the decoy and what became of its callers. All of these raise StoreUnavailableError."""

    async def state(self) -> DecoyState:
        """The switch, with who turned it last."""

    async def switch_on(self, responsible: str, by: str, at_s: float) -> DecoyState:
        """Switch it on; uses are counted from now."""

    async def switch_off(self, by: str, why: str, at_s: float, only: DecoyState | None = None) -> bool:
        """Switch it off; whether it was on."""

    async def uses(self, since_s: float) -> DecoyUses:
        """What became of its callers since then."""


class Acts(Protocol):
    """The record of what people did."""

    async def record(self, note: ActNote) -> ActRecord:
        """Record an act; raises StoreUnavailableError, ActRecordError."""

    async def subject(self, number: str) -> str:
        """What stands for a caller in the record."""

    async def subjects(self) -> dict[str, str]:
        """What stands for a caller -> their number, of all who were acted upon and are not forgotten."""

    async def forget(self, numbers: Iterable[str]) -> int:
        """Let no record lead to these numbers any more; to how many one did."""

    async def lines(self) -> Sequence[bytes]:
        """Every line of the record, oldest first."""

    async def verify(self) -> tuple[int, bool, Fault | None]:
        """How many there are, whether the mirror could be read, and the first that is not as it was written."""


class Erasure(Protocol):
    """What has to go with a caller beside their record and their call-backs. All of these raise StoreError."""

    async def mark(self, numbers: Collection[str], now_s: float) -> float:
        """From now on no daemon registers a call of theirs that began by now; the moment in the marks."""

    async def pseudonyms(self, numbers: Collection[str]) -> list[str]:
        """What stands for these numbers in old records."""

    async def erase_calls(self, names: Collection[str]) -> int:
        """Take every record of these numbers and pseudonyms out of the registry; how many."""

    async def erase_journals(self, numbers: Collection[str]) -> int:
        """Erase them from the journals of the state directory; how many records. Raises OSError."""

    async def heard(self, until_s: float) -> Heard:
        """How many daemons have forgotten them too, after some seconds at most, and how many have not yet."""

    async def rewrite_files(self) -> str:
        """Let Redis write its files anew; why it did not, empty when it did or keeps none."""


class Heard(Protocol):
    """Daemons that live."""

    @property
    def clean(self) -> int:
        """Those that have forgotten."""

    @property
    def silent(self) -> int:
        """Those that have not yet."""


class OfflineActs(Protocol):
    """The record of what people did, for acts that need no Redis."""

    def record_later(self, note: ActNote) -> None:
        """Keep a note for the daemon to record; raises OSError."""


class Shared(NamedTuple):
    """What daemons and people share in one store, open."""

    book: CallerBook
    """The callers."""
    boards: Boards
    """The live lines."""
    requests: Requests
    """What people ask to be done."""
    calls: Calls
    """The registry."""
    call_backs: CallBacks
    """Who is to be called back."""
    acts: Acts
    """Who did what."""
    erasure: Erasure
    """What forgets callers."""
    decoys: Decoys
    """The switch of the decoy."""


class Versions(Protocol):
    """Every version of a policy that was in force. All of these raise OSError."""

    def content_of(self, file: Path, files: Iterable[Path]) -> Mapping[str, bytes]:
        """The files of a policy as they are now; `file` is the policy file itself."""

    def hash_of(self, content: Mapping[str, bytes]) -> str:
        """What a content is kept under."""

    def put(self, content: Mapping[str, bytes], file: Path, files: Iterable[Path]) -> None:
        """Let the policy at `file`, made of `files` now, be made of `content`."""

    def history(self) -> list[KeptVersion]:
        """What came into force, oldest first."""

    def content(self, content: str) -> Mapping[str, bytes]:
        """The files kept under that hash."""

    def keep(self, entry: KeptVersion, content: Mapping[str, bytes]) -> None:
        """Keep a version and write it into the history."""


class Notices(Protocol):
    """What the daemons that run say of themselves."""

    def read_all(self) -> list[dict[str, Any]]:
        """The notice of each; raises OSError."""


class StateFiles(NamedTuple):
    """What lies in a state directory and can be had without Redis."""

    versions: Versions
    """The policies that were in force."""
    notices: Notices
    """What the daemons say of themselves, their policies above all."""
    acts: OfflineActs
    """Where it is noted who did what."""


class Ports(NamedTuple):
    """What an act may need from the rest of the router; each is imported when first called."""

    open_book: Callable[[str, Path], AbstractAsyncContextManager[CallerBook]]
    """Opens the callers at a Redis URL (or `embedded`) under a state directory; raises StoreUnavailableError."""
    open_shared: Callable[[str, Path], AbstractAsyncContextManager[Shared]]
    """Opens everything shared there; raises StoreUnavailableError."""
    load_policy: Callable[[str], Policy]
    """Reads a policy file, or a shipped policy by name; raises PolicyError with every fault."""
    call_path: Callable[[Policy, CallerBook], CallPath]
    """Joins a policy and a book into the path of a call."""
    serve: Callable[[Settings], int]
    """Runs the daemon until it is told to stop; returns its exit code."""
    look_at: Callable[[AmiServer], SeenPbx]
    """Asks a PBX once what is in its queues, and which extensions it has; raises AmiError."""
    state_files: Callable[[Path], StateFiles]
    """What lies in a state directory."""
    looks: Callable[[], Looks]
    """How the doctor looks at what the router stands on."""
