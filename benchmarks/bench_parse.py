"""From a feed's bytes to entries: ours beside bare feedparser with its defaults, medians of one run.

The feed: 30 articles with full text of about 8 KB each, a picture with credit, two categories (about 250 KB). Ours is
timed in this process (`parse.read_feed`) and as collecting does it, in a limited child process (`bounded.read_feed`).

"""

import io
import resource
import statistics
import time
from collections.abc import Callable

import feedparser

from newsletter.feeds import bounded, parse

URL = "https://meridian.example/feeds/feed.rss"
PARAGRAPH = (
    "<p>The harbour had been quiet since the <a href='/2026/strike?utm_source=body'>strike</a>, and nobody on the "
    "quay could say whether &#8220;quiet&#8221; was a good word for it. <em>Not yet</em>, said the pilot.</p>\n"
)
ROUNDS = 15


def feed(items: int, paragraphs: int) -> bytes:
    """An RSS feed of so many articles, each with so many paragraphs of about 220 bytes."""
    text = PARAGRAPH * paragraphs
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        "<channel><title>The Meridian</title><link>https://meridian.example/</link>"
        + "".join(
            f"<item><title>Story {number} of the week</title><link>https://meridian.example/story-{number}</link>"
            f"<guid isPermaLink='false'>{number}</guid><dc:creator>Ada Moreau</dc:creator>"
            "<category>Analysis</category><category>Africa</category>"
            "<pubDate>Mon, 16 Nov 2026 10:00:00 +0000</pubDate>"
            f"<description>What story {number} means for the coast.</description>"
            f"<content:encoded><![CDATA[{text}]]></content:encoded>"
            f'<media:content url="https://meridian.example/{number}.jpg" medium="image" width="1200" height="800">'
            "<media:credit>Cleo Stone</media:credit></media:content></item>"
            for number in range(items)
        )
        + "</channel></rss>"
    ).encode()


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of so many runs."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    small, large = feed(30, 38), feed(10_000, 2)
    baseline = milliseconds(lambda: feedparser.parse(io.BytesIO(small)))
    ours = milliseconds(lambda: parse.read_feed(small, URL))
    child = milliseconds(lambda: bounded.read_feed(small, URL))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    many = milliseconds(lambda: bounded.read_feed(large, URL), 1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    bare = milliseconds(lambda: feedparser.parse(io.BytesIO(large)), 1)
    print(f"30 articles, {len(small) // 1024} KiB, median of {ROUNDS}:")
    print(f"  feedparser with its defaults   {baseline:7.1f} ms  (baseline)")
    print(
        f"  ours, bytes to entries         {ours:7.1f} ms  ({baseline / ours:.1f} times as fast; target: at most 50 ms)"
    )
    print(f"  ours, in a limited child       {child:7.1f} ms  (what collecting pays per changed feed)")
    print(f"10,000 articles, {len(large) / 1024 / 1024:.1f} MiB, in a limited child, once:")
    print(f"  feedparser with its defaults   {bare / 1000:7.1f} s   (baseline)")
    print(
        f"  ours                           {many / 1000:7.1f} s, {spent:.1f} s of them computing (target: at most 10 s)"
    )


if __name__ == "__main__":
    main()
