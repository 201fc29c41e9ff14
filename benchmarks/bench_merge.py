"""Messages a second on one core: our splice beside EmailMessage per reader, for a digest of 14 articles."""

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

from newsletter.editions.render import render
from newsletter.transports import merge
from newsletter.transports.base import Reader
from tests.mail.samples import sample_week
from tests.transports import reference

ROUNDS = 5


def main() -> None:
    made = render(sample_week(14))
    headers = (("List-Unsubscribe", "<https://news.example.org/u/@@TOKEN@@>"),)
    content = merge.Content(("The Even Keel", "desk@keel.example"), "", made.subject, made.html, made.text, headers)
    mailing = merge.BatchMailing(content, "b", 1, datetime.now(UTC))
    readers = [
        Reader(n, f"reader{n}@example.org", f"Reader {n}", f"00ff.{n}", merge.slots_for(f"{n:034}", f"Reader {n}"))
        for n in range(20_000)
    ]
    fast = rate(lambda: [mailing.message(reader) for reader in readers], len(readers))
    slow = rate(lambda: [bytes(reference.message_for(mailing, reader)) for reader in readers[:40]], 40)
    size = len(mailing.message(readers[0]))
    print(f"splice        {fast:10,.0f} messages/s   ({size:,} bytes each)")
    print(f"EmailMessage  {slow:10,.0f} messages/s")
    print(f"ratio         {fast / slow:10,.0f}")


def rate(work: Callable[[], object], count: int) -> float:
    """The median of ROUNDS rounds, in pieces a second."""
    rates = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        rates.append(count / (time.perf_counter() - started))
    return statistics.median(rates)


if __name__ == "__main__":
    main()
