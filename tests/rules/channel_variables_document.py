"""Writes docs/channel-variables.md from the table, so that the document cannot say anything else."""

from __future__ import annotations

from asterisk_router.admin.pbx.dialplan import REPORTED
from asterisk_router.wire.channel_variables import CHANNEL_VARIABLES, SENTINEL
from asterisk_router.wire.incoming_call import QUERY_NAMES

HOLDS = {
    "token": "`[A-Za-z0-9_.:@/+-]`, safe in `Goto`, `Queue` and `Dial`",
    "text": "text for a screen; keep it out of `$[ ]`",
    "number": "a whole number",
    "flag": "1 or 0",
}

HEAD = """\
# Channel variables

Made from the table in `asterisk_router/wire/channel_variables.py` by `make docs`; change it there.

## What the router sets

All of them are set in one step, in this order, on every call it answers. `{sentinel}` comes last: without it the call
has no whole answer and the dialplan believes none of the others ([router-route] empties them). What the router has
nothing to say about is empty (a number is 0). The last column names the duty of the product the variable fulfils.

| variable | holds | what the dialplan does with it | duty |
| --- | --- | --- | --- |
"""

TAIL = """\
| `{sentinel}` | 1 | Says that the answer is whole. | |

`__ROUTER_CLASS`, `__ROUTER_NUMBER` and `__ROUTER_CARD_URL` are set once more by [router-route], so that they are
inherited by the telephones of agents and by whoever the call is transferred to.

## What the dialplan keeps for itself

| variable | meaning |
| --- | --- |
| `ROUTER_DID` | The number called; `EXTEN` changes on the way. |
| `ROUTER_CALLER`, `ROUTER_TRUNK`, `ROUTER_ATT`, `ROUTER_VER`, `ROUTER_PAI` | What the router is told of the caller. |
| `ROUTER_PROOF` | How the caller proved who they are: `pin`, `call-back`. Emptied when the call comes in. |
| `ROUTER_REACHED`, `ROUTER_REACHED_ON` | On whom the house called back: their number, and the one they had called. |
| `ROUTER_PIN`, `ROUTER_WRONG`, `ROUTER_HOUR` | What was entered, emptied at once, and the wrong ones of this hour. |
| `ROUTER_CHOICE` | What the caller chose in a menu, for asking a second time. |
| `ROUTER_FALLBACK` | The branch taken when no answer comes: `default`, or the one of the choice. |
| `ROUTER_LIMIT` | `TIMEOUT(absolute)` as it was before the guard. |
| `ROUTER_RANG` | When it rang, in seconds since 1970. |
| `ROUTER_SHOWN` | The number as shown, digits and `+` only: `ROUTER_NUMBER` until the router says better. |
| `ROUTER_DIRECTION` | `out` for a call the house makes, by [router-contact]; empty for one that comes in. |
| `ROUTER_WAITS_SINCE` | When the caller began to wait for a person, in seconds since 1970; menus do not count. |
| `ROUTER_JOINED` | When the call entered the queue it is in. |
| `ROUTER_ASKED` | 1 when the caller asked to be called back (key 9). |
| `ROUTER_ESCAPED` | 1 when the caller left the decoy by a key: suspends the tag that led there. |
| `QUEUE_PRIO` | Asterisk's own: `ROUTER_HEAD_START - (ROUTER_WAITS_SINCE - 1767225600)`, the rank in the queue. |

## What whoever dials brings along

| variable | meaning |
| --- | --- |
| `ROUTER_CALL_BACK_OF` | On both halves of a call-back: the person it is for. |
| `ROUTER_WAITS_SINCE`, `ROUTER_HEAD_START`, `ROUTER_SCREEN_NAME` | Theirs, so that the call-back has their rank. |
| `ROUTER_DID` | The number shown to whoever is called back. |
| `ROUTER_RESERVE_INTERFACE`, `ROUTER_RESERVE_NAME` | Who is asked to join a queue by [router-reserve]. |

## What the dialplan tells the router

Names in the query of the AGI address, each value through `URIENCODE`; the AGI script takes the same query as its
argument.

| name | field of `IncomingCall` |
| --- | --- |
"""

REPORT = """
## What it tells of the end

[router-ended] reports every call that ended: the same query, with the `uid`, `lid`, `did`, `chan` and `num` of the call
and, as `end`, pairs `name=value` with semicolons between them. The report is a line of the file
`asterisk-router/unreported` in Asterisk's spool directory, which the daemon takes in; where the daemon is on another
host, it is an AGI address.

| name | variable |
| --- | --- |
"""


def document() -> str:
    """Return the whole document."""
    rows = "".join(
        f"| `{variable.name}` | {HOLDS[variable.kind]} | {variable.meaning} | {variable.row} |\n"
        for variable in CHANNEL_VARIABLES
    )
    names = "".join(f"| `{name}` | `{field}` |\n" for name, field in QUERY_NAMES.items())
    reported = "".join(f"| `{name}` | `{variable}` |\n" for name, variable in REPORTED.items())
    return HEAD.format(sentinel=SENTINEL) + rows + TAIL.format(sentinel=SENTINEL) + names + REPORT + reported
