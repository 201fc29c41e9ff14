"""Feeds as publications, plugins and accidents make them: each file of corpus/ has the outcome that expected.json says.

`~` in an address is https://x.example. A new file needs an entry, written by hand from what an editor would expect.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from newsletter.feeds import bounded
from newsletter.feeds.draft import NotAFeed
from newsletter.feeds.parse import read_feed
from newsletter.feeds.values import Entry
from tests.feeds.feeds import item, numbered, rss

FOLDER = Path(__file__).parent / "corpus"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "expected.json")
URL = "https://x.example/news/feed.xml"


def test_every_file_has_its_outcome_and_there_are_many() -> None:
    assert sorted(EXPECTED) == FILES
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_feed_of_the_corpus_gives_what_is_expected(name: str) -> None:
    assert outcome((FOLDER / name).read_bytes()) == EXPECTED[name]


def outcome(body: bytes) -> dict[str, Any]:
    try:
        content = read_feed(body, URL)
    except NotAFeed as error:
        return {"refused": str(error).removeprefix(URL).strip()} | ({"hint": error.hint} if error.hint else {})
    made: dict[str, Any] = {"entries": [told(entry) for entry in content.entries]}
    return made | ({"dropped": list(content.dropped)} if content.dropped else {})


def told(entry: Entry) -> dict[str, Any]:
    """What is known about an entry, and no more."""
    image = entry.image
    facts = {
        "title": entry.title,
        "url": entry.url.replace("https://x.example", "~"),
        "dek": entry.dek,
        "byline": [f"{person.name}, {person.role}".rstrip(", ") for person in entry.byline],
        "categories": list(entry.categories),
        "image": [image.url.replace("https://x.example", "~"), image.width, image.credit] if image else None,
        "published": entry.published_at.isoformat() if entry.published_at else None,
        "updated": entry.updated_at.isoformat() if entry.updated_at else None,
    }
    return {name: value for name, value in facts.items() if value}


def test_one_item_of_ten_megabytes_is_one_story() -> None:
    text = "<p>It began with a letter that nobody had asked for, in the spring of that year.</p>" * 110_000
    more = f"<content:encoded><![CDATA[{text}]]></content:encoded>"
    body = rss(item("Long", "https://x.example/long", more=more))
    assert 9_000_000 < len(body) < 10 * 1024 * 1024
    (entry,) = bounded.read_feed(body, URL).entries
    assert entry.dek.startswith("It began with a letter")


def test_ten_thousand_items_are_cut_to_the_newest_two_thousand() -> None:
    content = bounded.read_feed(rss(*numbered(range(10_000))), URL)
    assert len(content.entries) == 2000
    assert content.dropped == ("8000 entries beyond the newest 2000",)
