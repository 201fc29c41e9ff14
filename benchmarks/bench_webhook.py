"""SendGrid's webhook through the web as `newsletter run web` starts it, on PostgreSQL: 500 events a second arrive.

`python benchmarks/bench_webhook.py`. The bar: 99 of 100 signed requests stored and answered within 50 ms. Signed before
the clock runs; each request waits in line for the one before it, as a busy hour would have it. No worker applies.
"""

import http.client
import os
import random
import time
from collections.abc import Sequence

from benchmarks import load
from tests.fakes.sendgrid_webhook import SENDER, event

EVENTS, BODIES, SECONDS = 50, 10, 30  # events in a body, bodies a second, seconds
SINGLES = 20  # requests of one event a second, beside those
WORDS = ["delivered"] * 90 + ["deferred"] * 6 + ["bounce"] * 4


def main() -> None:
    os.environ["SENDGRID_WEBHOOK_PUBLIC_KEY"] = SENDER.public_key
    dice = random.Random(7)
    with load.site() as port:
        bare = load.at_a_rate(port, lambda link, _: load.get(link, "/livez"), rate=BODIES, count=BODIES * SECONDS)
        bodies = [SENDER.body(said(dice, EVENTS)) for _ in range(BODIES * SECONDS)]
        took = posted(port, bodies, BODIES)
        ones = [SENDER.body(said(dice, 1)) for _ in range(SINGLES * SECONDS)]
        alone = posted(port, ones, SINGLES)
        print(f"{EVENTS} events each  {load.told(took)}   {BODIES}/s; the bar is a p99 of 50 ms")
        print(f"one event each  {load.told(alone)}   {SINGLES}/s")
        print(f"/livez          {load.told(bare)}   the same server saying ok, {BODIES}/s")
        kept()


def posted(port: int, bodies: Sequence[bytes], rate: float) -> list[float]:
    signed = [(body, {**SENDER.headers(body), "Content-Type": "application/json"}) for body in bodies]

    def post(link: http.client.HTTPConnection, at: int) -> None:
        body, headers = signed[at]
        link.request("POST", "/webhooks/sendgrid", body, {"Host": "127.0.0.1", **headers})
        load.answer(link)

    return load.at_a_rate(port, post, rate=rate, count=len(bodies))


def said(dice: random.Random, count: int) -> list[dict[str, object]]:
    """Events about copies of one edition, no two the same."""
    return [about(dice) for _ in range(count)]


def about(dice: random.Random) -> dict[str, object]:
    args = {"nl_delivery": f"{7:016x}.{dice.randrange(1, 10**9)}", "nl_batch": f"{9:016x}", "nl_attempt": "1"}
    return event(args, dice.choice(WORDS), timestamp=int(time.time()) - 60, response="250 2.0.0 OK 1700000000 a1b2c3")


def kept() -> None:
    from newsletter.tracking.models import Event

    expected = EVENTS * BODIES * SECONDS + SINGLES * SECONDS
    print(f"kept            {Event.objects.count():8,} of {expected:,} events")


if __name__ == "__main__":
    main()
