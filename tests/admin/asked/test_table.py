"""What can be asked for: every act a role guards."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.admin.asked.table import WISHES, name_of, read_wish
from asterisk_router.admin.asked.wish import ActContext
from asterisk_router.admin.people.acting import LEAST_ROLE, Act
from asterisk_router.admin.people.roles import Person
from asterisk_router.errors import RouterError
from asterisk_router.policy.load import load


class Recording(ActContext):
    """A context that carries nothing out."""

    async def do(self, person: Person, act: Act, work: object) -> Any:
        raise RouterError(act.name)

    async def do_offline(self, person: Person, act: Act, work: object) -> Any:
        raise RouterError(act.name)


class OffStage:
    """The record of acts that need no Redis, and the switch behind it, of a context that carries nothing out."""

    def record_later(self, note: object) -> None:
        raise RouterError(getattr(note, "act", ""))


def plain_of(name: str) -> dict[str, Any]:
    """Fields that fit, for any wish."""
    some: dict[str, Any] = {"tuple[str, ...]": [], "str": "+421255500100", "int": 7, "bool": False}
    fitting = {"last": "", "role": "agent", "name": "vip", "trust": 2, "expires_at_s": 0}
    fields = {}
    for field, hint in WISHES[name].__annotations__.items():
        fields[field] = fitting.get(field, next(value for kind, value in some.items() if kind in str(hint)))
    return fields


def test_every_act_that_a_role_guards_can_be_asked_for() -> None:
    assert set(WISHES) == set(LEAST_ROLE)


@pytest.mark.parametrize("name", WISHES)
def test_each_is_recorded_as_what_it_is_called(name: str, tmp_path: Path) -> None:
    wish = read_wish(name, plain_of(name))
    assert name_of(wish) == name
    state: Any = SimpleNamespace(acts=OffStage(), notices=SimpleNamespace(read_all=list))
    shared: Any = SimpleNamespace(book=None, call_backs=None, decoys=None)
    context = Recording(shared, state, tmp_path, load)
    with pytest.raises(RouterError, match=f"^{name}$"):
        asyncio.run(wish.carry_out(context, Person("eva", "admin", "uid 1")))


@pytest.mark.parametrize("name", ["", "tag", "people token", None, 7, ["tag add"], "x" * 10_000])
def test_what_is_no_act_is_refused(name: object) -> None:
    with pytest.raises(RouterError, match="no act the daemon does"):
        read_wish(name, {})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(name for name in WISHES if WISHES[name]._fields)), st.data())
def test_whatever_a_field_is_it_fits_or_is_refused(name: str, data: st.DataObject) -> None:
    plain = plain_of(name)
    field = data.draw(st.sampled_from(sorted(plain)))
    value = data.draw(anything)
    try:
        wish = read_wish(name, {**plain, field: value})
    except RouterError:
        return
    kept = wish._asdict()[field]
    assert kept == (tuple(value) if isinstance(value, list) else value) and type(kept) is not float
