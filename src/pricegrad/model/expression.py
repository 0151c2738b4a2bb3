"""A user's constraint on the economy: parsed into a tree, never run as code.

    "GOV >= 10 * bread"      arithmetic and ** over names: a good is its price, a firm its activity,
                             a household its income; == >= <= between two sides

A name that is not a Python word is quoted: "'natural gas' <= 2". Where a name is both a good and a firm, the
kind in front decides: price["bread"], activity["bread"], income["GOV"], aux["tax"].
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pricegrad.errors import ModelError

KINDS = ("price", "activity", "income", "aux")
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
RELATIONS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.GtE: ">=", ast.LtE: "<="}


@dataclass(frozen=True)
class Variable:
    """A variable of the economy by name; `kind` is "" unless the text says it."""

    name: str
    kind: str = ""


@dataclass(frozen=True)
class Operation:
    """`left operator right`; a sign change is 0 - x."""

    operator: str
    left: Tree
    right: Tree


Tree = float | Variable | Operation


@dataclass(frozen=True)
class Constraint:
    """`slack` is what must be zero (`equality`), or not negative."""

    slack: Tree
    equality: bool


def parse(text: str, where: str) -> Constraint:
    """The constraint in `text`; `ModelError` names `where` and points at what it cannot take."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ModelError(
            f"{where}: {text!r} is no constraint ({error}); write something like 'tax == 0.1'"
        ) from None
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in RELATIONS):
        raise ModelError(f"{where}: {text!r} must be one relation: two sides with ==, >= or <= between them")
    try:
        left, right = _tree(node.left, text, where), _tree(node.comparators[0], text, where)
    except RecursionError:
        raise ModelError(f"{where}: the constraint is nested too deeply") from None
    relation = RELATIONS[type(node.ops[0])]
    slack = Operation("-", right, left) if relation == "<=" else Operation("-", left, right)
    return Constraint(slack, relation == "==")


def _tree(node: ast.expr, text: str, where: str) -> Tree:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=(int() | float()) as number) if math.isfinite(number):
            return float(number)
        case ast.Constant(value=str() as name):
            return Variable(name)
        case ast.Name(id=name):
            return Variable(name)
        case ast.Subscript(value=ast.Name(id=kind), slice=ast.Constant(value=str() as name)) if kind in KINDS:
            return Variable(name, kind)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("-", 0.0, _tree(operand, text, where))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _tree(operand, text, where)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return Operation(OPERATORS[type(op)], _tree(left, text, where), _tree(right, text, where))
    lead = len(text) - len(text.lstrip())
    caret = " " * (lead + node.col_offset) + "^"
    raise ModelError(
        f"{where}: only names, numbers, + - * / ** and brackets may stand in a constraint\n"
        f"    {text}\n    {caret}"
    )


def variables(tree: Tree) -> list[Variable]:
    """The variables in a tree, each once, in order of appearance."""
    if isinstance(tree, Variable):
        return [tree]
    if isinstance(tree, Operation):
        return list(dict.fromkeys([*variables(tree.left), *variables(tree.right)]))
    return []


def value(tree: Tree, at: Mapping[Variable, float]) -> float:
    """The number a tree stands for."""
    if isinstance(tree, Variable):
        return at[tree]
    if not isinstance(tree, Operation):
        return tree
    return APPLY[tree.operator](value(tree.left, at), value(tree.right, at))


def gradient(tree: Tree, at: Mapping[Variable, float]) -> tuple[float, dict[Variable, float]]:
    """The value of a tree and its derivative with respect to each variable in it."""
    if isinstance(tree, Variable):
        return at[tree], {tree: 1.0}
    if not isinstance(tree, Operation):
        return tree, {}
    (a, da), (b, db) = gradient(tree.left, at), gradient(tree.right, at)
    result = APPLY[tree.operator](a, b)
    by_a, by_b = PARTIALS[tree.operator](a, b, result)
    total = {name: by_a * slope for name, slope in da.items()}
    for name, slope in db.items():
        total[name] = total.get(name, 0.0) + by_b * slope
    return result, total


def _power(a: float, b: float) -> float:
    result = a**b if a > 0 or (b == int(b) and (a != 0 or b >= 0)) else math.nan
    return float(result)


def _power_partials(a: float, b: float, result: float) -> tuple[float, float]:
    return (b * _power(a, b - 1) if b else 0.0), (result * math.log(a) if a > 0 else 0.0)


APPLY: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
    "**": _power,
}
PARTIALS: dict[str, Callable[[float, float, float], tuple[float, float]]] = {
    "+": lambda a, b, c: (1.0, 1.0),
    "-": lambda a, b, c: (1.0, -1.0),
    "*": lambda a, b, c: (b, a),
    "/": lambda a, b, c: (1 / b, -c / b) if b else (math.nan, math.nan),
    "**": _power_partials,
}
