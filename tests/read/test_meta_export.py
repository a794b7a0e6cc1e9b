from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klarera.read.meta_export import repaired

Reading = Callable[..., Any]
MARKER = "Zyxwv-Marker-7391"
T = 1_700_000_000
WHEN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def mangled(text: str) -> str:
    """Text as the exports write it: one character a byte."""
    return text.encode().decode("latin-1")


CAFE = mangled("Im Café – жизнь 😀")
FACEBOOK, INSTAGRAM = "facebook", "instagram"

# Name of the file, its content, (text, source, author) of its records.
FILES: list[tuple[str, object, list[tuple[str | None, str, str | None]]]] = [
    (
        "your_posts__check_ins__photos_and_videos_1.json",
        [
            {"timestamp": T, "data": [{"post": CAFE}, {"update_timestamp": T}], "title": "Ada Example wrote."},
            {"timestamp": T, "data": [{"post": "one"}, {"post": "two"}]},
            {"timestamp": T, "data": [], "title": "Ada Example updated her status."},
            {"timestamp": T, "attachments": [{"data": [{"media": {"uri": "a.jpg", "description": "a lake"}}]}]},
            {"timestamp": T, "attachments": [{"data": [{"external_context": {"url": "https://example.org"}}]}]},
        ],
        [
            ("Im Café – жизнь 😀", FACEBOOK, None),
            ("one\ntwo", FACEBOOK, None),
            ("Ada Example updated her status.", FACEBOOK, None),
            ("a lake", FACEBOOK, None),
            (None, FACEBOOK, None),
        ],
    ),
    (
        "comments.json",
        {
            "comments_v2": [
                {
                    "timestamp": T - 5,
                    "data": [{"comment": {"timestamp": T, "comment": CAFE, "author": mangled("Åsa Example")}}],
                    "title": "Åsa Example commented on Bo Example's post.",
                },
                {
                    "timestamp": T,
                    "data": [{"comment": {"timestamp": T, "comment": "", "author": "Ada"}}],
                    "title": "Ada replied to Bo Example's comment.",
                },
            ]
        },
        [("Im Café – жизнь 😀", FACEBOOK, "Åsa Example"), (None, FACEBOOK, "Ada")],
    ),
    (
        "your_posts_in_groups.json",
        {"group_posts_v2": [{"timestamp": T, "data": [{"post": "x"}]}]},
        [("x", FACEBOOK, None)],
    ),
    (
        "posts_1.json",
        [{"media": [{"uri": "a", "creation_timestamp": T, "title": CAFE}]}],
        [("Im Café – жизнь 😀", INSTAGRAM, None)],
    ),
    (
        "posts_2.json",
        [{"media": [{"uri": "a", "title": ""}, {"uri": "b"}], "title": "two", "creation_timestamp": T}],
        [("two", INSTAGRAM, None)],
    ),
    (
        "reels.json",
        {"ig_reels_media": [{"media": [{"title": "r", "creation_timestamp": T}]}]},
        [("r", INSTAGRAM, None)],
    ),
    ("stories.json", {"ig_stories": [{"uri": "a", "creation_timestamp": T, "title": "s"}]}, [("s", INSTAGRAM, None)]),
    (
        "post_comments_1.json",
        [
            {
                "media_list_data": [],
                "string_map_data": {
                    "Comment": {"value": CAFE},
                    "Media Owner": {"value": "bo"},
                    "Time": {"timestamp": T},
                },
            },
            {
                "string_map_data": {
                    "Media-Inhaber": {"value": "bo"},
                    "Kommentar": {"value": "k"},
                    "Zeit": {"timestamp": T},
                }
            },
            {"string_map_data": {"Komentarz": {"value": "p"}, "Czas": {"timestamp": T}}},
        ],
        [("Im Café – жизнь 😀", INSTAGRAM, None), ("k", INSTAGRAM, None), ("p", INSTAGRAM, None)],
    ),
    (
        "post_comments.json",
        {"comments_media_comments": [{"title": "bo", "string_list_data": [{"value": "c", "timestamp": T}]}]},
        [("c", INSTAGRAM, None)],
    ),
]


@pytest.mark.parametrize(("name", "content", "want"), FILES, ids=[case[0] for case in FILES])
def test_known_files(
    tmp_path: Path, read: Reading, name: str, content: object, want: list[tuple[str | None, str, str | None]]
) -> None:
    (tmp_path / name).write_text(json.dumps(content, indent=2))
    got = read(tmp_path / name)
    assert [(row["text"], row["source"], row["author"]) for row in got.rows] == want
    assert {row["published_at"] for row in got.rows} == {WHEN}
    assert {row["visibility"] for row in got.rows} == {None}
    assert got.raw == (tmp_path / name).read_bytes()
    assert "Bo Example" not in repr(got.rows)


def test_items_that_are_none_are_told_with_their_place(tmp_path: Path, read: Reading) -> None:
    items = [{"timestamp": T, "data": [{"post": "x"}]}, {MARKER: 1}, 17, {"timestamp": T, "data": [{"post": "\ud800"}]}]
    data = json.dumps(items)
    (tmp_path / "your_posts_1.json").write_text(data)
    got = read(tmp_path / "your_posts_1.json")
    assert got.texts == ["x"]
    assert [(g.unit, g.reason) for g in got.gaps] == [
        (1, "not an item this export is known to hold"),
        (2, "not an item this export is known to hold"),
        (3, "half of a surrogate pair"),
    ]
    assert got.gaps[0].place == data.index('{"' + MARKER)


@pytest.mark.parametrize(
    "item",
    [
        {"timestamp": "soon", "data": [{"post": "x"}]},
        {"timestamp": -1, "data": [{"post": 17}, "words", None]},
        {"timestamp": 10**30, "data": {"post": "x"}, "attachments": "words", "title": ["x"]},
        {"timestamp": True, "data": [{"comment": {"comment": None, "author": 17}}]},
        {"timestamp": T, "attachments": [{"data": [{"media": "words"}]}]},
        {"string_map_data": {"Comment": "words"}, "string_list_data": {}},
        {"string_map_data": None},
        {"media": [None, 17, {"title": {}}]},
    ],
)
def test_wrong_types_inside_an_item_are_unknown_and_no_crash(tmp_path: Path, read: Reading, item: object) -> None:
    first = {"timestamp": T, "data": [{"post": "first"}]}
    (tmp_path / "your_posts_1.json").write_text(json.dumps([first, item]))
    got = read(tmp_path / "your_posts_1.json")
    assert got.units == 2
    assert got.rows[1]["published_at"] in (None, WHEN)


def test_a_cut_off_export_gives_what_is_whole(tmp_path: Path, read: Reading) -> None:
    items = [{"timestamp": T, "data": [{"post": f"post {n}"}]} for n in range(100)]
    (tmp_path / "your_posts_1.json").write_text(json.dumps(items)[:-500])
    got = read(tmp_path / "your_posts_1.json")
    assert 0 < len(got.rows) < 100
    assert got.texts == [f"post {n}" for n in range(len(got.rows))]
    assert len(got.gaps) == 1


def test_the_source_can_be_named(tmp_path: Path, read: Reading) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"timestamp": T, "data": [{"post": "x"}]}]))
    got = read(tmp_path / "a.json", source="volunteers", carry=("likes",))
    assert (got.rows[0]["source"], got.rows[0]["likes"]) == ("volunteers", None)


def test_deep_nesting_is_one_entry(tmp_path: Path, read: Reading) -> None:
    (tmp_path / "a.json").write_text("[" * 100_000)
    got = read(tmp_path / "a.json")
    assert (got.rows, len(got.gaps)) == ([], 1)


@given(st.text())
def test_what_was_mangled_is_repaired_and_what_was_not_stays(text: str) -> None:
    assert repaired(mangled(text)) == text
    if any(ord(c) > 255 for c in text):
        assert repaired(text) == text
