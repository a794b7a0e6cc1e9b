"""Which column of the input is which column of RECORD.

What the caller maps counts first; then layouts that are recognised whole; then exact known names, in the
order of NAMES. Nothing is guessed from likeness or content. `--map text=` (an empty name) says that the
input has no such column and switches the guess off. A dot leads into nested objects: `account.acct`.

>>> resolve(["id", "body", "lang", "likes"], Options())
Mapping(columns={'id': 'id', 'text': 'body', 'language': 'lang'}, rest=['likes'])
>>> resolve(["text", "id", "dump", "url", "date", "file_path", "language"], Options()).columns["fetched_at"]
'date'
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from klarera.batch import RECORD
from klarera.errors import InputError, UsageError
from klarera.read import Options

__all__ = ["LAYOUTS", "NAMES", "Mapping", "carried", "carried_name", "resolve"]

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "post_id", "doc_id", "document_id", "status_id", "tweet_id", "comment_id", "uuid"),
    "text": (
        "text", "content", "body", "full_text", "raw_content", "message", "post", "tweet", "comment",
        "record.text", "commit.record.text",
    ),
    "source": ("source", "platform"),
    "url": ("url", "uri", "permalink", "link"),
    "author": (
        "author", "handle", "username", "user", "screen_name", "user_id", "author_id", "did",
        "author.handle", "author.username", "account.acct", "user.screen_name", "user.username",
    ),
    "author_name": (
        "author_name", "display_name", "displayName", "author.displayName", "account.display_name", "user.name",
    ),
    "published_at": (
        "published_at", "created_at", "createdAt", "date", "timestamp", "created", "created_utc", "time_us",
        "record.createdAt",
    ),
    "fetched_at": ("fetched_at", "retrieved_at", "crawled_at", "scraped_at", "added"),
    "visibility": ("visibility",),
    "author_birth_year": ("author_birth_year", "birth_year"),
    "author_is_minor": ("author_is_minor", "is_minor"),
    "country": ("country", "country_code"),
    "language": ("language", "lang"),
    "licence": ("licence", "license"),
    "http_headers": ("http_headers",),
    "meta": ("meta", "metadata"),
}  # fmt: skip
"""RECORD column → names it is known by, best first (Bluesky, Mastodon, X, Reddit, Hugging Face sets)."""

LAYOUTS: tuple[tuple[frozenset[str], dict[str, str]], ...] = (
    # FineWeb and FineWeb 2: `date` is the day of the crawl, not of publication.
    (frozenset({"text", "id", "dump", "url", "date", "file_path"}), {"fetched_at": "date", "published_at": ""}),
    # Dolma: `created` is when the document was made, `added` when it was acquired.
    (frozenset({"id", "text", "source", "added"}), {"fetched_at": "added", "published_at": "created"}),
)
"""Columns that make a layout → what a single name would get wrong."""

MAY_NEST = ("meta", "http_headers")
"""RECORD columns that carry a nested value as its JSON text."""


@dataclass(frozen=True)
class Mapping:
    """columns: RECORD column → column of the input; rest: top-level columns nobody mapped, in input order."""

    columns: dict[str, str]
    rest: list[str]


def resolve(
    present: Sequence[str],
    options: Options,
    *,
    place: str = "input",
    complete: bool = True,
    nested: Collection[str] = (),
) -> Mapping:
    """Map the columns that are `present` (values inside objects by their dotted path) to RECORD.

    complete  the input has no other columns (a table's header). JSON Lines show theirs only as they come:
              there, a RECORD name nothing was found for stands for itself, should it come later
    nested    columns that hold objects or lists: guessed for meta and http_headers only

    Raises UsageError for an unknown RECORD name; InputError if a mapped column or any text is missing.

    >>> resolve(["title"], Options(), place="posts.csv")
    Traceback (most recent call last):
    klarera.errors.InputError: posts.csv: no column holds the text (try: --map text=COLUMN)
    """
    known = set(present)
    _check(known, options, place, complete)
    fixed = next((names for layout, names in LAYOUTS if layout <= known), {})
    columns = {}
    for name in RECORD.names:
        column = options.mapping.get(name)
        if column is None:
            fits = known if name in MAY_NEST else known.difference(nested)
            wanted = (fixed[name],) if name in fixed else NAMES[name]
            column = next((candidate for candidate in wanted if candidate in fits), None)
        if column is None and not complete and name not in fixed and name not in known:
            column = "" if name == "source" and options.source is not None else name
        if column:
            columns[name] = column
    text = options.mapping.get("text", columns.get("text"))
    if text is None or (known and text and text not in known):
        raise InputError(place, "no column holds the text", hint="--map text=COLUMN")
    used = {column for column in columns.values() if column in known}
    used |= {column.split(".")[0] for column in used}
    rest = [name for name in present if name not in used and name.split(".")[0] not in known - {name}]
    return Mapping(columns, rest)


def _check(known: set[str], options: Options, place: str, complete: bool) -> None:
    """Refuse a mapping the caller wrote wrong."""
    for name, column in options.mapping.items():
        if name not in RECORD.names:
            raise UsageError(f"unknown record column '{name}'", hint="one of " + ", ".join(RECORD.names))
        if column and known and column not in known and (complete or name == "text"):
            raise InputError(place, f"no column '{column}'", hint=f"--map {name}=COLUMN")


def carried(
    mapping: Mapping, options: Options, *, present: Sequence[str] | None = None, place: str = "input"
) -> list[str]:
    """Columns of the input to carry along, in input order for all, else in the order asked for.

    A column that is a RECORD column under its own name is not carried a second time. `present` given:
    InputError for one that is not there.

    >>> carried(Mapping({"text": "body", "id": "id"}, ["likes"]), Options(carry=("likes", "body", "id")))
    ['likes', 'body']
    """
    if "*" in options.carry:
        return list(mapping.rest)
    asked = list(dict.fromkeys(options.carry))
    if present is not None:
        for name in asked:
            if name not in present:
                raise InputError(place, f"no column '{name}' to carry", hint="--carry COLUMN")
    return [name for name in asked if mapping.columns.get(name) != name]


def carried_name(column: str) -> str:
    """Name of a carried column in the batch: its own, or "input.NAME" where RECORD has that name.

    >>> carried_name("likes"), carried_name("text")
    ('likes', 'input.text')
    """
    return f"input.{column}" if column in RECORD.names else column
