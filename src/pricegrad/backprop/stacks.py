"""Tapes of compiled code: stacks of numbers in memory of their own, used in the code as lists.

A list of numba's is counted at every call it is handed to, which costs a recursion more than its arithmetic,
and is allocated anew whenever it is made. A stack is a bare address in an arena, which only fills up during a
call, is empty at the start of the next, and is kept, at its largest so far, until the compiled code itself is
forgotten. Compiled code holds the interpreter's lock, and code that could let go of it keeps lists, so no two
calls use an arena at once.
"""

from __future__ import annotations

import ctypes
import operator
import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, overload_method, register_model
from numba.np.arrayobj import make_array, populate_array

_WORD = ir.IntType(64)
_BYTES = ir.IntType(8).as_pointer()
# words of an arena: its newest chunk, and what is free of it; a chunk starts with the address of the last
_CHUNK, _TOP, _END = range(3)
# words of a stack; its entries may follow
_DATA, _LENGTH, _ROOM = range(3)
_SMALLEST = 1 << 12  # bytes of a chunk
_FEW = 8  # entries of a stack at first
_MANY = 1 << 48

compiled: Any = njit
step: Any = intrinsic  # a single machine step


class StackType(types.Type):
    """A stack of `item`s. A `roomy` one is made long enough for its loop and never grows."""

    def __init__(self, item: Any, roomy: bool, arena: int) -> None:
        self.item, self.roomy, self.arena = item, roomy, arena
        super().__init__(f"Stack({item}, roomy={roomy}, arena={arena})")


register_model(StackType)(models.OpaqueModel)  # the address of its words


class Arena:
    """The memory of all tapes of one compiled derivative. `empty` is compiled, and for its first line."""

    def __init__(self) -> None:
        self.words = np.zeros(3, dtype=np.int64)
        self.address = address = self.words.ctypes.data
        weakref.finalize(self, _freed, self.words)

        @compiled
        def empty() -> None:
            emptied(address)

        self.empty = empty

    def stack(self, entry: Sequence[Any], roomy: bool) -> StackType:
        """The type of a stack of entries: 'float', 'int', 'bool' or types of stacks."""
        items = [number(e) if isinstance(e, str) else e for e in entry]
        return StackType(items[0] if len(items) == 1 else types.Tuple(items), roomy, self.address)


def number(kind: str) -> Any:
    """The type of a number."""
    return {"float": types.float64, "int": types.int64, "bool": types.boolean}[kind]


def making(stack: StackType) -> Any:
    """A compiled function that makes such a stack, with room for as many entries."""

    @step
    def placed(typing: Any, place: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], _BYTES)

        return stack(types.int64), code

    arena = stack.arena

    @compiled
    def make(room: int) -> Any:
        if room > _MANY:
            raise MemoryError("the tape of a derivative does not fit into memory")
        place = taken(arena, 24 + room * size_of(placed(0)))
        write(place, _DATA, place + 24)
        write(place, _LENGTH, 0)
        write(place, _ROOM, room)
        return placed(place)

    return make


def _freed(words: np.ndarray) -> None:
    chunk = int(words[_CHUNK])
    while chunk:
        before = ctypes.c_int64.from_address(chunk).value
        ctypes.pythonapi.PyMem_RawFree(ctypes.c_void_p(chunk))
        chunk = before


# ---------------------------------------------------------------------- what numba compiles


@compiled
def emptied(arena: int) -> None:
    """Start anew in the newest and largest chunk."""
    chunk = read(arena, _CHUNK)
    if chunk:
        before = read(chunk, 0)
        while before:
            one = before
            before = read(one, 0)
            freed(one)
        write(chunk, 0, 0)
        write(arena, _TOP, chunk + 8)


@compiled
def taken(arena: int, size: int) -> Any:
    """The address of as many bytes."""
    size = (size + 7) & -8
    if read(arena, _TOP) + size > read(arena, _END):
        enlarge(arena, size)
    top = read(arena, _TOP)
    write(arena, _TOP, top + size)
    return top


@compiled
def enlarge(arena: int, size: int) -> None:
    """Add a chunk, twice as large as the one before."""
    before = read(arena, _CHUNK)
    room = max(2 * (read(arena, _END) - before), size + 8, _SMALLEST)
    chunk = allocated(room)
    if not chunk:
        raise MemoryError("the tape of a derivative does not fit into memory")
    write(chunk, 0, before)
    write(arena, _CHUNK, chunk)
    write(arena, _TOP, chunk + 8)
    write(arena, _END, chunk + room)


@compiled
def grow(arena: int, stack: Any, size: int) -> None:
    """Move the entries to where there is room for twice as many."""
    place = address_of(stack)
    room = max(2 * read(place, _ROOM), _FEW)
    data = taken(arena, room * size)
    copied(data, read(place, _DATA), read(place, _LENGTH) * size)
    write(place, _DATA, data)
    write(place, _ROOM, room)


@overload_method(StackType, "append")
def _append(stack: Any, item: Any) -> Any:
    if not _fits(item, stack.item):
        return None
    if stack.roomy:

        def roomy(stack: Any, item: Any) -> None:
            place = address_of(stack)
            if read(place, _LENGTH) == read(place, _ROOM):
                raise MemoryError("a loop ran for longer than its tape was made for")
            push(stack, item)

        return roomy
    arena = stack.arena

    def growing(stack: Any, item: Any) -> None:
        place = address_of(stack)
        if read(place, _LENGTH) == read(place, _ROOM):
            grow(arena, stack, size_of(stack))
        push(stack, item)

    return growing


@overload_method(StackType, "pop")
def _pop(stack: Any) -> Any:
    def taken_off(stack: Any) -> Any:
        return pop(stack)

    return taken_off


@overload(operator.getitem)
def _getitem(stack: Any, index: Any) -> Any:
    if not isinstance(stack, StackType) or isinstance(stack.item, types.BaseTuple):
        return None

    def at(stack: Any, index: Any) -> Any:
        return as_array(stack)[index]

    return at


def _fits(given: Any, wanted: Any) -> bool:
    """Can every value of one type be kept as the other?"""
    if isinstance(wanted, types.BaseTuple):
        items, slots = list(getattr(given, "types", ())), list(getattr(wanted, "types", ()))
        return len(items) == len(slots) and all(map(_fits, items, slots))
    return bool(given == wanted) or 0 <= _rank(given) <= _rank(wanted)


def _rank(number: Any) -> int:
    order = (types.Boolean, types.Integer, types.Float)
    return next((i for i, t in enumerate(order) if isinstance(number, t)), -1)


# ---------------------------------------------------------------------- single machine steps


def _at(builder: Any, place: Any, number: Any) -> Any:
    """Where a word is."""
    pointer = _WORD.as_pointer()
    base = builder.inttoptr(place, pointer) if place.type == _WORD else builder.bitcast(place, pointer)
    return builder.gep(base, [number])


def _entry(context: Any, builder: Any, stack: StackType, place: Any, index: Any) -> Any:
    """Where an entry of a stack is."""
    kept = context.data_model_manager[stack.item].get_data_type().as_pointer()
    data = builder.load(builder.bitcast(_at(builder, place, _WORD(_DATA)), kept.as_pointer()))
    return builder.gep(data, [index])


@step
def read(typing: Any, place: Any, number: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_at(builder, *args))

    return types.int64(types.int64, types.int64), code


@step
def write(typing: Any, place: Any, number: Any, word: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _at(builder, args[0], args[1]))
        return context.get_dummy_value()

    return types.none(types.int64, types.int64, types.int64), code


@step
def address_of(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ptrtoint(args[0], _WORD)

    return types.int64(stack), code


@step
def size_of(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _WORD(context.get_abi_sizeof(context.data_model_manager[stack.item].get_data_type()))

    return types.int64(stack), code


@step
def push(typing: Any, stack: Any, item: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        length = _at(builder, args[0], _WORD(_LENGTH))
        index = builder.load(length)
        kept = context.data_model_manager[stack.item].as_data(builder, args[1])
        builder.store(kept, _entry(context, builder, stack, args[0], index))
        builder.store(builder.add(index, _WORD(1)), length)
        return context.get_dummy_value()

    return types.none(stack, stack.item), code


@step
def pop(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        length = _at(builder, args[0], _WORD(_LENGTH))
        last = builder.sub(builder.load(length), _WORD(1))
        builder.store(last, length)
        kept = builder.load(_entry(context, builder, stack, args[0], last))
        return context.data_model_manager[stack.item].from_data(builder, kept)

    return stack.item(stack), code


@step
def allocated(typing: Any, size: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_BYTES, [_WORD])
        malloc = cgutils.get_or_insert_function(builder.module, kind, "PyMem_RawMalloc")
        return builder.ptrtoint(builder.call(malloc, args), _WORD)

    return types.int64(types.int64), code


@step
def freed(typing: Any, place: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [_BYTES])
        free = cgutils.get_or_insert_function(builder.module, kind, "PyMem_RawFree")
        builder.call(free, [builder.inttoptr(args[0], _BYTES)])
        return context.get_dummy_value()

    return types.none(types.int64), code


@step
def copied(typing: Any, to: Any, source: Any, size: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        places = [builder.inttoptr(a, _BYTES) for a in args[:2]]
        copy: Any = cgutils.raw_memcpy
        copy(builder, *places, args[2], 1)
        return context.get_dummy_value()

    return types.none(types.int64, types.int64, types.int64), code


@step
def as_array(typing: Any, stack: Any) -> Any:
    array = types.Array(stack.item, 1, "C")

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        size = _WORD(context.get_abi_sizeof(context.data_model_manager[stack.item].get_data_type()))
        made = make_array(array)(context, builder)
        populate_array(
            made,
            data=_entry(context, builder, stack, args[0], _WORD(0)),
            shape=[builder.load(_at(builder, args[0], _WORD(_LENGTH)))],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return made._getvalue()

    return array(stack), code
