"""`when`: parsed with Python's own grammar into conditions over documented facts; everything else is refused."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from ..facts.table import Fact, FactUse, Value

Complain = Callable[[str, str, int], None]
"""Told about one fault: the problem, the remedy, and the character of the `when` text at which it stands."""


class Atom(NamedTuple):
    """One question about one fact."""

    use: FactUse
    """The fact asked."""
    operator: str
    """`is` for a flag standing alone, `known`, or a comparison: `==` `!=` `<` `<=` `>` `>=` `in` `not in`."""
    operands: tuple[Value, ...]
    """What it is compared with; times in minutes, durations in seconds, levels as their rank."""
    text: str
    """As written, for people."""

    def holds(self, value: Value) -> bool | None:
        """The answer for one value of the fact; None when the value does not say."""
        if self.operator == "known":
            return value is not None
        if value is None:
            return None
        return _ANSWERS[self.operator](value, self.operands)


_ANSWERS: dict[str, Callable[[Value, tuple[Value, ...]], bool]] = {
    "is": lambda value, _: bool(value),
    "==": lambda value, operands: value == operands[0],
    "!=": lambda value, operands: value != operands[0],
    "<": lambda value, operands: value < operands[0],  # type: ignore[operator]
    "<=": lambda value, operands: value <= operands[0],  # type: ignore[operator]
    ">": lambda value, operands: value > operands[0],  # type: ignore[operator]
    ">=": lambda value, operands: value >= operands[0],  # type: ignore[operator]
    "in": lambda value, operands: value in operands,
    "not in": lambda value, operands: value not in operands,
}


class Not(NamedTuple):
    """The opposite; the opposite of unknown is unknown."""

    part: Condition
    """What is denied."""


class And(NamedTuple):
    """All parts."""

    parts: tuple[Condition, ...]
    """What must hold."""


class Or(NamedTuple):
    """Any part."""

    parts: tuple[Condition, ...]
    """One of which must hold."""


Condition = Atom | Not | And | Or
"""A checked `when`; `And(())` is the one that always holds."""

ALWAYS = And(())
"""The condition of a rule without `when`."""


def atoms_of(condition: Condition) -> Iterator[Atom]:
    """Every question a condition asks, in reading order."""
    if isinstance(condition, Atom):
        yield condition
    elif isinstance(condition, Not):
        yield from atoms_of(condition.part)
    else:
        for part in condition.parts:
            yield from atoms_of(part)


def truth_of(condition: Condition, value_of: Callable[[FactUse], Value]) -> bool | None:
    """The three-valued answer (Kleene): None when what is not known could decide it either way."""
    if isinstance(condition, Atom):
        return condition.holds(value_of(condition.use))
    if isinstance(condition, Not):
        answer = truth_of(condition.part, value_of)
        return None if answer is None else not answer
    answers = [truth_of(part, value_of) for part in condition.parts]
    decisive = isinstance(condition, Or)
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


class Refused(Exception):
    """A part of a `when` that cannot be used; the parts beside it are still checked."""

    def __init__(self, problem: str, remedy: str, node: ast.expr) -> None:
        self.problem = problem
        self.remedy = remedy
        self.node = node
        super().__init__(problem)


_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip

_MISWRITTEN = {"&&": "write `and`", "||": "write `or`", "!": "write `not`", "=": "compare with =="}
"""What other languages write, and what to write here; tried when a condition cannot be read."""

_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Reading(Protocol):
    """What a `when` may name: implemented by `vocabulary.Vocabulary`."""

    def fact(self, node: ast.expr) -> FactUse:
        """The fact a node names; raises Refused."""

    def is_value(self, node: ast.expr) -> bool:
        """Whether a node is a value (a number, text, a bare word) and not a fact."""

    def value(self, use: FactUse, node: ast.expr) -> Value:
        """The value a node stands for beside that fact; raises Refused."""


class ConditionReader:
    """Reads the `when` of one rule; `reading` knows which names, words and values exist in the policy."""

    def __init__(self, reading: Reading, text: str, complain: Complain) -> None:
        self._reading = reading
        self._text = text.replace("\n", " ").replace("\t", " ")
        self._bytes = f"({self._text})".encode()  # ast counts bytes; the brackets let a condition run over lines
        self._complain = complain

    def read(self) -> Condition | None:
        """The condition, or None after complaining about everything wrong with it."""
        try:
            tree = ast.parse(self._bytes, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
            column = max((getattr(wrong, "offset", None) or 2) - 2, 0)
            problem = (getattr(wrong, "msg", None) or "not an expression").partition(". ")[0]
            written = next((sign for sign in _MISWRITTEN if sign in self._text), "")
            remedy = _MISWRITTEN.get(written, "conditions are joined by and, or, not")
            self._complain(f"cannot be read: {problem}", remedy, min(column, len(self._text)))
            return None
        if _is_too_deep(tree.body):
            self._complain("the condition is nested too deeply", "make several rules of it", 0)
            return None
        return self._checked(tree.body)

    def _checked(self, node: ast.expr) -> Condition | None:
        try:
            return self._condition(node)
        except Refused as refused:
            self._complain(refused.problem, refused.remedy, self._column(refused.node))
            return None

    def _condition(self, node: ast.expr) -> Condition | None:
        if isinstance(node, ast.BoolOp):
            parts = [self._checked(part) for part in node.values]
            good = tuple(part for part in parts if part is not None)
            if len(good) < len(parts):
                return None
            return And(good) if isinstance(node.op, ast.And) else Or(good)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            part = self._checked(node.operand)
            return None if part is None else Not(part)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "known":
            if len(node.args) != 1 or node.keywords:
                raise Refused("known(...) takes one fact", "write known(queue('sales').free)", node)
            return Atom(self._reading.fact(node.args[0]), "known", (), self._written(node))
        if isinstance(node, ast.Constant):
            raise Refused(f"{node.value!r} is no condition", "leave `when` out for a rule that always matches", node)
        use = self._reading.fact(node)
        if use.fact.type != "flag":
            raise Refused(f"{use} is a {use.fact.type}, not yes or no", f"compare it: {example_of(use)}", node)
        return Atom(use, "is", (), self._written(node))

    def _comparison(self, node: ast.Compare) -> Condition:
        atoms = []
        left = node.left
        for symbol, right in zip(node.ops, node.comparators, strict=True):
            operator = _OPERATORS.get(type(symbol))
            if operator is None:
                raise Refused("`is` does not compare values", "write == or !=", node)
            text = (
                self._written(node)
                if len(node.ops) == 1
                else f"{self._written(left)} {operator} {self._written(right)}"
            )
            atoms.append(self._pair(node, left, operator, right, text))
            left = right
        return atoms[0] if len(atoms) == 1 else And(tuple(atoms))

    def _pair(self, node: ast.Compare, left: ast.expr, operator: str, right: ast.expr, text: str) -> Atom:
        left_is_value, right_is_value = self._reading.is_value(left), self._reading.is_value(right)
        if left_is_value and right_is_value:
            raise Refused("two values are compared", "one side must be a fact", left)
        if not left_is_value and not right_is_value:
            self._reading.fact(left)
            self._reading.fact(right)
            raise Refused("two facts are compared", "one side must be a value", right)
        if left_is_value:
            if operator not in _MIRRORED:
                raise Refused("the fact stands on the left of `in`", "write fact in ['a', 'b']", left)
            left, right, operator = right, left, _MIRRORED[operator]
        use = self._reading.fact(left)
        if use.fact.type == "flag":
            raise Refused(f"{use} is yes or no and is not compared", f"write `{use}` or `not {use}`", node)
        if operator in ("<", "<=", ">", ">=") and use.fact.type == "word":
            raise Refused(f"{use} is a word and has no order", "compare with ==, != or in", node)
        return Atom(use, operator, self._operands(use, operator, right), text)

    def _operands(self, use: FactUse, operator: str, node: ast.expr) -> tuple[Value, ...]:
        if operator not in ("in", "not in"):
            return (self._reading.value(use, node),)
        if not isinstance(node, (ast.List, ast.Tuple, ast.Set)) or not node.elts:
            raise Refused("`in` needs a list", "write in ['a', 'b']", node)
        return tuple(self._reading.value(use, element) for element in node.elts)

    def _written(self, node: ast.expr) -> str:
        return self._bytes[node.col_offset : node.end_col_offset].decode(errors="replace")

    def _column(self, node: ast.expr) -> int:
        """The character of the text at which a node begins."""
        return len(self._bytes[: node.col_offset].decode(errors="replace")) - 1


MOST_LEVELS = 50
"""Brackets in brackets, beyond which a condition is refused: people cannot read it, and reading it recurses."""


def _is_too_deep(node: ast.expr) -> bool:
    level: list[ast.AST] = [node]
    for _ in range(MOST_LEVELS):
        level = [child for above in level for child in ast.iter_child_nodes(above)]
    return bool(level)


def example_of(use: FactUse) -> str:
    """How one compares a fact, for remedies."""
    fact: Fact = use.fact
    if fact.type == "level" or fact.type == "word" and fact.words:
        word = fact.words[-1] or fact.words[0]
        return f"{use} == {word}" if fact.type == "level" else f"{use} == {word!r}"
    return {
        "number": f"{use} > 0",
        "word": f"{use} == 'word'",
        "time": f"{use} >= '18:00'",
        "duration": f"{use} > '2m'",
    }[fact.type]
