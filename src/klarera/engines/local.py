"""One machine: in this process, or in spawned worker processes.

Spawned, never forked: a fork copies locks of Arrow's and Polars' threads in whatever state they are. Each
worker runs one thread. A worker that dies (a parser crashed by crafted bytes, memory) breaks the pool; the
run stops with RetryLater and nothing half-done, since parts appear whole or not at all.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from klarera.errors import RetryLater

__all__ = ["Engine", "local", "one_thread"]

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Engine = Callable[[Callable[[Task], Answer], Iterable[Task]], Iterator[Answer]]

THREADS = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def one_thread() -> None:
    """Give the libraries of this process one thread each."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


class local:
    """An engine of `workers` processes; 1 works in this process.

    >>> list(local(1)(abs, [-1, 2]))
    [1, 2]
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def __call__(self, function: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
        work = list(tasks)
        if self.workers == 1 or len(work) < 2:
            yield from map(function, work)
            return
        for name in THREADS:
            os.environ.setdefault(name, "1")
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self.workers, len(work)), context, one_thread) as pool:
            try:
                yield from pool.map(function, work)
            except BrokenProcessPool:
                raise RetryLater(
                    "a worker process died; nothing is half-written", hint="--workers 1 to see where"
                ) from None
