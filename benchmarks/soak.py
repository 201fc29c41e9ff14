"""A year of editions in one run: as in production, with something killed each minute, and what grows meanwhile.

`make soak`, or `python benchmarks/soak.py [--editions 52] [--readers 5000] [--minutes 20]`. PostgreSQL,
Redis, web, two workers and two beats as `newsletter run` starts them. Readers sign up, confirm and leave through the
web while editions go out, and SendGrid's stand-in reports what became of every copy. One worker and one beat are
victims; the others live all the time, and their memory, open files and connections are watched. In the end the
stand-in's own log, which is the truth, is held against the ledger. Ends with 1 when a promise was broken or something
grew.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import load, vitals
from tests.fakes.feed_site import FeedSite
from tests.fakes.sendgrid import SendGridServer
from tests.fakes.sendgrid_webhook import SENDER, event
from tests.faults import oracle
from tests.faults.installation import KEYS, TIMES, Running
from tests.servers import broker, postgres
from tests.servers.processes import free_port

BATCH = 100  # so that one kill leaves 2 % of an edition unknown: less than the breaker asks for
PATIENCE = 600.0  # seconds for one edition
BODY = 1_000  # events in a request
COMING, LEAVING = 30, 20  # readers an edition
# A newsletter that is read: hardly anybody bounces, one complains now and then.
WORDS = ["delivered"] * 497 + ["bounce"] * 3
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "


def main() -> int:
    parser = argparse.ArgumentParser(prog="python benchmarks/soak.py", description=__doc__)
    parser.add_argument("--editions", type=int, default=52)
    parser.add_argument("--readers", type=int, default=5_000)
    parser.add_argument("--minutes", type=float, default=20, help="at least so long; editions begin evenly in it")
    parser.add_argument("--faults-every", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        soak = Soak(stack, random.Random(options.seed), options.faults_every)
        soak.fill(options.readers)
        began = time.monotonic()
        for number in range(options.editions):
            soak.until(lambda at=number: time.monotonic() - began >= at * options.minutes * 60 / options.editions)
            soak.edition(number)
        return soak.judged(time.monotonic() - began)


class Soak:
    """The installation, its year, and the notes on who left when."""

    def __init__(self, stack: ExitStack, chance: random.Random, every: float) -> None:
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsletter-soak-")))
        self.broker = stack.enter_context(broker.running())
        self.truth = self.folder / "accepted.jsonl"
        self.sendgrid = stack.enter_context(SendGridServer(self.truth, keep=False))
        self.site = stack.enter_context(FeedSite())
        self.chance, self.port = chance, free_port()
        os.environ |= {**self._settings(stack.enter_context(postgres.running())), **TIMES, **KEYS}
        self.read = 0  # bytes of the truth whose fate was reported
        self.left: dict[int, dict[str, frozenset[tuple[int, int]]]] = defaultdict(dict)
        self.gone: dict[str, frozenset[tuple[int, int]]] = {}
        self.bounced: set[str] = set()
        self.faults: list[str] = []
        self.resumed = 0
        self.every, self.fault_at = every, float("inf")
        self.plagues = plagues()
        self.stack, self.running = stack, dict[str, Running]()
        self.vitals = vitals.Vitals()

    def _settings(self, database: str) -> dict[str, str]:
        (self.folder / "var").mkdir()
        return {
            "DATABASE_URL": database,
            "REDIS_URL": self.broker.url,
            "DJANGO_SETTINGS_MODULE": "newsletter.settings",
            "NEWSLETTER_DATA_DIR": str(self.folder / "var"),
            "NEWSLETTER_SITE_URL": "https://news.example.org",
            "NEWSLETTER_BIND": f"127.0.0.1:{self.port}",
            "NEWSLETTER_PROXIES": "1",
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1",
            "NEWSLETTER_BATCH_SIZE": str(BATCH),
            "SENDGRID_API_URL": self.sendgrid.url,
            "SENDGRID_API_KEY": self.sendgrid.key,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": SENDER.public_key,
        }

    def fill(self, readers: int) -> None:
        """Tables, readers and processes."""
        import django

        django.setup()
        from django.core.management import call_command

        from tests import builders

        call_command("migrate", verbosity=0)
        self.newsletter = builders.make_newsletter(canary_share=0, privacy_url="https://meridian.example/privacy")
        builders.add_readers(self.newsletter, readers)
        for name in ("web", "worker", "beat", "victim worker", "victim beat"):
            self.start(name)
        self.stack.callback(lambda: [each.kill() for each in self.running.values()])
        self.until(self._answers)
        self.fault_at = time.monotonic() + self.every

    def start(self, name: str) -> None:
        from newsletter import config
        from newsletter.runtime import programs

        settings = config.load({**os.environ, "NEWSLETTER_WORKER_PROCESSES": "1"})
        kind = name.removeprefix("victim ")
        command = {"web": programs.web(settings), "worker": programs.worker(settings), "beat": programs.beat()}[kind]
        self.running[name] = Running(command, dict(os.environ), self.folder / f"{name}.log")

    def edition(self, number: int) -> None:
        """One edition from its stories to the reports of its copies; readers come and go meanwhile."""
        from django.utils import timezone

        from newsletter.editions import approve, draft
        from newsletter.feeds import urls
        from tests import builders

        for story in range(3):
            title = f"Story {story} of edition {number}"
            url = self.site.put(
                f"/{number}/{story}", f"<!DOCTYPE html><title>{title}</title>"
            )  # preflight presses every link
            builders.make_article(title, hours_ago=story + 1, url=url, url_key=urls.key(url))
        edition = draft.compose_special(self.newsletter).edition
        approve.approve(edition, None)
        approve.schedule(edition, timezone.now(), None)
        self.come(number)
        self.until(lambda: self._is(edition.pk, "sending", "sent"))
        self.leave(edition.pk)
        self.until(lambda: self._is(edition.pk, "sent"))
        self.confirm()
        self.tell()
        self.get(f"/archive/{self.newsletter.slug}/")
        print(f"  edition {number + 1}: {self._standing(edition.pk)}", flush=True)

    def come(self, number: int) -> None:
        """Sign-ups by the form, each from a network and a domain of its own."""
        for person in range(COMING):
            network = {"X-Forwarded-For": f"10.{number}.{person}.7"}
            address = f"new{number}-{person}@firm{number}-{person}.example"
            self.post(f"/subscribe/{self.newsletter.slug}", f"address={address}", **network)

    def confirm(self) -> None:
        """Nine of ten press the button in their letter."""
        from django.utils import timezone

        from newsletter.signing import Purpose, fresh
        from newsletter.subscribers.models import SignUp

        for each in SignUp.objects.filter(status=SignUp.Status.MAILED):
            if self.chance.random() < 0.9:
                self.post(f"/c/{fresh(Purpose.CONFIRM, each.public_id, timezone.now())}", "")

    def leave(self, edition: int) -> None:
        """By one click, in mid-send; every attempt that is not seen then is committed later."""
        from newsletter.deliveries.models import Attempt
        from newsletter.subscribers.models import Subscription
        from newsletter.subscribers.tokens import token_for

        active = Subscription.objects.filter(status="active", subscriber__email__startswith="reader")
        for each in active.select_related("subscriber").order_by("?")[:LEAVING]:
            self.post(f"/u/{token_for(each.public_id)}", "List-Unsubscribe=One-Click")
            attempts = Attempt.objects.filter(batch__edition=edition).values_list("batch__public_id", "number")
            self.left[edition][str(each.subscriber.email)] = frozenset(attempts)

    def tell(self) -> None:
        """SendGrid reports what became of every copy it took since the last time."""
        with self.truth.open("rb") as log:
            log.seek(self.read)
            lines = [json.loads(line) for line in log]
            self.read = log.tell()
        events = [self._event(line) for line in lines if line["reference"]]
        for start in range(0, len(events), BODY):
            body = SENDER.body(events[start : start + BODY])
            self.post("/webhooks/sendgrid", body, **SENDER.headers(body), **{"Content-Type": "application/json"})

    def _event(self, line: dict[str, Any]) -> dict[str, Any]:
        word, more = self.chance.choice(WORDS), {}
        if word == "bounce":
            self.bounced.add(line["address"])
            more = {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 User unknown"}
        args = {"nl_delivery": line["reference"], "nl_batch": line["batch"], "nl_attempt": line["attempt"]}
        return event(args, word, line["address"], **more)

    def post(self, path: str, body: str | bytes, **headers: str) -> None:
        self._ask(lambda link: load.post(link, path, body, **headers))  # type: ignore[arg-type] # HTTPConnection takes both

    def get(self, path: str) -> None:
        self._ask(lambda link: load.get(link, path))

    def _ask(self, deed: Callable[[HTTPConnection], object]) -> None:
        """As browsers and providers do, once more where the answer is an error: the database may have been cut off."""
        self.turn()
        for last in (False, True):
            link = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                deed(link)
            except (AssertionError, OSError):
                if last:
                    raise
                time.sleep(0.5)
            else:
                return
            finally:
                link.close()

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"not within {PATIENCE:g} s; logs in {self.folder}"
            self.turn()
            time.sleep(0.1)

    def turn(self) -> None:
        """What happens beside: looks at the processes, and a plague each minute."""
        now = time.monotonic()
        self.vitals.look(now, {name: run.process.pid for name, run in self.running.items() if "victim" not in name})
        if now >= self.fault_at:
            self.fault_at = now + self.every
            name, deed = next(self.plagues)
            print(f"  {name}", flush=True)
            self.faults.append(name)
            deed(self)

    def _answers(self) -> bool:
        try:
            load.get(HTTPConnection("127.0.0.1", self.port, timeout=5), "/livez")
        except OSError:
            return False
        return True

    def _is(self, edition: int, *states: str) -> bool:
        from newsletter.editions import approve
        from newsletter.editions.models import Edition

        found = Edition.objects.get(pk=edition)
        if found.status == "paused":  # as a person would who has read why
            self.resumed += 1
            print(f"  resumed: {found.status_reason}", flush=True)
            approve.resume(found, None)
        return found.status in states

    def _standing(self, edition: int) -> str:
        from newsletter.deliveries import status
        from newsletter.editions.models import Edition

        counts = status.audit(Edition.objects.get(pk=edition)).counts
        return f"{counts.accepted:,} accepted, {counts.skipped} skipped, {counts.unknown} unknown"

    def judged(self, seconds: float) -> int:
        """Wait until everything that was told is applied, then hold the truth against the ledger."""
        from newsletter.editions.models import Edition
        from newsletter.tracking.models import Event

        self.until(lambda: not Event.objects.filter(state="waiting").exists())
        lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in map(json.loads, self.truth.read_text().splitlines()):
            lines[str(line["reference"]).partition(".")[0]].append(line)
        broken, copies = 0, 0
        for edition in Edition.objects.filter(status="sent").order_by("pk"):
            mine = lines[edition.public]
            copies += len(mine)
            found = oracle.judge(mine, ledger_of(edition, self.bounced), {**self.gone, **self.left[edition.pk]})
            self.gone |= dict.fromkeys(self.left[edition.pk], frozenset())
            if found != oracle.NONE:
                broken += 1
                print(f"edition {edition.pk}: {found}")
        print(
            f"{Edition.objects.filter(status='sent').count()} editions, {copies:,} copies in {seconds / 60:.1f} minutes"
        )
        print(
            f"{len(self.faults)} faults, {self.resumed} editions resumed, {unknown_left():,} copies unknown in the end"
        )
        print(f"editions with a broken promise: {broken}")
        return int(bool(broken) | self.vitals.report())


def ledger_of(edition: Any, bounced: set[str]) -> oracle.Ledger:
    """As the commands list it; readers whose mailbox was reported dead may be skipped."""
    from dataclasses import asdict

    from newsletter.deliveries import status
    from newsletter.deliveries.models import Attempt

    found = status.audit(edition)
    rows = edition.deliveries.exclude(batch=None).values_list("pk", "subscriber__email", "status", "reason")
    deliveries = [
        {"id": pk, "address": address, "status": state, "reason": reason}
        for pk, address, state, reason in rows
        if not (state == "skipped" and address in bounced)
    ]
    attempts = Attempt.objects.filter(batch__edition=edition).values_list("batch__public_id", "number")
    audit = {**asdict(found.counts), "faults": list(found.faults)}
    return oracle.Ledger(audit, deliveries, list(edition.batches.values("unknown")), list(attempts))


def unknown_left() -> int:
    from newsletter.deliveries.models import Delivery

    return Delivery.objects.filter(status="unknown").count()


def plagues() -> Iterator[tuple[str, Callable[[Soak], None]]]:
    """Each in its turn, over and over."""
    known: list[tuple[str, Callable[[Soak], None]]] = [
        ("a worker is killed", lambda soak: killed(soak, "victim worker")),
        ("Redis is killed and loses its files", redis_lost),
        ("SendGrid loses two answers", lambda soak: soak.sendgrid.behave("reset-after", "ok", "500-after")),
        ("a beat is killed", lambda soak: killed(soak, "victim beat")),
        ("every session of the database is cut off", cut_off),
        ("a worker is frozen for longer than its lease", frozen),
        ("SendGrid has too many requests", lambda soak: soak.sendgrid.behave("429:2", "503", "429:1")),
    ]
    return (known[number % len(known)] for number in count())


def killed(soak: Soak, name: str) -> None:
    soak.running[name].kill()
    soak.start(name)


def redis_lost(soak: Soak) -> None:
    soak.broker.kill()
    soak.broker.lose_files()
    time.sleep(3)
    soak.broker.start()


def cut_off(_: Soak) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"{CUT} pg_backend_pid()")


def frozen(soak: Soak) -> None:
    soak.running["victim worker"].tell(signal.SIGSTOP)
    time.sleep(float(TIMES["NEWSLETTER_LEASE"]) + 3)
    soak.running["victim worker"].tell(signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main())
