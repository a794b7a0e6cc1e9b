"""Ask for memory before it is needed: a loop that jumps about waits for many cache lines at once, not one by one."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from klarera.kernels import MODE

__all__ = ["ask_for"]


def _plain_ask_for(buf: Any, at: Any) -> Any:
    return at


@intrinsic
def _fast_ask_for(typing: Any, buf: Any, at: Any) -> Any:
    from llvmlite import ir

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), byte)
        name = f"llvm.prefetch.p0{'i8' if 'i8*' in str(byte) else ''}"
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        builder.call(builder.module.declare_intrinsic(name, fnty=kind), [place, word(0), word(3), word(1)])
        return args[1]

    return types.int64(buf, types.int64), generate


ask_for: Any = _plain_ask_for if MODE == "python" else _fast_ask_for
"""ask_for(array, at): the processor may begin to load array[at]; returns at. Any place is allowed: nothing is read."""
