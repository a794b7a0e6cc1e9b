"""Facebook and Instagram "download your information", JSON: posts, comments, reels, stories.

A unit is an item; `unit` counts the items from 0, `place` is the item's byte offset. What is known:

    Facebook   posts     [{timestamp, data: [{post}], title, attachments: [{data: [{media: {description}}]}]}]
               groups    {group_posts_v2: [the same]}, {group_comments_v2: [as comments]}
               comments  {comments_v2: [{timestamp, data: [{comment: {timestamp, comment, author}}], title}]}
    Instagram  posts     [{title, creation_timestamp, media: [{title, creation_timestamp}]}], also below
                         ig_reels_media, ig_stories, ig_igtv_media, ig_archived_post_media
               comments  [{string_map_data: {Comment: {value}, Time: {timestamp}}}] or string_list_data,
                         also below comments_media_comments, comments_reels_comments

Both write each byte of UTF-8 as one escaped character; this is repaired, here only. The title of a post is
its text only if it has no other; the title of a comment names others and is left out. Who could see an item
is not in the export: visibility is unknown. The author is the owner where a comment states it, else unknown.

Source: exports as described by public parsers of them, 2018 to 2025; Meta publishes no schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from klarera.batch import RECORD, Records, Unreadable
from klarera.read import Options, Piece, Reader, Shard
from klarera.read.json_array import BROKEN, FAULT, elements, mapped, opening, show
from klarera.read.mapping import carried_name
from klarera.read.stream import cut
from klarera.read.table import cuts
from klarera.read.units import nothing

__all__ = ["READER", "fields_of", "is_export", "repaired"]

WRAPPERS = (
    "comments_v2", "comments", "group_posts_v2", "group_posts", "group_comments_v2", "group_comments",
    "ig_reels_media", "ig_stories", "ig_igtv_media", "ig_archived_post_media",
    "comments_media_comments", "comments_reels_comments",
)  # fmt: skip
WRAPPED = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(' + "|".join(WRAPPERS).encode() + rb')"\s*:\s*\[')

POST_KEYS = frozenset({"timestamp", "data", "title", "attachments", "tags", "media", "fbid"})
COMMENT_NAMES = ("Comment", "Kommentar", "Commentaire", "Opmerking", "Reactie", "Comentario", "Commento", "Comentário")
"""Names Instagram gives the comment's entry, by the account's language; else the first entry with a value."""

ITEMS = 4_096
SECOND = 1_000_000
Item = dict[str, Any]


def repaired(text: str) -> str:
    """Text whose UTF-8 bytes were written as one character each, put right; other text as it is.

    >>> repaired("caf\\u00c3\\u00a9"), repaired("café"), repaired("жизнь")
    ('café', 'café', 'жизнь')
    """
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def start_of(buf: np.ndarray[Any, Any]) -> tuple[int, bytes]:
    """Offset of the first item, or 0 if the file has not the form of an export; what closes the file."""
    found = WRAPPED.match(buf[:4096].tobytes())
    return (found.end(), b"}") if found else (opening(buf), b"")


def is_export(path: Path) -> int:
    """2 if the first item of the file is one an export holds."""
    buf = mapped(path)
    at, closing = start_of(buf)
    if not at:
        return 0
    first = next(elements(buf, at, 1, closing))
    if not len(first.begin):
        return 2 * bool(closing)
    try:
        return 2 * (fields_of(json.loads(buf[first.begin[0] : first.end[0]].tobytes())) is not None)
    except ValueError:
        return 0


def fields_of(item: object) -> Item | None:
    """The RECORD fields of one item, or None if it is none an export is known to hold.

    >>> fields_of({"timestamp": 1, "data": [{"post": "hi"}]})["text"]
    'hi'
    """
    if not isinstance(item, dict):
        return None
    if "string_map_data" in item or "string_list_data" in item:
        return _instagram_comment(item)
    if isinstance(item.get("media"), list) and "data" not in item and "attachments" not in item:
        return _instagram_media(item)
    if "uri" in item and "creation_timestamp" in item:
        return _instagram_media({"media": [item]})
    if "timestamp" in item and item.keys() <= POST_KEYS and ("data" in item or "attachments" in item):
        return _facebook(item)
    return None


def _dicts(value: object) -> list[Item]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(*candidates: object) -> str | None:
    """The first that is a string with something in it, put right."""
    return next((repaired(c) for c in candidates if isinstance(c, str) and c), None)


def _moment(*candidates: object) -> int | None:
    """Microseconds of the first that is a time in whole seconds; 0 is what the export writes for none."""
    for value in candidates:
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 100_000_000_000:
            return value * SECOND
    return None


def _facebook(item: Item) -> Item:
    data = _dicts(item.get("data"))
    comments = [entry["comment"] for entry in data if isinstance(entry.get("comment"), dict)]
    if comments:
        first = comments[0]
        author = _text(first.get("author"))
        when = _moment(first.get("timestamp"), item.get("timestamp"))
        fields = {"text": _text(first.get("comment")), "author": author, "author_name": author, "published_at": when}
        return _made(fields, "facebook", "comment")
    posts = [repaired(entry["post"]) for entry in data if isinstance(entry.get("post"), str) and entry["post"]]
    attached = [entry for a in _dicts(item.get("attachments")) for entry in _dicts(a.get("data"))]
    captions = [entry["media"].get("description") for entry in attached if isinstance(entry.get("media"), dict)]
    text = "\n".join(posts) if posts else _text(*captions, item.get("title"))
    number = item.get("fbid")
    fields = {"text": text, "published_at": _moment(item.get("timestamp"))}
    return _made(fields | ({"id": str(number)} if isinstance(number, str | int) else {}), "facebook", "post")


def _instagram_media(item: Item) -> Item:
    media = _dicts(item.get("media"))
    text = _text(item.get("title"), *(entry.get("title") for entry in media))
    when = _moment(item.get("creation_timestamp"), *(entry.get("creation_timestamp") for entry in media))
    return _made({"text": text, "published_at": when}, "instagram", "post")


def _instagram_comment(item: Item) -> Item:
    named = item.get("string_map_data")
    entries = named if isinstance(named, dict) else {}
    parts = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    listed = _dicts(item.get("string_list_data"))
    known = [parts[name].get("value") for name in COMMENT_NAMES if name in parts]
    values = [part.get("value") for part in [*parts.values(), *listed]]
    when = _moment(*(part.get("timestamp") for part in [*parts.values(), *listed]))
    return _made({"text": _text(*(known or values)), "published_at": when}, "instagram", "comment")


def _made(fields: Item, source: str, kind: str) -> Item:
    return {"source": source, "meta": json.dumps({"export": source, "item": kind}), **fields}


def plan(path: Path, first: int, options: Options) -> list[Shard]:
    """One shard a file."""
    return cut("meta_export", path, first, replace(options, shard_bytes=max(1, path.stat().st_size)))


def columns(path: Path, options: Options) -> tuple[dict[str, str], list[str]]:
    """Nothing to map: the format says what is what."""
    return {}, []


def read(shard: Shard, options: Options, digest: Callable[[bytes], None]) -> Iterator[Piece]:
    """The items as pieces."""
    path = Path(shard.path)
    show(path, digest)
    extra = [pa.field(carried_name(name), pa.large_string()) for name in options.carry if name != "*"]
    schema = pa.schema([*RECORD, *extra])
    buf = mapped(path)
    at, closing = start_of(buf)
    unit = 0
    for some in elements(buf, at, ITEMS, closing):
        places = list(zip(some.begin.tolist(), some.end.tolist(), strict=True))
        for first, stop in cuts(some.end - some.begin):
            raw = [buf[a:b].tobytes() if b - a <= options.max_record else None for a, b in places[first:stop]]
            yield items_piece(raw, [a for a, _ in places[first:stop]], unit + first, schema, options)
        unit += len(places)
        if some.state == BROKEN:
            yield nothing(schema, Unreadable(unit, some.at, FAULT))


def items_piece(raw: list[bytes | None], places: list[int], unit: int, schema: pa.Schema, options: Options) -> Piece:
    """A few items as one piece."""
    rows: list[Item] = []
    kept: list[int] = []
    gaps: list[Unreadable] = []
    for number, item in enumerate(raw):
        fields, reason = _read_item(item)
        if fields is None:
            gaps.append(Unreadable(unit + number, places[number], reason))
        else:
            rows.append(fields | ({"source": options.source} if options.source is not None else {}))
            kept.append(number)
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    numbers = np.array(kept, np.int64)
    records = Records(
        pa.RecordBatch.from_arrays(arrays, schema=schema), unit + numbers, np.array(places, np.int64)[numbers]
    )
    return Piece(records, tuple(gaps), len(raw))


def _read_item(raw: bytes | None) -> tuple[Item | None, str]:
    """The fields of one item, or why there are none."""
    if raw is None:
        return None, "too large"
    try:
        fields = fields_of(json.loads(raw))
        for value in (fields or {}).values():
            if isinstance(value, str):
                value.encode()
    except UnicodeEncodeError:
        return None, "half of a surrogate pair"
    except UnicodeDecodeError:
        return None, "not UTF-8"
    except ValueError:
        return None, "not JSON"
    return fields, "not an item this export is known to hold"


READER = Reader(
    name="meta_export", version=1, suffixes=(".json",), plan=plan, read=read, columns=columns, sniff=is_export
)
