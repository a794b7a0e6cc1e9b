"""Work in this process or in others: the same answers in the same order, and a dead worker is told."""

from __future__ import annotations

import os

import pytest

from klarera.engines.local import local
from klarera.errors import InputError, RetryLater


def square(n: int) -> int:
    return n * n


def die(n: int) -> int:
    if n == 1:
        os._exit(3)
    return n


def refuse(n: int) -> int:
    raise InputError("a.jsonl", "cannot be read", line=n)


@pytest.mark.parametrize("workers", [1, 2])
def test_answers_come_in_the_order_of_the_tasks(workers: int) -> None:
    assert list(local(workers)(square, iter([3, 1, 2]))) == [9, 1, 4]
    assert list(local(workers)(square, [])) == []


def test_a_single_task_is_done_in_this_process() -> None:
    assert list(local(8)(lambda n: (n, os.getpid()), [1])) == [(1, os.getpid())]


def test_a_worker_that_dies_is_told_as_something_to_try_again() -> None:
    with pytest.raises(RetryLater, match="a worker process died"):
        list(local(2)(die, [0, 1, 2]))


def test_an_error_of_a_task_comes_through_whole() -> None:
    with pytest.raises(InputError, match=r"a\.jsonl:1: cannot be read"):
        list(local(2)(refuse, [1, 2]))
