"""Calls come back as they were put away, but for what no decision needs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asterisk_router.admin.past.packed_calls import UNDECIDED, packed, unpacked
from asterisk_router.replay.past_call import LoggedCall

WORDS = st.sampled_from(("", "a", "+421255500100", "\ufffd\U0001f4de"))
CALLS = st.builds(
    LoggedCall,
    line=st.just(0), at_s=st.integers(0, 2**40), caller=WORDS, called=WORDS,
    outcome=st.sampled_from(("answered", "missed", "unknown")), wait_s=st.integers(-1, 9), trunk=WORDS, choice=WORDS,
    language=WORDS, tags=st.lists(WORDS, max_size=2).map(tuple), value=st.integers(0, 2), call_id=WORDS,
    caller_class=WORDS, branch=WORDS, head_start_s=st.integers(-1, 3), menu_s=st.integers(0, 2),
    talk_s=st.integers(-1, 2), queue=WORDS, agent=WORDS, brings=st.floats(0, 9), trust=st.integers(-1, 4),
)  # fmt: skip


@given(st.lists(CALLS, max_size=6), st.integers(0, 2**40))
def test_calls_come_back(calls: list[LoggedCall], before: int) -> None:
    numbered = [call._replace(line=line) for line, call in enumerate(calls, 1)]
    nothing = LoggedCall(0, 0, "")
    unsaid = {name: nothing[place] for place, name in enumerate(LoggedCall._fields) if place in UNDECIDED}
    expected = [call._replace(line=before + call.line, **unsaid) for call in numbered]
    back = list(unpacked(packed(numbered), before))
    assert back == expected and all(type(call) is LoggedCall for call in back)
