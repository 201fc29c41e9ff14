"""The road as an operator travels it: commands, real worker processes, a real broker, a real database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests.fakes.feed_site import FeedSite
from tests.servers import broker as broker_server
from tests.servers.broker import Broker
from tests.servers.processes import answer, newsletter, settings, until

STORY = """<item><title>Story {n}</title><link>{site}/story-{n}</link><guid>{site}/story-{n}</guid>
<description>What story {n} means.</description><dc:creator>Ada Moreau</dc:creator><category>Analysis</category>
<category>Africa</category><media:content url="{site}/{n}.jpg" medium="image" width="1200" height="800">
<media:description>A harbour</media:description><media:credit>Ikram Abdi</media:credit></media:content>
<pubDate>{date}</pubDate></item>"""
FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Meridian</title><link>{site}</link>{stories}
</channel></rss>"""


class Road:
    """One installation: its environment, and `newsletter …` in it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the command prints on stdout; fails when its exit code is another."""
        result = answer(*arguments, environment=self.environment)
        assert result.returncode == code, f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def lines(self, *arguments: str) -> list[Any]:
        return [json.loads(line) for line in self.run(*arguments, "--json").splitlines()]

    def set_up(self, feed_url: str, readers: Path) -> None:
        """From nothing to an approved edition."""
        self.run("db", "migrate")
        self.run("add", "The Meridian", "--sender", "desk@meridian.example", "--postal-address", "1 Harbour Street")
        self.run("feed", "add", feed_url)
        self.run("subscriber", "import", str(readers))
        self.run("feed", "collect")
        self.run("edition", "compose")
        self.run("edition", "approve", "1")

    def send(self) -> dict[str, Any]:
        """Schedule the edition, let real workers and a real beat send it, and say how it stands."""
        with (
            newsletter("run", "worker", environment=self.environment) as worker,
            newsletter("run", "beat", environment=self.environment),
        ):
            self.run("edition", "schedule", "1", "--now", "--yes")
            until(lambda: self.standing()["status"] == "sent", "the edition is sent", lambda: worker.lines)
        return self.standing()

    def standing(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json("status")["editions"][0]
        return found


@pytest.fixture
def feed_site() -> Iterator[FeedSite]:
    """A publication with one feed of five stories of today."""
    from datetime import UTC, datetime, timedelta
    from email.utils import format_datetime

    with FeedSite() as site:
        home = site.url("").rstrip("/")
        now = datetime.now(UTC)
        stories = [STORY.format(n=n, site=home, date=format_datetime(now - timedelta(hours=n))) for n in range(1, 6)]
        site.put("/feed.rss", FEED.format(site=home, stories="".join(stories)))
        for n in range(1, 6):
            site.put(f"/story-{n}", f"<!DOCTYPE html><title>Story {n}</title><h1>Story {n}</h1>")
        yield site


@pytest.fixture
def readers(tmp_path: Path) -> Path:
    """Sixty readers, some of them with names that break naive software."""
    from newsletter.runtime.magazine.readers import write_csv

    file = tmp_path / "readers.csv"
    write_csv(file, 60)
    return file


@pytest.fixture
def broker() -> Iterator[Broker]:
    with broker_server.running() as running:
        yield running


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database of the test's own."""
    name = f"road_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        yield _with_database(postgres_url, name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _with_database(url: str, name: str) -> str:
    """The same server's address, with another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.fixture
def road(tmp_path: Path, database_url: str, broker: Broker) -> Road:
    """On PostgreSQL, with a broker of its own; the transport is the test's to choose."""
    quick = {"NEWSLETTER_TICK": "0.5", "NEWSLETTER_WORKER_PROCESSES": "2"}
    return Road(settings(tmp_path / "data", DATABASE_URL=database_url, REDIS_URL=broker.url, **quick))
