from __future__ import annotations

import pytest

from klarera.batch import RECORD
from klarera.errors import UsageError
from klarera.read import Options
from klarera.read.mapping import NAMES, carried, carried_name, resolve

FINEWEB = ["text", "id", "dump", "url", "date", "file_path", "language", "language_score", "token_count"]
DOLMA = ["id", "text", "source", "created", "added", "version", "metadata"]
MASTODON = ["id", "created_at", "content", "uri", "visibility", "account", "account.acct", "account.display_name"]

LAYOUTS = [
    (
        FINEWEB,
        {"id": "id", "text": "text", "url": "url", "fetched_at": "date", "language": "language"},
        ["dump", "file_path", "language_score", "token_count"],
    ),
    (
        DOLMA,
        {
            "id": "id", "text": "text", "source": "source", "published_at": "created", "fetched_at": "added",
            "meta": "metadata",
        },
        ["version"],
    ),
    (["content"], {"text": "content"}, []),
    (["body", "created_utc", "permalink", "author"], {
        "text": "body", "url": "permalink", "author": "author", "published_at": "created_utc"
    }, []),
    (
        MASTODON,
        {
            "id": "id", "text": "content", "url": "uri", "author": "account.acct",
            "author_name": "account.display_name", "published_at": "created_at", "visibility": "visibility",
        },
        [],
    ),
    (["text", "Language", "langs", "texts"], {"text": "text"}, ["Language", "langs", "texts"]),
]  # fmt: skip


@pytest.mark.parametrize(("present", "columns", "rest"), LAYOUTS)
def test_known_layouts(present: list[str], columns: dict[str, str], rest: list[str]) -> None:
    nested = {"account", "metadata"}
    mapping = resolve(present, Options(), nested=nested)
    assert (mapping.columns, mapping.rest) == (columns, rest)


def test_what_the_caller_says_counts_first_and_nothing_is_used_twice_by_guess() -> None:
    options = Options(mapping={"text": "title", "language": ""})
    mapping = resolve(["text", "title", "language"], options)
    assert mapping.columns == {"text": "title"}
    assert mapping.rest == ["text", "language"]


def test_an_input_without_text_can_be_said_to_have_none() -> None:
    assert resolve(["track"], Options(mapping={"text": ""})).columns == {}


def test_every_record_column_has_its_own_name_first() -> None:
    assert [names[0] for names in NAMES.values()] == list(NAMES) == RECORD.names


def test_unknown_record_columns_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown record column 'words'"):
        resolve(["text"], Options(mapping={"words": "text"}))


def test_carried_columns() -> None:
    mapping = resolve(["text", "id", "a", "b"], Options())
    assert carried(mapping, Options(carry=("*",))) == ["a", "b"]
    assert carried(mapping, Options(carry=("b", "a", "b", "text"))) == ["b", "a"]
    assert [carried_name(name) for name in ("a", "source")] == ["a", "input.source"]
