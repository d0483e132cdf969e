"""Every key the router keeps in Redis, in one table; nothing else writes a key by hand.

| key | type | holds |
| --- | --- | --- |
| `ar:{NUMBER}` | string | the caller record of `wire/caller_record`, the same under every number of a person |
| `ar:ranges` | hash | tags of ranges and prefixes: field `FIRST-LAST:TAG` or `PREFIX*:TAG`, value an encoded tag |
| `ar:ranges_version` | integer | moved by each change of `ar:ranges`, so the mirror in memory knows when to read |
| `ar:{calls}` | stream | every call as it began and as it ended (`wire/call_record`), trimmed |
| `ar:{calls}:seen:DAY` | set | which of them are in the stream already, by the day they began; expires |
| `ar:call_backs` | hash | open call-backs: field the person's chief number, value an encoded entry |
| `ar:call_backs_closed` | list | the latest settled call-backs, newest first, trimmed |
| `ar:spoke:{NUMBER}` | string | when a call-back to the number was last made needless; expires as call-backs do |
| `ar:boards` | hash | each PBX's live line: field its name, value JSON with the moment it was true |
| `ar:lead:PBX` | string | the daemon that acts on a PBX, with a lease |
| `ar:pulled:PBX` | hash | reserve agents helping out: field JSON `[QUEUE, INTERFACE]`, value JSON of who pulled them |
| `ar:asked:PBX` | list | what people ask the leading daemon to do there |
| `ar:decoy` | string | who answers for the decoy, JSON; not there: it is off |
| `ar:decoy_off` | string | who switched it off last, and why, JSON |
| `ar:decoy_uses` | sorted set | calls that met the decoy, by the moment of their end: `UNIQUEID 0`, `1` of an escape |
| `ar:told:ID` | list | its answer to one of them; expires |
| `ar:{calls}:forgotten` | hash | callers who were forgotten, by pseudonym, and until when their calls are dropped |
| `ar:{calls}:forgetters` | hash | each daemon: when it lived, and up to which mark it has forgotten |
| `ar:{calls}:key` | string | fingerprint of the key of pseudonyms |
| `ar:{calls}:kept` | string | that what is past its time was let go of today; expires |
| `ar:{calls}:new` | stream | the stream while a caller is erased from it; expires |
| `ar:{acts}` | list | what people did: one `wire/act_record` after the other, chained, never changed |
| `ar:doctor` | any | what a look at the store tries, for a moment |
| `ar:{acts}:subjects` | hash | whom that was about: field a caller's number, value what stands for it there |

The braces make the number the hash tag of a Redis Cluster. The prefix is short because a million callers pay
for every letter of it.
"""

from __future__ import annotations

from typing import NamedTuple

PREFIX = "ar:"
"""What every key begins with unless told otherwise."""


class RedisKeys(NamedTuple):
    """The keys of one installation."""

    prefix: str = PREFIX
    """What every key begins with."""

    def caller(self, number: str) -> bytes:
        """Key of the caller behind a canonical number; text that is no number at all gives a key nobody has.

        >>> RedisKeys().caller("+12025550100")
        b'ar:{+12025550100}'
        """
        return f"{self.prefix}{{{number}}}".encode("ascii", "replace")

    def number_of(self, key: bytes) -> str:
        """The number in a key of `caller`."""
        return key[len(self.prefix.encode()) + 1 : -1].decode(errors="replace")

    @property
    def every_caller(self) -> bytes:
        """The glob pattern that matches all caller keys and no other; the prefix is taken as it is."""
        literal = "".join(f"\\{letter}" if letter in "*?[]^\\" else letter for letter in self.prefix)
        return f"{literal}{{[+0-9]*}}".encode()

    @property
    def ranges(self) -> bytes:
        """Key of the tags of ranges and prefixes."""
        return f"{self.prefix}ranges".encode()

    @property
    def ranges_version(self) -> bytes:
        """Key of their version."""
        return f"{self.prefix}ranges_version".encode()

    @property
    def calls(self) -> bytes:
        """Key of the stream of every call."""
        return f"{self.prefix}{{calls}}".encode()

    def calls_seen(self, day: int) -> bytes:
        """Key of the calls of one day (days since 1970 UTC) that are in the stream already."""
        return f"{self.prefix}{{calls}}:seen:{day}".encode()

    @property
    def calls_new(self) -> bytes:
        """Key of the stream that takes the place of `calls` when a caller has been erased from it."""
        return f"{self.prefix}{{calls}}:new".encode()

    @property
    def kept(self) -> bytes:
        """Key of the word that what is past its time was let go of today."""
        return f"{self.prefix}{{calls}}:kept".encode()

    @property
    def forgotten(self) -> bytes:
        """Key of the callers who were forgotten."""
        return f"{self.prefix}{{calls}}:forgotten".encode()

    @property
    def forgetters(self) -> bytes:
        """Key of the daemons that hear of it."""
        return f"{self.prefix}{{calls}}:forgetters".encode()

    @property
    def pseudonym_key(self) -> bytes:
        """Key of the fingerprint of the key of pseudonyms."""
        return f"{self.prefix}{{calls}}:key".encode()

    @property
    def call_backs(self) -> bytes:
        """Key of the open call-backs."""
        return f"{self.prefix}call_backs".encode()

    @property
    def call_backs_closed(self) -> bytes:
        """Key of the latest settled call-backs."""
        return f"{self.prefix}call_backs_closed".encode()

    def spoke(self, number: str) -> bytes:
        """Key of the moment before which no call of a number is owed a call-back any more."""
        return f"{self.prefix}spoke:{{{number}}}".encode("ascii", "replace")

    @property
    def boards(self) -> bytes:
        """Key of the live lines of all PBXs."""
        return f"{self.prefix}boards".encode()

    def lead(self, pbx: str) -> bytes:
        """Key of the lease of the daemon that acts on a PBX."""
        return f"{self.prefix}lead:{pbx}".encode()

    def pulled(self, pbx: str) -> bytes:
        """Key of the reserve agents who help out on a PBX."""
        return f"{self.prefix}pulled:{pbx}".encode()

    def asked(self, pbx: str) -> bytes:
        """Key of what people ask to be done on a PBX."""
        return f"{self.prefix}asked:{pbx}".encode()

    @property
    def decoy(self) -> bytes:
        """Key of the switch of the decoy."""
        return f"{self.prefix}decoy".encode()

    @property
    def decoy_off(self) -> bytes:
        """Key of who switched it off last."""
        return f"{self.prefix}decoy_off".encode()

    @property
    def decoy_uses(self) -> bytes:
        """Key of the calls that met it."""
        return f"{self.prefix}decoy_uses".encode()

    def told(self, request_id: str) -> bytes:
        """Key of the answer to one request."""
        return f"{self.prefix}told:{request_id}".encode()

    @property
    def acts(self) -> bytes:
        """Key of the record of what people did."""
        return f"{self.prefix}{{acts}}".encode()

    @property
    def act_subjects(self) -> bytes:
        """Key of the callers acted upon, and what stands for each in the record."""
        return f"{self.prefix}{{acts}}:subjects".encode()

    @property
    def doctor(self) -> bytes:
        """Key on which a look at the store tries what it may do."""
        return f"{self.prefix}doctor".encode()
