"""Sixty-four bytes at once: which of them belong to words, are digits, may start a candidate, or are not ASCII.

The masks are written in the compiler's own vector types, so one compare tests all the bytes on any CPU; each
answer is one uint64 whose bit i stands for byte i. Reading the bits costs a step a word instead of one a byte.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from klarera.kernels import MODE, inlined
from klarera.kernels.utf8 import ACTIVE_SIGNS, BYTE_CLASS

__all__ = ["block", "eight", "lowest"]

_ONE = np.uint64(1)


def _plain_block(buf: Any, at: Any) -> Any:
    kinds = BYTE_CLASS[buf[at : at + 64]]
    bits = np.uint64(1) << np.arange(len(kinds), dtype=np.uint64)

    def mask(rows: Any) -> np.uint64:
        return np.uint64(bits[rows].sum(dtype=np.uint64))

    return mask(kinds & 0xF3 != 0), mask(kinds == 2), mask(kinds == 8), mask(kinds & 0xF0 != 0)


def _plain_eight(buf: Any, at: Any) -> Any:
    return np.uint64(int.from_bytes(bytes(buf[at : at + 8]), "big"))


def _plain_lowest(bits: Any) -> Any:
    number = int(bits)
    return (number & -number).bit_length() - 1 if number else 64


def _bytes_at(context: Any, builder: Any, array_type: Any, array: Any, at: Any, kind: Any) -> Any:
    """The value of LLVM type `kind` whose first byte is array[at]; nothing is tested."""
    data = context.make_array(array_type)(context, builder, array).data
    place = builder.bitcast(builder.gep(data, [at]), kind.as_pointer())
    value = builder.load(place)
    value.align = 1
    return value


@intrinsic
def _fast_block(typing: Any, buf: Any, at: Any) -> Any:
    from llvmlite import ir

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, row = ir.IntType(8), ir.VectorType(ir.IntType(8), 64)
        text = _bytes_at(context, builder, signature.args[0], args[0], args[1], row)

        def all_of(value: int) -> Any:
            return ir.Constant(row, [ir.Constant(byte, value & 255)] * 64)

        def below(vector: Any, first: int, count: int) -> Any:
            return builder.icmp_unsigned("<", builder.sub(vector, all_of(first)), all_of(count))

        letter = below(builder.or_(text, all_of(32)), 97, 26)
        digit, high = below(text, 48, 10), builder.icmp_signed("<", text, all_of(0))
        active = builder.icmp_unsigned("==", text, all_of(ACTIVE_SIGNS[0]))
        for sign in ACTIVE_SIGNS[1:]:
            active = builder.or_(active, builder.icmp_unsigned("==", text, all_of(sign)))
        word = builder.or_(builder.or_(letter, digit), high)
        masks = [builder.bitcast(m, ir.IntType(64)) for m in (word, digit, active, high)]
        return context.make_tuple(builder, signature.return_type, masks)

    answer: Any = types.UniTuple(types.uint64, 4)  # type: ignore[no-untyped-call]
    return answer(buf, types.uint64), generate


@intrinsic
def _fast_eight(typing: Any, buf: Any, at: Any) -> Any:
    from llvmlite import ir

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bswap(_bytes_at(context, builder, signature.args[0], args[0], args[1], ir.IntType(64)))

    return types.uint64(buf, types.uint64), generate


@intrinsic
def _fast_lowest(typing: Any, bits: Any) -> Any:
    from llvmlite import ir

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


_block: Any = _plain_block if MODE == "python" else _fast_block
eight: Any = _plain_eight if MODE == "python" else _fast_eight
"""eight(buf, at): the eight bytes from `at` on as one number, the first the highest. They must lie in buf."""
lowest: Any = _plain_lowest if MODE == "python" else _fast_lowest
"""lowest(bits): the number of the lowest bit set, 64 if none is."""


@inlined
def block(buf: Any, at: Any) -> Any:
    """(words, digits, active, high): bit i of each tells what byte at + i is; bytes behind buf are nothing."""
    if at + 64 <= len(buf):
        return _block(buf, np.uint64(at))
    word, digit, active, high = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    bit = _ONE
    for k in range(at, len(buf)):
        kind = BYTE_CLASS[buf[k]]
        if kind & 0xF3:
            word |= bit
        if kind == 2:
            digit |= bit
        if kind == 8:
            active |= bit
        if kind & 0xF0:
            high |= bit
        bit = bit << _ONE
    return word, digit, active, high
