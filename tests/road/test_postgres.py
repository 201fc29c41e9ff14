"""The road on PostgreSQL, with workers and beat as in production, into a real mail server and a strict SendGrid."""

import email
import email.policy
import urllib.request
from urllib.parse import urlsplit

import pytest

from newsletter.runtime.up import page_answers
from tests.fakes.sendgrid import SendGridServer
from tests.fakes.smtp import SmtpServer
from tests.servers.processes import answer, free_port, newsletter, until

pytestmark = pytest.mark.road


def test_every_reader_gets_one_mail_by_smtp(road, feed_site, readers):
    with SmtpServer() as server:
        road.environment |= {"NEWSLETTER_TRANSPORT": "smtp", "SMTP_URL": f"smtp://127.0.0.1:{server.port}"}
        # Given a collected, composed and approved edition; when it is sent
        road.set_up(feed_site.url("/feed.rss"), readers)
        standing = road.send()
        # Then the mail server took one mail for each reader, and the ledger agrees
        assert standing["accepted"] == standing["planned"] == 60
        assert len({mail.recipient for mail in server.mails}) == len(server.mails) == 60
        _agrees_with_the_ledger(road)
        # When the first reader's mail client unsubscribes with one click
        mail = server.mails[0]
        message = email.message_from_bytes(mail.message, policy=email.policy.default)
        assert message["Subject"] == "Story 1"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        _one_click(road, message["List-Unsubscribe"].strip("<>"))
        # Then that reader is in no further audience
        shown = road.json("subscriber", "show", mail.recipient)
        assert shown["subscriptions"] == [{"newsletter": "the-meridian", "status": "unsubscribed"}]
        road.run("edition", "compose", "--special")
        road.run("edition", "approve", "2")
        scheduled = answer("edition", "schedule", "2", "--now", "--yes", environment=road.environment)
        assert "to about 59 readers" in scheduled.stderr


@pytest.mark.long  # the faults send through the same stand-in, and count
def test_every_reader_gets_one_copy_through_sendgrid(road, feed_site, readers):
    with SendGridServer() as server:
        road.environment |= {
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "SENDGRID_API_URL": server.url,
            "SENDGRID_API_KEY": server.key,
            "NEWSLETTER_BATCH_SIZE": "25",
        }
        road.set_up(feed_site.url("/feed.rss"), readers)
        # Given a provider that asks for patience once
        server.behave("429:1")
        standing = road.send()
        # Then it took each copy once, in requests of a batch each
        assert standing["accepted"] == 60
        assert len({copy.address for copy in server.copies}) == len(server.copies) == 60
        assert sum(server.requests) - 60 in (10, 25)  # and nobody but the batch that was put off was offered twice
        _agrees_with_the_ledger(road)
        for copy in server.copies:
            link = copy.headers["List-Unsubscribe"].strip("<>")
            assert link in copy.html
            assert link in copy.text
        assert len({copy.headers["List-Unsubscribe"] for copy in server.copies}) == 60


def _agrees_with_the_ledger(road):
    audit = road.json("edition", "audit", "1")
    assert audit["balanced"]
    assert (audit["candidates"], audit["accepted"], audit["excluded"]) == (60, 60, {})
    deliveries = road.lines("delivery", "list", "--edition", "1")
    assert {each["status"] for each in deliveries} == {"accepted"}


def _one_click(road, url):
    """What a mail client does (RFC 8058 §3.2), to the web as it runs in production."""
    bind = f"127.0.0.1:{free_port()}"
    with newsletter("run", "web", environment=road.environment | {"NEWSLETTER_BIND": bind}) as web:
        until(lambda: page_answers(*_split(bind)), "the web answers", lambda: web.lines)
        target = f"http://{bind}{urlsplit(url).path}"
        with urllib.request.urlopen(target, data=b"List-Unsubscribe=One-Click") as answered:
            assert (answered.status, answered.url) == (200, target)


def _split(bind):
    host, _, port = bind.partition(":")
    return host, int(port)
