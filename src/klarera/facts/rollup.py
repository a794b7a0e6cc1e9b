"""What one record says about all records of its author: flags, merged over the whole corpus.

"I'm 14" or "I object" concern every post of that author. A record that says so gives one flag; flags of
one author are or-ed, which is Kleene's any: order, shards and repetition do not matter. What is true of
one record is true of the author; what is unclear in one is unknown for the author unless another says it.
That a record's language was not covered stays with that record (it is a condition of the run).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from klarera.model import State

__all__ = ["AuthorFlag", "AuthorTable", "author_flags"]

U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]


class AuthorFlag(IntFlag):
    """What is known of an author from their records or the register. Bits are stable for ever."""

    MINOR = 1
    MINOR_UNCLEAR = 2
    ADULT = 4
    OBJECTED = 8
    OBJECTED_UNCLEAR = 16
    CHAIN_OBJECTED = 32
    REGISTER_OBJECTED = 64
    REGISTER_ERASED = 128
    REGISTER_CONSENTED = 256
    REGISTER_RESERVED = 512
    # The register names the author by something that may be another's too (a personal name, a display name).
    REGISTER_OBJECTED_UNCLEAR = 1024
    REGISTER_ERASED_UNCLEAR = 2048
    REGISTER_RESERVED_UNCLEAR = 8192


def author_flags(text: dict[str, U1], text_age: dict[str, U1], column_age: dict[str, U1]) -> U2:
    """Flags each record gives its author, uint16[n], from the states of the other modules.

    A birth year that makes the author an adult is no flag: it stands with each record by itself.
    """
    flags = np.zeros(len(text["objection_text"]), np.uint16)

    def give(flag: AuthorFlag, rows: npt.NDArray[np.bool_]) -> None:
        flags[rows] |= np.uint16(flag)

    give(
        AuthorFlag.MINOR,
        (text_age["author_minor"] == State.TRUE) | (column_age["author_minor"] == State.TRUE),
    )
    give(AuthorFlag.MINOR_UNCLEAR, text_age["author_minor"] == State.MISSING)
    give(AuthorFlag.ADULT, text_age["author_adult"] == State.TRUE)
    give(AuthorFlag.OBJECTED, text["objection_text"] == State.TRUE)
    give(AuthorFlag.OBJECTED_UNCLEAR, text["objection_text"] == State.MISSING)
    give(AuthorFlag.CHAIN_OBJECTED, text["objection_chain"] == State.TRUE)
    return flags


@dataclass(frozen=True)
class AuthorTable:
    """Authors with at least one flag: keys uint8[m, 16] sorted and distinct, flags uint16[m]."""

    keys: npt.NDArray[np.uint8]
    flags: U2

    @classmethod
    def merge(cls, keys: npt.NDArray[np.uint8], flags: U2) -> AuthorTable:
        """Sort, and or the flags of equal keys; a key of zeros (no author) is left out.

        >>> k = np.array([[2] * 16, [1] * 16, [2] * 16], np.uint8)
        >>> AuthorTable.merge(k, np.array([1, 4, 8], np.uint16)).flags.tolist()
        [4, 9]
        """
        from klarera.kernels.vectors import or_flags

        given = keys.any(axis=1) & (flags != 0)
        keys, flags = keys[given], flags[given]
        # Two big-endian halves sort as the bytes do.
        halves = np.ascontiguousarray(keys).view(">u8")
        order = np.lexsort((halves[:, 1], halves[:, 0]))
        keys, flags = np.ascontiguousarray(keys[order]), np.ascontiguousarray(flags[order])
        out_keys, out_flags = np.empty_like(keys), np.empty_like(flags)
        n = or_flags(keys, flags, out_keys, out_flags) if len(keys) else 0
        return cls(out_keys[:n].copy(), out_flags[:n].copy())

    def of(self, keys: npt.NDArray[np.uint8]) -> U2:
        """The flags of these authors, uint16[n]; 0 for an author without any."""
        from klarera.kernels.vectors import find_keys

        if not len(self.keys) or not len(keys):
            return np.zeros(len(keys), np.uint16)
        at = np.empty(len(keys), np.int64)
        find_keys(np.ascontiguousarray(keys), self.keys, at)
        return np.where(at >= 0, self.flags[np.maximum(at, 0)], 0).astype(np.uint16)
