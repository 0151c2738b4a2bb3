"""Code that makes, adds and copies adjoints of each kind."""

from __future__ import annotations

from .kinds import BOTTOM, Array, Dict, Kind, List, Num, Record, Table, Tuple, is_real


def quoted(key: object) -> str:
    """A key as it is written in code."""
    plain = isinstance(key, str) and repr(key) == f"'{key}'" and '"' not in key
    return f'"{key}"' if plain else repr(key)


def zeros(kind: Kind, text: str, numpy: str) -> str:
    """Code for a zero adjoint of the value `text`."""
    match kind:
        case Array():
            return f"{numpy}zeros_like({text})"
        case List(item):
            if isinstance(item, Num) or item == BOTTOM or not is_real(item):
                return f"[0.0] * len({text})"
            return f"[{zeros(item, 'v', numpy)} for v in {text}]"
        case Tuple(items):
            return "[" + ", ".join(zeros(k, f"{text}[{i}]", numpy) for i, k in enumerate(items)) + "]"
        case Dict(items):
            return (
                "{"
                + ", ".join(f"{quoted(k)}: {zeros(v, f'{text}[{quoted(k)}]', numpy)}" for k, v in items)
                + "}"
            )
        case Record(_, items, _):
            return "{" + ", ".join(f'"{k}": {zeros(v, f"{text}.{k}", numpy)}' for k, v in items) + "}"
        case Table(value, _):
            return f"{{k: {zeros(value, 'v', numpy)} for k, v in {text}.items()}}"
    return "0.0" if isinstance(kind, Num) or kind == BOTTOM else "None"


def copied(kind: Kind, text: str) -> str:
    """Code for a copy that can be changed on its own."""
    match kind:
        case Array():
            return f"{text}.copy()"
        case List(item):
            return f"{text}.copy()" if not _nested(item) else f"[{copied(item, 'v')} for v in {text}]"
        case Tuple(items):
            return "[" + ", ".join(copied(k, f"{text}[{i}]") for i, k in enumerate(items)) + "]"
        case Dict(items):
            return (
                "{" + ", ".join(f"{quoted(k)}: {copied(v, f'{text}[{quoted(k)}]')}" for k, v in items) + "}"
            )
        case Record(_, items, _):
            return "{" + ", ".join(f'"{k}": {copied(v, _item(text, k))}' for k, v in items) + "}"
        case Table(value, _):
            return f"{{k: {copied(value, 'v')} for k, v in {text}.items()}}"
    return text


def _nested(kind: Kind) -> bool:
    return not isinstance(kind, Num) and kind != BOTTOM


def added(kind: Kind, a: str, b: str) -> str:
    """Code for the sum of two adjoints."""
    match kind:
        case List(item):
            return f"[{added(item, 'u', 'v')} for u, v in zip({a}, {b})]"
        case Tuple(items):
            return "[" + ", ".join(added(k, f"{a}[{i}]", f"{b}[{i}]") for i, k in enumerate(items)) + "]"
        case Dict(items):
            return (
                "{"
                + ", ".join(
                    f"{quoted(k)}: {added(v, f'{a}[{quoted(k)}]', f'{b}[{quoted(k)}]')}" for k, v in items
                )
                + "}"
            )
        case Record(_, items, _):
            return "{" + ", ".join(f'"{k}": {added(v, _item(a, k), _item(b, k))}' for k, v in items) + "}"
        case Table(value, _):
            return f"{{k: {added(value, 'v', b + '[k]')} for k, v in {a}.items()}}"
    return f"{a} + {b}" if isinstance(kind, (Num, Array)) or kind == BOTTOM else a


def _item(text: str, key: str) -> str:
    return f'{text}["{key}"]'


def returned(kind: Kind, text: str, numpy: str, reshaped: bool = False) -> str:
    """Code that gives an adjoint the form of its parameter."""
    match kind:
        case Array(_, ()):
            return f"{numpy}asarray({text})"
        case Tuple(items):
            if all(returned(k, "v", numpy) == "v" for k in items):
                return f"tuple({text})"
            return "(" + "".join(returned(k, f"{text}[{i}]", numpy) + ", " for i, k in enumerate(items)) + ")"
        case List(item):
            return (
                text
                if returned(item, "v", numpy) == "v"
                else f"[{returned(item, 'v', numpy)} for v in {text}]"
            )
        case Dict(items):
            if not reshaped and all(returned(v, "v", numpy) == "v" for _, v in items):
                return text
            return (
                "{"
                + ", ".join(f"{quoted(k)}: {returned(v, f'{text}[{quoted(k)}]', numpy)}" for k, v in items)
                + "}"
            )
    return text
