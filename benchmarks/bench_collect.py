"""Collecting 50 feeds of which 5 hang, and making photos fit for mail; medians or one run, each beside a baseline.

The feeds come from a server on loopback, 30 stories each that need no page; the database is SQLite in memory. The
baseline of collecting is the same feeds without those that hang, one after the other. The photo is a press original of
3,000 × 2,000 pixels; its baseline is Pillow's plain resize in this process, without limits, profile or budget.
"""

import io
import os
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "newsletter.settings", "NEWSLETTER_CONFIG": os.devnull, "DATABASE_URL": "sqlite:///:memory:",
    "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1", "NEWSLETTER_DATA_DIR": tempfile.mkdtemp(prefix="bench-collect-"),
}  # fmt: skip

import django

django.setup()

from django.core.management import call_command
from PIL import Image

from benchmarks.bench_parse import feed, milliseconds
from newsletter.feeds import bounded, collect
from newsletter.feeds.models import Article, Feed
from tests.fakes.feed_site import FeedSite
from tests.feeds import paint

FEEDS, HANGING, STORIES = 50, 5, 30
_MEDIA = re.compile(
    r"(<content:encoded><!\[CDATA\[)(.*?<media:content url=\"https://meridian.example/(\d+))", re.DOTALL
)


def seconds_until_done(feeds: list[Feed], hanging: set[int]) -> tuple[float, float]:
    """When the last feed that answers was collected, and when all were given up or collected."""
    start, fine = time.perf_counter(), 0.0
    for done in collect.collect_all(feeds):
        if done.feed_id not in hanging:
            assert not done.error, done.error
            fine = time.perf_counter() - start
    return fine, time.perf_counter() - start


def feeds_of(site: FeedSite) -> list[Feed]:
    """A row for each feed; the hanging ones stand first, where they do the most harm."""
    # With the photo in the text, where it has an alternative text, no story leaves a gap for its page to fill.
    body = _MEDIA.sub(r'\1<img src="https://meridian.example/\3.jpg" alt="A quay">\2', feed(STORIES, 38).decode())
    made = [Feed.objects.create(url=site.hang(f"/hang{number}.xml")) for number in range(HANGING)]
    for number in range(FEEDS - HANGING):
        own = body.replace("meridian.example/story-", f"m{number}.example/story-")
        made.append(Feed.objects.create(url=site.put(f"/{number}.xml", own)))
    return made


def collecting() -> None:
    with FeedSite() as site:
        feeds = feeds_of(site)
        hanging = {each.pk for each in feeds[:HANGING]}
        fine, whole = seconds_until_done(feeds, hanging)
        stored = Article.objects.count()
        Article.objects.all().delete()
        start = time.perf_counter()
        for each in feeds[HANGING:]:
            collect.collect(each)
        alone = time.perf_counter() - start
    print(f"{FEEDS} feeds of {STORIES} full texts, {HANGING} of them hang; {stored:,} articles stored:")
    print(f"  the {FEEDS - HANGING} without the others, in turn  {alone:6.1f} s  (baseline)")
    print(f"  the {FEEDS - HANGING} among them, side by side     {fine:6.1f} s  (target: at most 10 s)")
    print(f"  until the {HANGING} are given up           {whole:6.1f} s  (their deadline: 30 s)")


def photos() -> None:
    original = paint.encoded(paint.photo(3000, 2000), "JPEG", quality=92)

    def plainly() -> None:
        with Image.open(io.BytesIO(original)) as opened:
            opened.resize((1200, 800)).save(io.BytesIO(), "JPEG")

    baseline = milliseconds(plainly)
    print(f"a photo of 3,000 × 2,000 pixels, {len(original) // 1024:,} KiB:")
    print(f"  Pillow's plain resize               {baseline:6.0f} ms (baseline)")
    for name, wish in (("lead", (1200, 0, 120_000)), ("small", (240, 160, 20_000))):
        wished = dict(zip(("width", "height", "most_bytes"), wish, strict=True))
        taken = milliseconds(lambda wished=wished: bounded.fit_picture(original, **wished), 7)
        size = len(bounded.fit_picture(original, **wished)[1])
        print(f"  ours in a limited child, {name:<10} {taken:6.0f} ms, {size:,} bytes (budget: {wish[2]:,})")


def main() -> None:
    call_command("migrate", verbosity=0)
    collecting()
    photos()


if __name__ == "__main__":
    main()
