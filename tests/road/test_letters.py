"""Staff are told, by the workers and the beat that run in production; and monitoring is, without them."""

import email
import email.policy
from pathlib import Path

import pytest

from tests.servers.processes import newsletter, until

pytestmark = pytest.mark.road


def test_an_edition_that_is_held_is_told_to_who_may_send_it(road, feed_site):
    outbox = Path(road.environment["NEWSLETTER_DATA_DIR"]) / "outbox" / "new"
    # Given a scheduled edition whose only reader has left, and two of the staff
    road.run("db", "migrate")
    road.run("add", "The Meridian", "--sender", "desk@meridian.example", "--postal-address", "1 Harbour Street")
    road.run("staff", "add", "ada@meridian.example", "--role", "sender")
    road.run("staff", "add", "bo@meridian.example", "--role", "editor")
    road.run("feed", "add", feed_site.url("/feed.rss"))
    road.run("feed", "collect")
    road.run("edition", "compose")
    road.run("edition", "approve", "1")
    road.run("subscriber", "add", "only@example.org")
    road.run("edition", "schedule", "1", "--now", "--yes")
    road.run("subscriber", "unsubscribe", "only@example.org")
    # When nobody works, monitoring is told so
    assert "No worker gives a sign of life" in road.run("status", "--check", code=2)
    # When its time has come
    with (
        newsletter("run", "worker", environment=road.environment) as worker,
        newsletter("run", "beat", environment=road.environment),
    ):
        until(lambda: outbox.is_dir() and any(outbox.iterdir()), "a letter arrives", lambda: worker.lines)
        assert "Nobody can be mailed" in road.run("status", "--check", code=2)
    # Then who may act has one letter, in words
    (letter,) = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in outbox.iterdir()]
    assert letter["To"] == "ada@meridian.example"
    assert letter["Subject"] == "Held: The Meridian No. 1 does not go out"
    assert "the newsletter has no active reader" in letter.get_body(("plain",)).get_content()
    assert [each["status"] for each in road.lines("letter", "list")] == ["accepted"]
