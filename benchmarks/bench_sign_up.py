"""Signing up: does the time tell who somebody is (T-12), and how many letters does a flood cause (T-15)?

On PostgreSQL, `python benchmarks/bench_sign_up.py [SIGN_UPS]`. A flood on 100 addresses from 256 networks goes through
the web as `newsletter run web` starts it, while the bell decides; then SIGN_UPS more, 100,000 by default, are written
down as if each had shown its proof.
"""

import hashlib
import re
import statistics
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from itertools import count
from urllib.parse import urlencode

from benchmarks import load

STATES = ("unknown", "asked", "active", "paused", "unsubscribed", "complaint", "erased")
EACH, ADDRESSES, CHUNK = 500, 100, 5000
THROUGH_THE_WEB = 5000
FORM = "/subscribe/the-meridian"


def main(sign_ups: int) -> None:
    with load.site() as port:
        from tests import builders

        newsletter = builders.make_newsletter(privacy_url="https://meridian.example/privacy")
        same_time(port, newsletter)
        flood(port, newsletter, sign_ups)


def same_time(port: int, newsletter: object) -> None:
    """Milliseconds of the answer by who somebody is, asked in turns; the same question twice is the baseline."""
    from newsletter.subscribers.models import SignUp

    for state in STATES:
        prepare(f"{state}@example.org", state, newsletter)
    took: dict[str, list[float]] = {state: [] for state in (*STATES, "stranger")}
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        for _ in range(EACH):
            for state, times in took.items():
                started = time.perf_counter()
                load.post(connection, FORM, f"address={state}@example.org")
                times.append((time.perf_counter() - started) * 1000)
    medians = {state: statistics.median(found) for state, found in took.items()}
    apart = max(medians[state] for state in STATES) - min(medians[state] for state in STATES)
    print("same time      " + ", ".join(f"{state} {found:.2f}" for state, found in medians.items()) + " ms")
    print(f"apart          {apart:8.2f} ms between {len(STATES)} states, {EACH} times each; the bar is 5")
    print(f"baseline       {abs(medians['unknown'] - medians['stranger']):8.2f} ms between two strangers")
    SignUp.objects.all().delete()


def prepare(address: str, state: str, newsletter: object) -> None:
    from newsletter.subscribers import addresses, consent
    from newsletter.subscribers.models import Subscriber, Subscription, Suppression
    from newsletter.tracking import erase

    if state in ("active", "paused", "unsubscribed", "erased"):
        consent.add(address, "", newsletter, None, "")  # type: ignore[arg-type] # it is one
        Subscription.objects.filter(subscriber__email=address).update(status="active" if state == "erased" else state)
    if state == "erased":
        erase.erase(Subscriber.objects.get(email=address))
    if state == "complaint":
        Suppression.objects.create(address_key=addresses.key(address), reason=state)


def flood(port: int, newsletter: object, sign_ups: int) -> None:
    from newsletter.letters.models import Letter
    from newsletter.subscribers import signup
    from newsletter.subscribers.models import SignUp

    over = threading.Event()
    bell = threading.Thread(target=_ring, args=(over,))
    bell.start()
    started = time.perf_counter()
    load.as_many(port, _scripted, number=THROUGH_THE_WEB)
    seconds = time.perf_counter() - started
    print(f"scripted       {THROUGH_THE_WEB:8,} sign-ups on {ADDRESSES} addresses in {seconds:.0f} s")
    waited = genuine(port)
    over.set()
    bell.join()
    print(f"letters        {_to_victims():8,}, {SignUp.objects.count():,} requests were written down before the proof")
    print(f"a genuine one  {waited:8.1f} s from the form to their letter, a second's work for the browser included")
    made = [
        signup.drawn_up(signup.Asked(address=_victim(number), newsletters=[newsletter]))  # type: ignore[list-item]
        for number in range(ADDRESSES)
    ]
    through = SignUp.newsletters.through
    for start in range(0, sign_ups, CHUNK):
        rows = SignUp.objects.bulk_create(
            SignUp(**{**made[number % ADDRESSES], "network": f"203.0.{number % 256}.0/24", "proved": "work"})
            for number in range(start, min(start + CHUNK, sign_ups))
        )
        through.objects.bulk_create(through(signup_id=each.pk, newsletter_id=newsletter.pk) for each in rows)  # type: ignore[attr-defined]
    started = time.perf_counter()
    decided, seconds = sum(iter(signup.answer_waiting, 0)), time.perf_counter() - started
    print(f"proved         {decided:8,} more, decided in {seconds:.0f} s")
    print(f"letters        {_to_victims():8,} to {ADDRESSES} addresses; the bar is {ADDRESSES}")
    assert Letter.objects.count() <= ADDRESSES + 1


def genuine(port: int) -> float:
    """Seconds until somebody who fills in the form has their letter, as their browser does it."""
    from newsletter.letters.models import Letter

    started, fields = time.perf_counter(), {"address": "genuine@example.net"}
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        page = load.get(connection, FORM).decode()
        fields["began"] = _value("began", page)
        asked = load.post(connection, FORM, urlencode(fields), **{"X-Forwarded-For": "198.51.100.7"}).decode()
        if "data-bits" in asked:
            fields["ticket"], bits = _value("ticket", asked), int(re.search(r'data-bits="(\d+)"', asked)[1])  # type: ignore[index]
            fields["number"] = next(str(n) for n in count() if not _leading(f"{fields['ticket']}:{n}", bits))
            asked = load.post(connection, FORM, urlencode(fields), **{"X-Forwarded-For": "198.51.100.7"}).decode()
        assert "Look into your mailbox" in asked
    while not Letter.objects.filter(address="genuine@example.net").exists():
        time.sleep(0.05)
    return time.perf_counter() - started


def _scripted(connection: HTTPConnection, number: int) -> None:
    network = {"X-Forwarded-For": f"203.0.{number % 256}.7"}
    load.post(connection, FORM, f"address={_victim(number % ADDRESSES)}", **network)


def _ring(over: threading.Event) -> None:
    """The bell of `answer_sign_ups`, each second."""
    from django.db import connection

    from newsletter.subscribers import signup

    while not over.wait(1):
        while signup.answer_waiting():
            pass
    connection.close()


def _to_victims() -> int:
    from newsletter.letters.models import Letter

    return Letter.objects.filter(address__startswith="victim").count()


def _victim(number: int) -> str:
    return f"victim{number}@example{number}.org"


def _value(name: str, page: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def _leading(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()) >> (256 - bits)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
