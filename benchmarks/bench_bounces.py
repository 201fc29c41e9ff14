"""Returned mails read a second on one core, beside flufl.bounce alone, which tells neither hard from soft nor why."""

import contextlib
import logging
import statistics
import time
from collections.abc import Callable
from email import message_from_bytes

from flufl.bounce import all_failures

from newsletter.tracking.bounces.read import read
from tests.tracking.bounces import bounced, others, reports

ROUNDS = 5


def main() -> None:
    logging.disable(logging.CRITICAL)
    mails = [case.raw for case in [*reports.CASES, *bounced.CASES, *others.CASES]]
    ours = rate(lambda: [read(mail) for mail in mails], len(mails))
    theirs = rate(lambda: [by_flufl(mail) for mail in mails], len(mails))
    print(f"read           {ours:8,.0f} messages/s   ({len(mails)} messages of the corpus)")
    print(f"flufl.bounce   {theirs:8,.0f} messages/s")
    print(f"ratio          {ours / theirs:8.2f}")


def by_flufl(mail: bytes) -> None:
    with contextlib.suppress(Exception):  # it stumbles over some
        all_failures(message_from_bytes(mail))


def rate(work: Callable[[], object], number: int) -> float:
    """The median of some rounds, by processor time."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return number / statistics.median(seconds)


main()
