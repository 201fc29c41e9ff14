"""Only what SendGrid signed is believed: every changed byte, a missing key and an old request change nothing.

T-16, S-10, S-12, S-52 and I13 of what must never happen.
"""

import time
import urllib.request

import pytest
from django.db import DatabaseError

from newsletter.config import load
from newsletter.errors import ConfigError
from newsletter.tracking import store, tally
from newsletter.tracking.models import Event, Tally
from newsletter.webhooks import sendgrid, signature
from tests.fakes.sendgrid_webhook import SENDER, SIGNATURE, TIMESTAMP, EventSender, event
from tests.webhooks.conftest import URL, args_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def body(copies):
    return SENDER.body([event(args_of(copies[0]), "delivered")])


def counted(name):
    return tally.counts().get(f"webhook.{name}", 0)


def test_a_signed_body_is_kept(body, deliver):
    assert deliver(body) == 200
    assert Event.objects.get().kind == "delivered"


def test_every_changed_byte_of_body_timestamp_or_signature_is_refused(settings_of):
    body = SENDER.body([event({"nl_delivery": "0123456789abcdef.1"}, "delivered")])
    headers = SENDER.headers(body)
    keys = signature.keys_in(SENDER.public_key)
    good = (headers[TIMESTAMP], body, headers[SIGNATURE])
    assert signature.verifies(keys, *good)
    for part, text in enumerate((good[0].encode(), good[1], good[2].encode())):
        for changed in _changes(text):
            parts = [*good]
            parts[part] = changed if part == 1 else changed.decode("latin-1")
            assert not signature.verifies(keys, *parts), (part, changed)


def _changes(text):
    """Each byte one higher, one lower, missing and doubled; the line end that others strip; a byte slid across."""
    for at, byte in enumerate(text):
        for other in ((byte + 1) % 256, (byte - 1) % 256):
            yield text[:at] + bytes([other]) + text[at + 1 :]
        yield text[:at] + text[at + 1 :]
        yield text[: at + 1] + text[at:]


def test_bytes_cannot_slide_between_timestamp_and_body(body):
    headers, keys = SENDER.headers(body), signature.keys_in(SENDER.public_key)
    assert not signature.verifies(
        keys, headers[TIMESTAMP][:-1], headers[TIMESTAMP][-1:].encode() + body, headers[SIGNATURE]
    )
    assert not signature.verifies(keys, headers[TIMESTAMP] + body[:1].decode(), body[1:], headers[SIGNATURE])


def test_without_the_line_end_at_the_end_the_signature_is_wrong(body, deliver):
    assert deliver(body.rstrip(), SENDER.headers(body)) == 403


@pytest.mark.parametrize("headers", [{}, {SIGNATURE: ""}, {SIGNATURE: "é", TIMESTAMP: "1"}, {TIMESTAMP: "1700000000"}])
def test_an_unsigned_request_is_refused_and_counted(body, deliver, headers):
    before = counted("forged")
    assert deliver(body, headers) == 403
    assert counted("forged") == before + 1
    assert not Event.objects.exists()


def test_another_accounts_signature_is_refused(body, deliver):
    assert deliver(body, sender=EventSender()) == 403


def test_two_keys_hold_while_one_is_changed_for_the_other(body, deliver, settings_of):
    new = EventSender()
    settings_of(SENDGRID_WEBHOOK_PUBLIC_KEY=f"{new.public_key}, {SENDER.public_key}")
    assert [deliver(body, sender=SENDER), deliver(body, sender=new)] == [200, 200]
    settings_of(SENDGRID_WEBHOOK_PUBLIC_KEY=new.public_key)
    assert deliver(body, sender=SENDER) == 403


def test_without_a_key_nothing_is_believed(body, deliver, settings_of):
    before = counted("no-key")
    settings_of(SENDGRID_WEBHOOK_PUBLIC_KEY="")
    assert deliver(body) == 503
    assert (counted("no-key"), Event.objects.count()) == (before + 1, 0)


@pytest.mark.parametrize("key", ["key", "MFkw", "é", f"{SENDER.public_key}x", ",".join([SENDER.public_key] * 3)])
def test_what_is_no_key_is_refused_as_a_setting(key):
    with pytest.raises(ConfigError, match="MFkwEwYH"):
        load({"SENDGRID_WEBHOOK_PUBLIC_KEY": key, "NEWSLETTER_CONFIG": "/dev/null"})


def test_a_request_is_good_for_as_long_as_sendgrid_tries_again(body, deliver):
    now = time.time()
    assert deliver(body, SENDER.headers(body, now - 24 * 3600)) == 200
    assert deliver(body, SENDER.headers(body, now - 25 * 3600)) == 403
    assert deliver(body, SENDER.headers(body, now + 3600)) == 403


def test_a_body_that_is_too_large_is_refused(deliver, settings_of, monkeypatch):
    monkeypatch.setattr(sendgrid, "MOST_BYTES", 1000)
    assert deliver(b"[" + b" " * 1000 + b"]") == 413


def test_only_posts_are_taken(client):
    assert [client.get(URL).status_code, client.put(URL).status_code] == [405, 405]


def test_a_database_that_is_away_is_answered_so_that_sendgrid_tries_again(body, deliver, monkeypatch):
    def away(_events):
        raise DatabaseError("away")

    monkeypatch.setattr(store, "keep", away)
    assert deliver(body) == 503


def test_what_cannot_be_counted_is_kept_all_the_same_and_counted_later(settings_of, deliver, monkeypatch):
    foreign = SENDER.body([event({}, "delivered")])
    tally.flush()
    monkeypatch.setattr(tally, "_written", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(tally, "_write", lambda _taken: (_ for _ in ()).throw(DatabaseError("locked")))
        assert deliver(foreign) == 200
    assert tally.counts()["webhook.foreign"] == 1


@pytest.mark.django_db(transaction=True)
def test_sendgrid_itself_posts_to_the_real_server(live_server, copies):
    assert SENDER.post(live_server.url + URL, [event(args_of(copies[0]), "delivered")]) == 200
    assert EventSender().post(live_server.url + URL, [event(args_of(copies[0]), "open")]) == 403
    assert Event.objects.count() == 1
    assert urllib.request.urlopen(live_server.url + "/livez").status == 200


def test_refusals_are_written_at_most_once_a_second(db, monkeypatch):
    monkeypatch.setattr(tally, "_written", time.monotonic() + 60)
    for _ in range(50):
        tally.count("webhook.forged")
    assert not Tally.objects.exists()
    assert counted("forged") >= 50
