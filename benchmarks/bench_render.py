"""Milliseconds of processor time for one variant of 14 articles, warm: render, inline, text, preflight's local checks.

The baseline is what it would be to inline each reader's copy: premailer with its defaults on the same HTML.
"""

import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "newsletter.settings"
os.environ["NEWSLETTER_DATA_DIR"] = tempfile.mkdtemp()

import django

django.setup()

from premailer import Premailer

from newsletter import jinja
from newsletter.editions import themed
from newsletter.editions.preflight_findings import Finding
from newsletter.editions.preflight_links import faults, links, to_ask
from newsletter.editions.preflight_mail import mail
from newsletter.editions.preflight_stories import Facts, stories
from newsletter.editions.render import Rendered, render
from newsletter.editions.snapshot import Snapshot
from newsletter.feeds.probe import Probe
from newsletter.links import unsubscribe
from newsletter.mail.slots import TOKEN
from tests.mail.samples import sample_week

ROUNDS = 21
LIMIT = 150  # ms, rendered and preflighted


def main() -> None:
    logging.getLogger("CSSUTILS").setLevel(logging.CRITICAL)
    week = sample_week(14)
    made = render(week)
    raw = _before_inlining()
    ours = milliseconds(lambda: render(week))
    look = milliseconds(lambda: preflight(made, week))
    baseline = milliseconds(lambda: Premailer(raw, cache_css_parsing=False).transform())
    print(f"render, inline, text   {ours:7.1f} ms   ({len(made.html.encode()):,} bytes of HTML)")
    print(f"preflight, local       {look:7.1f} ms   {len(preflight(made, week))} findings")
    print(f"together               {ours + look:7.1f} ms   (limit {LIMIT})")
    print(f"premailer's defaults   {baseline:7.1f} ms   for inlining alone")
    for articles in (5, 14, 40):
        print(f"{articles:3} articles           {len(render(sample_week(articles)).html.encode()):9,} bytes")


def preflight(made: Rendered, week: Snapshot) -> list[Finding]:
    """Everything that preflight decides without asking anybody."""
    found = links(week, "https://news.example.org")
    known = dict.fromkeys(to_ask(found), Probe(200))
    facts = Facts(goes_out=datetime(2026, 11, 26, 12, tzinfo=UTC))
    return [*mail(made, week, unsubscribe=unsubscribe(TOKEN)), *stories(week, facts), *faults(found, known)]


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
    """The median of ROUNDS rounds of processor time, after one that warms up: the wall clock counts others too."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
