"""The archive's page, and leaving by one click, through the web as `newsletter run web` starts it, on PostgreSQL.

`python benchmarks/bench_pages.py [READERS]`, 100,000 by default. The bars: an archive page 200 times a second on 2
cores, on which the strangers run too; one click within 100 ms for 99 of 100 at 50 a second with 1,000,000 readers.
"""

import random
import sys
from http.client import HTTPConnection

from benchmarks import load
from benchmarks.bench_plan import READERS, SUBSCRIPTIONS

SECONDS, RATE, CLICKS = 15, 50, 3000
STORIES = 15
ONE_CLICK = "List-Unsubscribe=One-Click"


def main(readers: int) -> None:
    with load.site() as port:
        tokens = prepare(readers)
        archive(port)
        one_click(port, tokens)


def prepare(readers: int) -> list[str]:
    """An edition in the archive, and readers; the tokens of some of them."""
    from django.db import connection

    from newsletter.signing import token_for
    from newsletter.subscribers.models import Subscription
    from tests import builders

    frames = ("Lead: lead", f"Analysis: kind=Analysis; cap={STORIES}")
    newsletter = builders.make_newsletter(frames=frames, privacy_url="https://meridian.example/privacy")
    builders.sent_edition(newsletter, stories=STORIES)
    with connection.cursor() as cursor:
        cursor.execute(READERS, [readers])
        cursor.execute(SUBSCRIPTIONS, [newsletter.pk])
        cursor.execute("ANALYZE")
    some = random.Random(7).sample(range(1, readers + 1), 2 * CLICKS)
    ids = Subscription.objects.filter(subscriber__in=some).values_list("public_id", flat=True)
    return [token_for(public_id) for public_id in ids]


def archive(port: int) -> None:
    def page(path: str) -> load.Ask:
        return lambda connection, number: load.get(connection, path.format(number))

    warm = load.as_fast_as_possible(port, page("/archive/the-meridian/1"), seconds=SECONDS)
    cold = load.as_fast_as_possible(port, page("/archive/the-meridian/1?{}"), seconds=SECONDS)
    bare = load.as_fast_as_possible(port, page("/livez"), seconds=SECONDS)
    print(f"archive page   {warm:8.0f} requests/s   {STORIES} stories; the bar is 200")
    print(f"made anew      {cold:8.0f} requests/s   each under an address of its own, so that none is kept")
    print(f"/livez         {bare:8.0f} requests/s   the same server saying ok")
    print(f"ratio          {warm / bare:8.2f}, {cold / bare:.2f} made anew")


def one_click(port: int, tokens: list[str]) -> None:
    def look(connection: HTTPConnection, number: int) -> None:
        load.get(connection, f"/u/{tokens[number]}")

    def click(connection: HTTPConnection, number: int) -> None:
        load.post(connection, f"/u/{tokens[number]}", ONE_CLICK)

    clicks = load.at_a_rate(port, click, rate=RATE, count=CLICKS)
    looks = load.at_a_rate(port, look, rate=RATE, count=CLICKS)
    print(f"one click      {load.told(clicks)}   at {RATE}/s; the bar is a p99 of 100 ms")
    print(f"looking        {load.told(looks)}   the page with the button")
    from newsletter.subscribers.models import Consent, Subscription

    left = Subscription.objects.filter(status="unsubscribed").count()
    print(f"left           {left:8,} with {Consent.objects.filter(source='one-click').count():,} pieces of evidence")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
