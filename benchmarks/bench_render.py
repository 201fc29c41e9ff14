"""Milliseconds for one variant of a digest of 14 articles, warm: rendering, inlining, text, and looking it through.

The baseline is what it would be to inline each reader's copy: premailer with its defaults on the same HTML.
"""

import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable

os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
os.environ["NEWSLETTER_DATA_DIR"] = tempfile.mkdtemp()

import django

django.setup()

from premailer import Premailer

from newsletter import jinja, links
from newsletter.editions import themed
from newsletter.editions.render import render
from newsletter.mail.lint import findings
from newsletter.mail.slots import TOKEN
from tests.mail.samples import sample_week

ROUNDS = 21
LIMIT = 150  # ms, rendered and looked through


def main() -> None:
    logging.getLogger("CSSUTILS").setLevel(logging.CRITICAL)
    week = sample_week(14)
    made = render(week)
    raw = _before_inlining()
    address = week["newsletter"]["postal_address"]
    ours = milliseconds(lambda: render(week))
    look = milliseconds(
        lambda: findings(made.html, made.text, unsubscribe=links.unsubscribe(TOKEN), postal_address=address)
    )
    baseline = milliseconds(lambda: Premailer(raw, cache_css_parsing=False).transform())
    print(f"render, inline, text   {ours:7.1f} ms   ({len(made.html.encode()):,} bytes of HTML)")
    print(f"looked through         {look:7.1f} ms")
    print(f"together               {ours + look:7.1f} ms   (limit {LIMIT})")
    print(f"premailer's defaults   {baseline:7.1f} ms   for inlining alone")
    for articles in (5, 14, 40):
        print(f"{articles:3} articles           {len(render(sample_week(articles)).html.encode()):9,} bytes")


def _before_inlining() -> str:
    """The same mail as its template leaves it."""
    kept: list[str] = []
    inline = themed.inline
    themed.inline = lambda html: (kept.append(html), inline(html))[1]
    jinja.for_mail()
    render(sample_week(14))
    themed.inline = inline
    return kept[0]


def milliseconds(work: Callable[[], object]) -> float:
    """The median of ROUNDS rounds, after one that warms up."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
