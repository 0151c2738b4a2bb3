"""Make a body shorter before its adjoint is written: no variable for a value that gets a name anyway."""

from __future__ import annotations

from collections import Counter

from .expr import TERNARY, Expr
from .ir import Append, Block, Branch, Call, Effect, Let, Loop, Pop, Return, Stmt, Store, blocks, walk


def tidy(body: Block) -> None:
    """Change the body in place; it computes the same."""
    reads = _reads(body)
    for block in blocks(body):
        for i in range(len(block) - 1, 0, -1):
            choice, s = block[i - 1], block[i]
            if isinstance(choice, Call) and isinstance(s, Let) and reads[choice.name] == 1:
                value = s.values[0]
                if len(s.names) == 1 and value.op == "name" and value.text == choice.name:
                    choice.name = s.names[0]
                    del block[i]
                    continue
            if isinstance(choice, Branch) and isinstance(s, Let) and reads[choice.chosen] == 1:
                value = s.values[0]
                if choice.chosen and len(s.names) == 1 and value.op == "name" and value.text == choice.chosen:
                    _rename(choice, s)
                    del block[i]


def _rename(choice: Branch, s: Let) -> None:
    """y = a if test else b: both arms assign y itself."""
    for arm in (choice.then, choice.other):
        last = arm[-1]
        assert isinstance(last, Let)
        inner = arm[-2] if len(arm) > 1 else None
        last.names = s.names
        value = last.values[0]
        if isinstance(inner, Branch) and inner.chosen and value.op == "name" and value.text == inner.chosen:
            _rename(inner, last)
            del arm[-1]
    choice.chosen, choice.text = s.names[0], s.text


def one_line(choice: Branch) -> str:
    """`y = a if test else b`, where both arms do nothing else; "" where they do."""
    arms = [choice.then, choice.other]
    lets = [arm[0] for arm in arms if len(arm) == 1 and isinstance(arm[0], Let) and not arm[0].hoists]
    if not choice.chosen or len(lets) < 2 or choice.then_saves or choice.other_saves:
        return ""
    if any(let.saves or let.names != (choice.chosen,) for let in lets):
        return ""
    if choice.text and not choice.flag and not any(let.known for let in lets):
        return choice.text
    then, other = (_operand(let.values[0], let.known) for let in lets)
    return f"{choice.chosen} = {then} if {choice.flag or _operand(choice.test, {})} else {other}"


def _operand(e: Expr, known: dict[int, str]) -> str:
    text = e.render(known)
    return f"({text})" if e.prec <= TERNARY else text


def _reads(body: Block) -> Counter[str]:
    """How often each variable is read."""
    out: Counter[str] = Counter()
    for s in walk(body):
        out.update(_own_reads(s))
    return out


def _own_reads(s: Stmt) -> list[str]:
    match s:
        case Let():
            read = s.values
        case Store():
            read = (s.target, s.value)
        case Append():
            read = (s.target, s.value)
        case Pop():
            read = (s.target,)
        case Branch():
            read = (s.test,)
        case Return():
            read = (s.value,)
        case Call():
            read = s.args
        case Loop():
            inner = [n for let in s.elements for v in let.values for n in _names(v)]
            return [*s.reads, *inner]
        case Effect():
            return list(s.reads)
        case _:
            read = ()
    return [n for e in read for n in _names(e)]


def _names(e: Expr) -> list[str]:
    """Every reading of a variable in an expression."""
    if e.op == "name":
        return [e.text]
    return [*e.hidden, *(n for a in e.args for n in _names(a))]
