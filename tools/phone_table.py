"""Derive src/klarera/find/phone.tsv from the metadata of the `phonenumbers` package.

    python tools/phone_table.py > src/klarera/find/phone.tsv

Three kinds of rows:

    code    every assigned calling code, the lengths a national number of it may have
    plan    one of the states below: country, calling code, trunk prefix, international prefix `00`,
            groupings of the national number as the state writes it
    range   calling code, length, ranges of leading digits of valid national numbers of that length

The package gives valid numbers as regular expressions. Each is expanded to sequences of digit sets and
then to sorted ranges, so that the runtime needs two array look-ups and no regular expressions.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

EEA = ("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO").split()  # noqa: SIM905
STATES = [*EEA, "GB", "CH", "UA"]
TYPES = [
    "fixed_line", "mobile", "personal_number", "voip", "pager", "uan", "toll_free", "premium_rate", "shared_cost",
    "voicemail",
]  # fmt: skip
MAX_LENGTH = 15
ANY = frozenset(range(10))

Sequence = tuple[frozenset[int], ...]


def sequences(tree: Any) -> set[Sequence]:
    """The digit sequences a parsed pattern accepts, one digit set a place."""
    result: set[Sequence] = {()}
    for kind, value in tree:
        step = set(one(kind, value))
        result = {left + right for left, right in product(result, step) if len(left + right) <= MAX_LENGTH}
    return result


def one(kind: Any, value: Any) -> Iterator[Sequence]:
    """The digit sequences of one node of the parse tree."""
    if kind is op.LITERAL:
        yield (frozenset({value - 48}),)
    elif kind is op.IN:
        yield (members(value),)
    elif kind is op.BRANCH:
        for branch in value[1]:
            yield from sequences(branch)
    elif kind is op.SUBPATTERN:
        yield from sequences(value[3])
    elif kind is op.MAX_REPEAT:
        low, high, inner = value
        options = sequences(inner)
        for count in range(low, min(high, MAX_LENGTH) + 1):
            for parts in product(options, repeat=count) if len(options) > 1 else [tuple(options) * count]:
                yield sum(parts, ())
    else:
        raise ValueError(f"phone metadata uses {kind}, which this tool does not know")


def members(items: Any) -> frozenset[int]:
    """The digits of a character class."""
    found: set[int] = set()
    for kind, value in items:
        if kind is op.LITERAL:
            found.add(value - 48)
        elif kind is op.RANGE:
            found.update(range(value[0] - 48, value[1] - 47))
        elif kind is op.CATEGORY:
            found.update(ANY)
        else:
            raise ValueError(f"phone metadata uses {kind} in a class, which this tool does not know")
    return frozenset(found)


def ranges(alive: list[Sequence], length: int, prefix: int = 0, depth: int = 0) -> Iterator[tuple[int, int]]:
    """Sorted [low, high] of the numbers of this length that some sequence accepts."""
    if not alive:
        return
    left = length - depth
    if any(all(place == ANY for place in sequence[depth:]) for sequence in alive):
        yield prefix * 10**left, (prefix + 1) * 10**left - 1
        return
    for digit in range(10):
        rest = [sequence for sequence in alive if digit in sequence[depth]]
        yield from ranges(rest, length, prefix * 10 + digit, depth + 1)


def joined(parts: Iterator[tuple[int, int]]) -> list[list[int]]:
    """The same ranges with neighbours made one."""
    result: list[list[int]] = []
    for low, high in parts:
        if result and result[-1][1] + 1 == low:
            result[-1][1] = high
        else:
            result.append([low, high])
    return result


def short(low: int, high: int, length: int) -> str:
    """A range by its leading digits: 3000-3999 is `3`, 3000-4999 is `3-4`."""
    a, b = str(low).zfill(length), str(high).zfill(length)
    while len(a) > 1 and a[-1] == "0" and b[-1] == "9":
        a, b = a[:-1], b[:-1]
    return a if a == b else f"{a}-{b}"


def metadata(region: str) -> PhoneMetadata:
    """The package's record of one region."""
    found = PhoneMetadata.metadata_for_region(region)
    if found is None:
        raise ValueError(f"phone metadata has no region {region}")
    return found


def possible(record: PhoneMetadata) -> list[int]:
    """Lengths a national number of the region may have."""
    general = record.general_desc
    return [length for length in (general.possible_length if general else ()) if length > 0]


def lengths(code: int) -> list[int]:
    """Lengths of national numbers under a calling code, over all its regions."""
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    worldwide = PhoneMetadata.metadata_for_nongeo_region(code) if "001" in regions else None
    records = [worldwide] if worldwide else [metadata(region) for region in regions]
    return sorted({length for record in records for length in possible(record)})


def valid(code: int) -> set[Sequence]:
    """Sequences of valid national numbers under a calling code, over all its regions and types."""
    found: set[Sequence] = set()
    for region in COUNTRY_CODE_TO_REGION_CODE[code]:
        record = metadata(region)
        for name in TYPES:
            description = getattr(record, name)
            if description is None or not description.national_number_pattern:
                continue
            allowed = description.possible_length or possible(record)
            parsed = sequences(_parser.parse(description.national_number_pattern))
            found.update(sequence for sequence in parsed if len(sequence) in allowed)
    return found


def groupings(record: PhoneMetadata) -> list[str]:
    """How the state groups national numbers: `2.3.4`, sorted."""
    found: set[str] = set()
    for form in record.number_format:
        parts = re.findall(r"\\d(?:\{(\d+)(?:,(\d+))?\})?", form.pattern or "")
        choices = [range(int(low or 1), int(high or low or 1) + 1) for low, high in parts]
        for sizes in product(*choices):
            if len(sizes) > 1 and sum(sizes) in possible(record):
                found.add(".".join(map(str, sizes)))
    return sorted(found)


def main() -> None:
    """Write the table."""
    write = sys.stdout.write
    write(f"# phonenumbers {phonenumbers.__version__} (Apache-2.0), made by tools/phone_table.py\n")
    for code in sorted(COUNTRY_CODE_TO_REGION_CODE):
        write(f"code\t{code}\t{','.join(map(str, lengths(code)))}\n")
    for state in STATES:
        record = metadata(state)
        prefix = record.national_prefix or ""
        write(f"plan\t{state}\t{record.country_code}\t{prefix}\t{','.join(groupings(record))}\n")
    for code in sorted({metadata(state).country_code or 0 for state in STATES}):
        accepted = valid(code)
        for length in sorted({len(sequence) for sequence in accepted}):
            found = joined(ranges([s for s in accepted if len(s) == length], length))
            write(f"range\t{code}\t{length}\t{','.join(short(a, b, length) for a, b in found)}\n")


if __name__ == "__main__":
    main()
