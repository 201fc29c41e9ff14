"""Whatever becomes of a feed's or a page's bytes on their way, reading them raises our own errors only (F-29)."""

import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import NewsletterError
from newsletter.feeds.page import read_page
from newsletter.feeds.parse import read_feed

HERE = Path(__file__).parent
URL = "https://x.example/a"
PIECES = [
    b'"@graph": 5', b'{"@type":"NewsArticle","author":[[["x"]]],"image":{"url":{"url":5}}}', b"[[[", b"null", b"1e999",
    b"9" * 5000, b'"width": 1e400', b"NaN", b"&#xD800;", b"&#99999999;", b"&#", b"</width>", b"</height>",
    b"\xff\xfe",
    b"http://[::1", b"http://x:99999/", b"//[", b'"datePublished": {}', b'"datePublished":"9999-12-31T23:59:59-23:00"',
    b"0001-01-01T00:00:00+23:59", b'srcset="a 1e9w, b x, ,,"', b'width="-1"', b"]]>", b"<![CDATA[", b"</item>",
    b"<entry>",
]  # fmt: skip
META = [
    b'<img src="%s">', b"<link rel=canonical href=%s>", b'<meta property="og:image" content="%s">',
    b'<meta property="article:published_time" content="%s">', b'<script type="application/ld+json">%s</script>',
]  # fmt: skip


def spoiled(dice: random.Random, body: bytes) -> bytes:
    made = bytearray(body)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(made) + 1)
        made[at : at + dice.randint(0, 40)] = dice.choice([*PIECES, b"", bytes([dice.randrange(256)])])
    return bytes(made)


@pytest.mark.parametrize(
    ("read", "folder", "times"), [(read_feed, "corpus", 250), (read_page, "pages", 60)], ids=["feeds", "pages"]
)
def test_spoiled_bytes_are_read_or_refused(read: Callable[..., Any], folder: str, times: int) -> None:
    dice = random.Random(4)  # the same bytes each time
    bodies = [path.read_bytes() for path in sorted((HERE / folder).iterdir()) if path.stat().st_size < 20_000]
    for _ in range(times):
        with contextlib.suppress(NewsletterError):
            read(spoiled(dice, dice.choice(bodies)), URL)


@pytest.mark.parametrize("url", [URL, "http://[::1]/"])
def test_a_page_may_say_anything_of_itself(url: str) -> None:
    for piece in PIECES:
        said = b"".join(template % piece for template in META)
        assert read_page(b"<html><head>" + said + b"</head><body><h1>T</h1></body></html>", url).title == "T"
