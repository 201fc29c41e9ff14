"""Messages a second on one core: our splice beside EmailMessage per reader, for a digest of 14 articles.

Both by the processor time that they use, taken in turns, so that a busy machine slows both alike. Each message is let
go of before the next one is made, as a transport does that has written it out.
"""

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
    fast, slow, ratio = compared(mailing, readers)
    size = len(mailing.message(readers[0]))
    print(f"splice        {fast:10,.0f} messages/s   ({size:,} bytes each)")
    print(f"EmailMessage  {slow:10,.0f} messages/s")
    print(f"ratio         {ratio:10,.0f}")


def compared(mailing: merge.BatchMailing, readers: list[Reader]) -> tuple[float, float, float]:
    """The medians of ROUNDS rounds: ours and EmailMessage's messages a second, and the ratio of each round."""
    rounds = [
        (rate(mailing.message, readers), rate(lambda one: bytes(reference.message_for(mailing, one)), readers[:40]))
        for _ in range(ROUNDS)
    ]
    fast, slow = (statistics.median(each) for each in zip(*rounds, strict=True))
    return fast, slow, statistics.median(ours / theirs for ours, theirs in rounds)


def rate(make: Callable[[Reader], object], readers: list[Reader]) -> float:
    """Messages a second of this process's own time."""
    started = time.process_time()
    for reader in readers:
        make(reader)
    return len(readers) / (time.process_time() - started)


if __name__ == "__main__":
    main()
