"""Memory by address: texts of many Arrow buffers in one loop, each asked for before it is needed.

A loop that jumps about waits for one cache line after the other; one that asks ahead waits for many at once.
Addresses are those of buffers the caller holds; nothing here tests them.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from klarera.kernels import MODE

__all__ = ["ask_for", "copy_from"]


def _plain_ask_for(address: Any) -> Any:
    return address


def _plain_copy_from(address: Any, target: Any, at: Any, size: Any) -> Any:
    target[at : at + size] = np.frombuffer(ctypes.string_at(int(address), int(size)), np.uint8)
    return at + size


def _pointer(builder: Any, address: Any) -> Any:
    from llvmlite import ir

    return builder.inttoptr(address, ir.IntType(8).as_pointer())


@intrinsic
def _fast_ask_for(typing: Any, address: Any) -> Any:
    from llvmlite import ir

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        name = f"llvm.prefetch.p0{'i8' if 'i8*' in str(byte) else ''}"
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        place = _pointer(builder, args[0])
        builder.call(builder.module.declare_intrinsic(name, fnty=kind), [place, word(0), word(3), word(1)])
        return args[0]

    return types.uint64(types.uint64), generate


@intrinsic
def _fast_copy_from(typing: Any, address: Any, target: Any, at: Any, size: Any) -> Any:
    from numba.core import cgutils

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[1])(context, builder, args[1]).data
        where = builder.gep(data, [args[2]])
        cgutils.raw_memcpy(builder, where, _pointer(builder, args[0]), args[3], 1)  # type: ignore[no-untyped-call]
        return builder.add(args[2], args[3])

    return types.int64(types.uint64, target, types.int64, types.int64), generate


ask_for: Any = _plain_ask_for if MODE == "python" else _fast_ask_for
"""ask_for(address): the processor may begin to load what lies there; any address is allowed, nothing is read."""
copy_from: Any = _plain_copy_from if MODE == "python" else _fast_copy_from
"""copy_from(address, target, at, size): copy that many bytes to target[at:]; returns at + size."""
