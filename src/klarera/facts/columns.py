"""Record columns → states: what came with the text.

A null is unknown (MISSING), never no. Word lists are data with their source.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from klarera.batch import Records
from klarera.model import State, Visibility

__all__ = ["OPEN_LICENCES", "age_states", "column_states", "days"]

U1 = npt.NDArray[np.uint8]

OPEN_LICENCES = (
    "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "cc-by-2.0", "cc-by-2.5", "cc-by-sa-4.0", "cc-by-sa-3.0", "pddl-1.0",
    "odc-by-1.0", "odbl-1.0", "pdm-1.0", "ogl-uk-3.0", "etalab-2.0", "dl-de-by-2.0", "dl-de-zero-2.0",
    "mit", "apache-2.0", "bsd-3-clause", "bsd-2-clause",
)  # fmt: skip
"""SPDX ids (lower case) whose terms allow copying and reuse by anyone, commercial use included.
Source: SPDX licence list and the texts of the licences; terms such as attribution stay the user's task."""

FORBIDDING = ("all rights reserved", "proprietary", "no-derivatives", "cc-by-nd-4.0", "cc-by-nc-nd-4.0")
"""Values that grant no reuse of the kind training needs."""

MACHINE_RESERVATIONS = r"(?i)(tdm-reservation\"?\s*[:=]\s*\"?1|noai\b|noimageai\b|train-ai\s*=\s*n|ai-train\s*=\s*no)"
"""Header values by which a page reserves mining: TDMRep, X-Robots-Tag noai, AIPREF, Content Signals
(law: Directive (EU) 2019/790 Art. 4(3); syntax: the specifications named in the reference texts)."""


def column_states(records: Records) -> dict[str, U1]:
    """States of the record facts that rest on columns; each uint8[n]."""
    column = records.batch.column
    # Few distinct words stand in these columns: they are looked at once each.
    coded = column("visibility").dictionary_encode()
    visibility = pc.utf8_lower(coded.dictionary)
    # A word of a platform's own ("friends") says nothing we could rely on: unknown, not "not private".
    known = pc.is_in(visibility, pa.array([v.value for v in Visibility], pa.large_string()))
    visibility = pc.if_else(known, visibility, pa.scalar(None, pa.large_string()))
    seen = coded.indices
    author = _known(column("author")) | _known(column("author_name"))
    private = pc.is_in(visibility, pa.array([Visibility.PRIVATE, Visibility.RESTRICTED], pa.large_string()))
    licence = pc.utf8_lower(column("licence"))
    open_licence = pc.is_in(licence, pa.array(OPEN_LICENCES, pa.large_string()))
    forbids = pc.is_in(licence, pa.array(FORBIDDING, pa.large_string()))
    headers = column("http_headers")
    reserved = pc.match_substring_regex(headers, MACHINE_RESERVATIONS) if headers.null_count < len(headers) else headers
    n = len(records)
    return {
        "author_known": author.astype(np.uint8),
        "visibility_public": _of_words(pc.equal(visibility, Visibility.PUBLIC.value), seen),
        "visibility_login": _of_words(pc.equal(visibility, Visibility.LOGIN.value), seen),
        "visibility_private": _of_words(pc.if_else(known, private, None), seen),
        "licence_open": _three(open_licence, licence, n),
        "licence_forbids": _three(forbids, licence, n),
        "reserved_machine": _three(reserved, headers, n),
    }


def age_states(records: Records, day: int) -> dict[str, U1]:
    """What the columns say of the author's age when the record was published; each uint8[n].

    day   the run's day, days since 1970-01-01, for records without published_at

    Born in year b and published in year p, a person is at least p - b - 1 and at most p - b years old:
    below 18 if p - b <= 17, 18 or older if p - b >= 19, else it cannot be told.
    """
    n = len(records)
    minor, adult = np.full(n, State.MISSING, np.uint8), np.full(n, State.MISSING, np.uint8)
    born = records.batch.column("author_birth_year")
    if born.null_count < n:
        published = days(records)
        published = np.where(published == NO_DAY, day, published)
        year = published.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        age = year - pc.fill_null(born, 9999).to_numpy(zero_copy_only=False)
        known = _known(born) & (age >= 0) & (age <= 130)
        minor[known & (age <= 17)], adult[known & (age <= 17)] = State.TRUE, State.FALSE
        minor[known & (age >= 19)], adult[known & (age >= 19)] = State.FALSE, State.TRUE
    flag = records.batch.column("author_is_minor")
    if flag.null_count < n:
        known = _known(flag)
        yes = known & pc.fill_null(flag, False).to_numpy(zero_copy_only=False)
        no = known & ~yes
        for states, on_yes, on_no in ((minor, State.TRUE, State.FALSE), (adult, State.FALSE, State.TRUE)):
            for rows, value in ((yes, on_yes), (no, on_no)):
                clash = rows & (states != State.MISSING) & (states != value)
                states[rows] = value
                states[clash] = State.CONFLICT
    return {"author_minor": minor, "author_adult": adult}


NO_DAY = int(np.iinfo(np.int32).min)
"""Stands for "no date" in arrays of days."""


def days(records: Records) -> npt.NDArray[np.int32]:
    """published_at as days since 1970-01-01 (UTC), NO_DAY where null."""
    column = records.batch.column("published_at")
    known = _known(column)
    micros = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    whole = np.floor_divide(micros, 86_400_000_000)
    known &= np.abs(whole) < 1 << 30
    return np.where(known, whole, NO_DAY).astype(np.int32)


def _known(column: pa.Array) -> npt.NDArray[np.bool_]:
    known: npt.NDArray[np.bool_] = pc.is_valid(column).to_numpy(zero_copy_only=False)
    return known


def _of_words(answer: pa.Array, indices: pa.Array) -> U1:
    """TRUE or FALSE by the answer for each distinct word, MISSING where that or the word is null."""
    table = np.append(pc.fill_null(answer.cast(pa.uint8()), int(State.MISSING)).to_numpy(), np.uint8(State.MISSING))
    states: U1 = table[indices.fill_null(len(answer)).to_numpy(zero_copy_only=False)].astype(np.uint8)
    return states


def _three(answer: pa.Array, column: pa.Array, n: int) -> U1:
    """TRUE or FALSE where the column speaks, MISSING where it is null."""
    if column.null_count == n:
        return np.full(n, State.MISSING, np.uint8)
    yes = pc.fill_null(answer, False).to_numpy(zero_copy_only=False)
    return np.where(_known(column), yes, State.MISSING).astype(np.uint8)
