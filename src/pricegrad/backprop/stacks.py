"""Tapes of compiled code: stacks of numbers in memory of their own, used in the code as lists.

A list of numba's is counted at every call it is handed to, which costs a recursion more than its arithmetic,
and is allocated anew whenever the derivative is called. A stack is a bare address, and its memory is kept
from call to call, at its longest so far, until the compiled code itself is forgotten. Compiled code holds the
interpreter's lock, and code that could let go of it keeps lists, so no two calls use a stack at once.
"""

from __future__ import annotations

import ctypes
import operator
import weakref
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, overload_method, register_model
from numba.np.arrayobj import make_array, populate_array

_WORD = ir.IntType(64)
_BYTES = ir.IntType(8).as_pointer()
_MEMORY, _LENGTH, _ROOM = range(3)  # the words of a header
_FIRST = 64

step: Any = intrinsic  # one that reads or writes memory


class StackType(types.Type):
    """A stack of `item`s. A `roomy` one is made long enough for its loop and never grows."""

    def __init__(self, item: Any, roomy: bool) -> None:
        self.item, self.roomy = item, roomy
        super().__init__(f"Stack({item}, roomy={roomy})")


register_model(StackType)(models.OpaqueModel)  # the address of the header


class Stack:
    """The memory of one tape. `empty` is a compiled function that gives it emptied, with room for as many."""

    def __init__(self, item: Any, roomy: bool) -> None:
        self.header = np.zeros(3, dtype=np.int64)
        weakref.finalize(self, _freed, self.header)
        self.empty = _emptying(StackType(item, roomy), self.header.ctypes.data)


def item_type(kinds: tuple[str, ...]) -> Any:
    """The type of an entry made of these numbers."""
    numbers = [{"float": types.float64, "int": types.int64, "bool": types.boolean}[k] for k in kinds]
    return numbers[0] if len(numbers) == 1 else types.Tuple(numbers)


def _freed(header: np.ndarray) -> None:
    ctypes.pythonapi.PyMem_RawFree(ctypes.c_void_p(int(header[_MEMORY])))


def _emptying(stack: StackType, address: int) -> Any:
    @step
    def emptied(typing: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            header = builder.inttoptr(_WORD(address), _BYTES)
            builder.store(_WORD(0), _word(builder, header, _LENGTH))
            return header

        return stack(), code

    @njit
    def empty(room: int) -> Any:
        made = emptied()
        if room > room_of(made):
            grow(made, room)
        return made

    return empty


# ---------------------------------------------------------------------- what numba compiles


@overload_method(StackType, "append")
def _append(stack: Any, item: Any) -> Any:
    if not _fits(item, stack.item):
        return None
    if stack.roomy:

        def roomy(stack: Any, item: Any) -> None:
            if length_of(stack) == room_of(stack):
                raise MemoryError("a loop ran for longer than its tape was made for")
            push(stack, item)

        return roomy

    def growing(stack: Any, item: Any) -> None:
        if length_of(stack) == room_of(stack):
            grow(stack, 2 * room_of(stack))
        push(stack, item)

    return growing


@overload_method(StackType, "pop")
def _pop(stack: Any) -> Any:
    def taken(stack: Any) -> Any:
        return pop(stack)

    return taken


@overload(operator.getitem)
def _getitem(stack: Any, index: Any) -> Any:
    if not isinstance(stack, StackType) or isinstance(stack.item, types.BaseTuple):
        return None

    def read(stack: Any, index: Any) -> Any:
        return as_array(stack)[index]

    return read


@njit
def grow(stack: Any, room: int) -> None:
    """Make room for as many entries."""
    if not resized(stack, room if room > 0 else _FIRST):
        raise MemoryError("the tape of a derivative does not fit into memory")


def _fits(given: Any, wanted: Any) -> bool:
    """Can every value of one type be kept as the other?"""
    if isinstance(wanted, types.BaseTuple):
        items, slots = list(getattr(given, "types", ())), list(getattr(wanted, "types", ()))
        return len(items) == len(slots) and all(map(_fits, items, slots))
    return 0 <= _rank(given) <= _rank(wanted)


def _rank(number: Any) -> int:
    order = (types.Boolean, types.Integer, types.Float)
    return next((i for i, t in enumerate(order) if isinstance(number, t)), -1)


# ---------------------------------------------------------------------- single machine steps


def _word(builder: Any, header: Any, number: int) -> Any:
    """Where a word of the header is."""
    return builder.gep(builder.bitcast(header, _WORD.as_pointer()), [_WORD(number)])


def _place(context: Any, builder: Any, stack: StackType, header: Any, index: Any) -> Any:
    """Where an entry is."""
    kept = context.data_model_manager[stack.item].get_data_type().as_pointer()
    memory = builder.load(builder.bitcast(_word(builder, header, _MEMORY), kept.as_pointer()))
    return builder.gep(memory, [index])


@step
def length_of(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_word(builder, args[0], _LENGTH))

    return types.int64(stack), code


@step
def room_of(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_word(builder, args[0], _ROOM))

    return types.int64(stack), code


@step
def push(typing: Any, stack: Any, item: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        model = context.data_model_manager[stack.item]
        length = builder.load(_word(builder, args[0], _LENGTH))
        builder.store(model.as_data(builder, args[1]), _place(context, builder, stack, args[0], length))
        builder.store(builder.add(length, _WORD(1)), _word(builder, args[0], _LENGTH))
        return context.get_dummy_value()

    return types.none(stack, stack.item), code


@step
def pop(typing: Any, stack: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        model = context.data_model_manager[stack.item]
        last = builder.sub(builder.load(_word(builder, args[0], _LENGTH)), _WORD(1))
        builder.store(last, _word(builder, args[0], _LENGTH))
        return model.from_data(builder, builder.load(_place(context, builder, stack, args[0], last)))

    return stack.item(stack), code


@step
def resized(typing: Any, stack: Any, room: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        header, room = args
        size = context.get_abi_sizeof(context.data_model_manager[stack.item].get_data_type())
        realloc = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_BYTES, [_BYTES, _WORD]), "PyMem_RawRealloc"
        )
        place = builder.bitcast(_word(builder, header, _MEMORY), _BYTES.as_pointer())
        memory = builder.call(realloc, [builder.load(place), builder.mul(room, _WORD(size))])
        found = cgutils.is_not_null(builder, memory)
        with builder.if_then(found):
            builder.store(memory, place)
            builder.store(room, _word(builder, header, _ROOM))
        return found

    return types.boolean(stack, types.int64), code


@step
def as_array(typing: Any, stack: Any) -> Any:
    array = types.Array(stack.item, 1, "C")

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        size = _WORD(context.get_abi_sizeof(context.data_model_manager[stack.item].get_data_type()))
        made = make_array(array)(context, builder)
        populate_array(
            made,
            data=_place(context, builder, stack, args[0], _WORD(0)),
            shape=[builder.load(_word(builder, args[0], _LENGTH))],
            strides=[size],
            itemsize=size,
            meminfo=None,
        )
        return made._getvalue()

    return array(stack), code
