"""Compiled loops: typed arrays in, typed arrays out. Nothing else in klarera compiles.

`kernel(result, *arguments)` declares one entry loop with its exact types. It compiles on its first
call, or when `warm()` runs, never at import; the machine code is cached on disk. A call with other
types raises TypeError instead of compiling a second time, so a run never pauses unannounced. `device`
marks a loop that only other kernels call.

The cache goes to NUMBA_CACHE_DIR if set, else beside the package, else to the user's cache folder, else to
a temporary folder with a warning. Its key is the source of the kernel's module and of all kernel modules
that one imports: numba itself looks at one file only, and would go on with an inlined loop that has changed.

    KLARERA_KERNELS=python   run the loops as plain Python (coverage, debugging; slow)
    KLARERA_KERNELS=checked  compile with bounds checks (fuzzing)
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pkgutil
import re
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

__all__ = [
    "DEVICE_MODES",
    "Kernel",
    "b1",
    "device",
    "i4",
    "i8",
    "inlined",
    "kernel",
    "ro",
    "rw",
    "u1",
    "u2",
    "u4",
    "u8",
    "warm",
]

DEVICE_MODES = ("compiled", "checked", "python")
MODE = os.environ.get("KLARERA_KERNELS", "compiled")

if MODE not in DEVICE_MODES:
    raise ValueError(f"KLARERA_KERNELS must be one of {', '.join(DEVICE_MODES)}")

import numba  # noqa: E402  (after the mode is known to be right)
import numpy as np  # noqa: E402
from numba import types  # noqa: E402

b1, u1, u2, u4, u8 = types.boolean, types.uint8, types.uint16, types.uint32, types.uint64
i4, i8 = types.int32, types.int64

_REGISTRY: list[Kernel] = []


def ro(scalar: Any, ndim: int = 1) -> Any:
    """Type of a C-contiguous array a kernel only reads; writable arrays are accepted too."""
    return types.Array(scalar, ndim, "C", readonly=True)


def rw(scalar: Any, ndim: int = 1) -> Any:
    """Type of a C-contiguous array a kernel writes."""
    return types.Array(scalar, ndim, "C")


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as Python; whole numbers wrap around silently, as they do when compiled."""

    def run(*args: Any) -> Any:
        with np.errstate(over="ignore"):
            return function(*args)

    return run


class Kernel:
    """One compiled loop. Call it like the function it was made from."""

    def __init__(
        self, function: Callable[..., Any], signature: Any, allocates: bool, scratch: tuple[tuple[Any, Any], ...]
    ) -> None:
        self.name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"
        self.function, self.signature, self.allocates = function, signature, allocates
        self.scratch = [(np.dtype(str(scalar)), shape) for scalar, shape in scratch]
        self.__doc__ = function.__doc__
        self._run: Callable[..., Any] | None = None
        _REGISTRY.append(self)

    def __call__(self, *args: Any) -> Any:
        if self._run is None:
            self.compile()
        return self._run(*args, *[np.empty(shape, kind) for kind, shape in self.scratch])  # type: ignore[misc]

    def compile(self) -> None:
        """Compile now, or load the machine code from the cache."""
        if MODE == "python":
            self._run = _plain(self.function)
            return
        module = self.function.__module__.rsplit(".", 1)[-1]
        # Where numba keeps the code is settled when the dispatcher is made.
        config: Any = numba.config
        before, config.CACHE_DIR = config.CACHE_DIR, str(cache_folder() / f"{module}-{source_key(module)}")
        try:
            options: dict[str, Any] = {"nogil": True, "boundscheck": MODE == "checked", "error_model": "numpy"}
            if not self.allocates:
                options["_nrt"] = False
            dispatcher = numba.njit(cache=True, **options)(self.function)
        finally:
            config.CACHE_DIR = before
        dispatcher.compile(self.signature)
        dispatcher.disable_compile()
        self._run = dispatcher


@cache
def cache_folder() -> Path:
    """The first folder of the cache's order that can be written."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~").expanduser() / ".cache") / "klarera"
    for folder in [Path(named)] if named else [Path(__file__).parent / "__pycache__", user]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    warnings.warn("no writable cache for compiled kernels: compiling anew (set NUMBA_CACHE_DIR)", stacklevel=2)
    return Path(tempfile.mkdtemp(prefix="klarera-kernels-"))


@cache
def source_key(module: str) -> str:
    """Hash of a kernel module's source, of those of the room it imports, and of how they are compiled."""
    waiting, seen = ["__init__", module], dict[str, bytes]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            file = Path(__file__).parent / f"{name}.py"
            seen[name] = file.read_bytes() if file.exists() else b""
            if name != "__init__":
                waiting += re.findall(r"klarera\.kernels\.(\w+) import", seen[name].decode())
    content = b"".join(name.encode() + seen[name] for name in sorted(seen))
    return hashlib.sha256(content + f"{MODE} {numba.__version__}".encode()).hexdigest()[:12]


def kernel(
    result: Any, *arguments: Any, allocates: bool = False, scratch: tuple[tuple[Any, Any], ...] = ()
) -> Callable[[Callable[..., Any]], Kernel]:
    """Declare an entry loop: `@kernel(i8, ro(u1), ro(i8), rw(i4))`.

    scratch    (scalar, shape) of arrays that are made at each call and handed over behind the arguments
    allocates  the loop makes arrays itself. Numba then counts references, which costs more than the work wherever an
               array is handed to an inner function, and twice the time to compile: only where a size is not
               known before
    """
    room = [rw(scalar, len(shape) if isinstance(shape, tuple) else 1) for scalar, shape in scratch]
    return lambda function: Kernel(function, result(*arguments, *room), allocates, scratch)


def device(function: Callable[..., Any] | None = None, *, allocates: bool = False) -> Any:
    """Mark a loop that only kernels call; compiled with, and into, its callers."""
    if function is None:
        return lambda given: device(given, allocates=allocates)
    if MODE == "python":
        return function
    options: dict[str, Any] = {} if allocates else {"_nrt": False}
    return numba.njit(nogil=True, boundscheck=MODE == "checked", error_model="numpy", **options)(function)


def inlined(function: Callable[..., Any]) -> Any:
    """Like `device`, for hot loops that make no array: becomes part of its caller, counts no references."""
    if MODE == "python":
        return function
    options: dict[str, Any] = {
        "nogil": True, "boundscheck": MODE == "checked", "error_model": "numpy", "_nrt": False,
    }  # fmt: skip
    return numba.njit(forceinline=True, **options)(function)


def warm(report: Callable[[str, int, int], None] | None = None) -> int:
    """Compile every kernel of the room, or load it from the cache; returns how many there are."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    for number, entry in enumerate(_REGISTRY, 1):
        if report:
            report(entry.name, number, len(_REGISTRY))
        entry.compile()
    return len(_REGISTRY)
