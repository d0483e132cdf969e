"""What a `when` may name in one policy: the facts, and the lines, queues, agents and words that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from ..facts.table import FACT_BY_NAME, FACTS, Fact, FactUse, Value, written
from ..file.words import LANGUAGE, TAG, minutes_of, nearest, seconds_of
from .conditions import Refused, example_of

_PREFIX = re.compile(r"\+?\d{1,15}\Z")
_COUNTRY = re.compile(r"([A-Z]{2}|001)?\Z")

_SECTION_OF_ARGUMENT = {
    "class": "classes",
    "schedule": "schedules",
    "holidays": "holidays",
    "queue": "queues",
    "agent": "agents",
}


_WITHOUT_A_CALL = "ask the live line and the clock: queue('sales').waiting > 5, pressure('sales') == busy"


class Vocabulary:
    """The names of one policy; `known` maps a section (or `line.kind`, `line.campaign`) to what it defines."""

    def __init__(self, known: Mapping[str, Iterable[str]], step: str) -> None:
        """`step` is where the conditions stand: `classify`, `treat`, `bonus` or `reserve`."""
        self._known = known
        self._step = step

    def fact(self, node: ast.expr) -> FactUse:
        """The fact a node names; raises Refused with the nearest right one."""
        name, call = self._spelled(node)
        fact = FACT_BY_NAME.get(name)
        if fact is None:
            heads = {fact.name for fact in FACTS} | {"known"}
            parent = FACT_BY_NAME.get(name.partition(".")[0])
            if any(known.startswith(f"{name}.") for known in heads):
                attributes = [f".{known.partition('.')[2]}" for known in heads if known.startswith(f"{name}.")]
                raise Refused(f"{name}(...) is no fact by itself", f"add one of {', '.join(sorted(attributes))}", node)
            if parent is not None and "." in name and not any(known.startswith(f"{parent.name}.") for known in heads):
                raise Refused(f"{parent.name} has no {name.partition('.')[2]!r}", f"write {written(parent)}", node)
            raise Refused(f"unknown fact {name!r}", nearest(name, heads), node)
        if self._step == "classify" and (fact.source == "class" or fact.name == "under_bar"):
            raise Refused(
                f"{name} is not known while the call is classified", "use it in [[treat]] and [[bonus]]", node
            )
        if self._step == "reserve" and fact.source not in ("live", "clock"):
            raise Refused(f"{name} asks about a call, and no call is there", _WITHOUT_A_CALL, node)
        if not fact.arguments:
            if call is not None:
                raise Refused(f"{name} takes nothing in brackets", f"write {name}", call)
            return FactUse(fact)
        if call is None:
            raise Refused(f"{name} needs brackets", f"write {written(fact)}", node)
        use = FactUse(fact, self._argument(fact, call))
        if self._step == "reserve" and use.of_caller:
            raise Refused(f"{use} asks about a caller, and no call is there", _WITHOUT_A_CALL, node)
        return use

    def _spelled(self, node: ast.expr) -> tuple[str, ast.Call | None]:
        """`queue('sales').free` -> `queue.free` and the call in it."""
        if isinstance(node, ast.Name):
            return node.id, None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id, node
        if isinstance(node, ast.Attribute):
            head, call = self._spelled(node.value)
            return f"{head}.{node.attr}", call
        raise Refused("this is no fact", "name a fact, such as tag('vip') or calls(days=7)", node)

    def _argument(self, fact: Fact, call: ast.Call) -> str | int:
        if fact.arguments == "window":
            return self._window(fact, call)
        form = f"write {written(fact)}"
        if len(call.args) != 1 or call.keywords:
            raise Refused(f"{fact.name.partition('.')[0]} takes one thing in brackets", form, call)
        node = call.args[0]
        if fact.arguments == "agent" and isinstance(node, ast.Name):
            if node.id in ("own", "last"):
                return node.id
            raise Refused(f"unknown agent {node.id!r}", "write own, last, or a name in quotes", node)
        value = node.value if isinstance(node, ast.Constant) else None
        if fact.arguments == "percent":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
                raise Refused("share takes a whole percentage", "write a number from 0 to 100, such as share(10)", node)
            return value
        if not isinstance(value, str):
            raise Refused(f"{fact.name.partition('.')[0]} takes text in quotes", form, node)
        self._check_argument(fact, value, node)
        return value

    def _check_argument(self, fact: Fact, value: str, node: ast.expr) -> None:
        section = _SECTION_OF_ARGUMENT.get(fact.arguments)
        if section is not None:
            if value not in self._known[section]:
                raise Refused(f"unknown {fact.arguments} {value!r}", nearest(value, self._known[section]), node)
            if fact.name == "under_bar" and value not in self._known["value_bar"]:
                remedy = f"write value_bar = [{{ wait = '30s', value = 500 }}] in [queues.{value}]"
                raise Refused(f"queue {value!r} has no value_bar", remedy, node)
        elif fact.arguments in ("tag", "matter"):
            if not TAG.match(value):
                right = re.sub("[^a-z0-9]+", "-", value.lower()).strip("-")
                raise Refused(f"{value!r} is no {fact.arguments}", f"small letters, digits and dashes: {right!r}", node)
        elif not _PREFIX.match(value):
            raise Refused(f"{value!r} is no beginning of a number", "write it as +4212", node)

    def _window(self, fact: Fact, call: ast.Call) -> int:
        if not call.args and not call.keywords:
            return 0
        if call.args or len(call.keywords) != 1 or call.keywords[0].arg not in ("days", "hours"):
            raise Refused(f"{fact.name} takes days= or hours=", f"write {fact.name}(days=7)", call)
        keyword = call.keywords[0]
        value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 3660:
            raise Refused(f"{keyword.arg}= takes a whole number from 1 on", f"write {fact.name}(days=7)", keyword.value)
        return value * (86400 if keyword.arg == "days" else 3600)

    def is_value(self, node: ast.expr) -> bool:
        """Whether a node is a value: a number, text, a list of them, or a bare word that names no fact."""
        if isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.UnaryOp)):
            return True
        return isinstance(node, ast.Name) and any(node.id in fact.words for fact in FACTS)

    def value(self, use: FactUse, node: ast.expr) -> Value:
        """The value a node stands for beside that fact; raises Refused."""
        if use.fact.type == "number":
            return self._whole(use, node)
        bare = isinstance(node, ast.Name) and bool(use.fact.words)
        word = (
            node.id if isinstance(node, ast.Name) and bare else node.value if isinstance(node, ast.Constant) else None
        )
        if not isinstance(word, str):
            raise Refused(f"{use} is compared with {_kind_of_value(use)}", f"write {example_of(use)}", node)
        if use.fact.type in ("time", "duration"):
            measure = minutes_of(word) if use.fact.type == "time" else seconds_of(word)
            if measure is None:
                raise Refused(f"{word!r} is no {use.fact.type}", f"write {example_of(use)}", node)
            return measure
        self._check_word(use, word, node)
        return use.fact.words.index(word) if use.fact.type == "level" else word

    def _whole(self, use: FactUse, node: ast.expr) -> int:
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node, sign = node.operand, -1
        if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or not isinstance(node.value, int):
            raise Refused(f"{use} is compared with a whole number", f"write {example_of(use)}", node)
        if abs(node.value) > 10**15:
            raise Refused("the number is too great", "write at most 10**15", node)
        return sign * node.value

    def _check_word(self, use: FactUse, word: str, node: ast.expr) -> None:
        fact = use.fact
        if fact.words and word not in fact.words:
            raise Refused(f"{use} is never {word!r}", nearest(word, filter(None, fact.words)), node)
        if fact.refers and word and word not in self._known[fact.refers]:
            raise Refused(
                f"unknown {fact.refers.removesuffix('s')} {word!r}", nearest(word, self._known[fact.refers]), node
            )
        if fact.name == "country" and not _COUNTRY.match(word):
            raise Refused(f"{word!r} is no country", f"two capitals, such as {word.upper()[:2]!r}", node)
        if fact.name == "language" and (not LANGUAGE.match(word) or "_" in word):
            raise Refused(f"{word!r} is no language", "two or three small letters, such as 'sk'", node)


def _kind_of_value(use: FactUse) -> str:
    kinds = {"word": "text in quotes", "level": f"one of {', '.join(use.fact.words)}", "time": "a time such as '18:00'"}
    return kinds.get(use.fact.type, "a duration such as '2m'")
