"""Where keys and values stand in TOML of every shape."""

from __future__ import annotations

import pytest

from asterisk_router.policy.file.positions import Path, Positions

TEXT = """\
# a comment with [brackets] and = signs
top = 1
[a.b]
"quoted key" = 'lit#eral'
dotted.key = "x" # y = 2
list = [ "one", # two
  [ 3, 4 ], { in = 'five', and = [6] },
]
[[many]]
name = "first"
[many.inner]
x = 1.5
[[many]]
text = \"\"\"
 line
 two \\
     more\"\"\"
[[many.deep]]
y = 1979-05-27 07:32:00
[[many.deep]]
z = true
"""


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("top",), (2, 1), (2, 7)),
        (("a", "b"), (3, 4), (3, 4)),
        (("a", "b", "quoted key"), (4, 1), (4, 17)),
        (("a", "b", "dotted", "key"), (5, 8), (5, 15)),
        (("a", "b", "list", 0), (6, 10), (6, 11)),
        (("a", "b", "list", 1, 1), (7, 8), (7, 8)),
        (("a", "b", "list", 2, "in"), (7, 15), (7, 21)),
        (("a", "b", "list", 2, "and", 0), (7, 35), (7, 35)),
        (("many", 0), (9, 3), (9, 3)),
        (("many", 0, "inner", "x"), (12, 1), (12, 5)),
        (("many", 1, "text"), (14, 1), (15, 1)),
        (("many", 1, "deep", 0, "y"), (19, 1), (19, 5)),
        (("many", 1, "deep", 1, "z"), (21, 1), (21, 5)),
        (("many", 1, "nothing", "here"), (13, 3), (13, 3)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_keys_and_values(path: Path, key: tuple[int, int], value: tuple[int, int]) -> None:
    positions = Positions(TEXT)
    assert positions.of(path) == key
    assert positions.inside(path) == value


def test_characters_of_a_text_over_several_lines() -> None:
    positions = Positions(TEXT)
    text = " line\n two more"
    assert positions.inside(("many", 1, "text"), text.index("two")) == (16, 2)
    assert positions.inside(("many", 1, "text"), text.index("more")) == (17, 6)


def test_characters_past_escapes() -> None:
    positions = Positions('when = "\\"a\\" \\u00e9 \\U0001F600 b"\n')
    assert positions.inside(("when",), '"a" é 😀 b'.index("b")) == (1, 33)
    assert Positions("when = 'a\\b'\n").inside(("when",), 2) == (1, 11)
