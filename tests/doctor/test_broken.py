"""Broken environments: each turns its own check, and no other, from what it says of a healthy one (O-18)."""

import resource
import shutil
import socket
import tempfile
from collections import namedtuple
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from newsletter import links
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.doctor.verdicts import State
from newsletter.tracking.models import Postbox, SignOfLife, Worker
from tests import builders
from tests.doctor.conftest import DOMAIN, Installation, quoted

Break = Callable[[Installation], None]
BAD, WARN = State.BAD, State.WARN
Usage = namedtuple("Usage", "total used free")  # as shutil has it


def drop(_: object) -> None:
    """A lambda's value that nobody wants."""


def sets(**settings: str) -> Break:
    return lambda at: at.environment.update(settings)


def tells(name: str, kind: str, *values: str) -> Break:
    return lambda at: at.names.tell(name, kind, *values)


def spf(record: str) -> Break:
    return tells(DOMAIN, "TXT", quoted(record))


def answers(path: str, status: int, value: object = "", **headers: str) -> Break:
    return lambda at: at.provider.pages.update({path: (status, headers, value)})


def scopes(status: int, value: object = "") -> Break:
    return by_sendgrid(answers("/v3/scopes", status, value))


def domains(*found: object) -> Break:
    return by_sendgrid(answers("/v3/whitelabel/domains", 200, list(found)))


def by_sendgrid(then: Break) -> Break:
    def break_(at: Installation) -> None:
        at.through_sendgrid()
        then(at)

    return break_


def redis(name: str, value: str) -> Break:
    return lambda at: drop(at.broker.client.config_set(name, value))


def newsletters(**columns: object) -> Break:
    return lambda _: drop(Newsletter.objects.update(**columns))


def readable_key(at: Installation) -> None:
    (at.folder / "keys").mkdir(mode=0o755)
    (at.folder / "keys" / "secret_key").write_text("k" * 64)
    at.folder.chmod(0o755)
    open_up(at)


def open_up(at: Installation) -> None:
    for folder in (at.folder, *at.folder.parents):
        if folder == Path(tempfile.gettempdir()):
            return
        folder.chmod(0o755)


def readable_toml(at: Installation) -> None:
    open_up(at)
    (at.folder.parent / "newsletter.toml").write_text("")
    (at.folder.parent / "newsletter.toml").chmod(0o644)


def file_for_folder(at: Installation) -> None:
    at.folder.rmdir()
    at.folder.write_text("")


def deep_spf(at: Installation) -> None:
    at.names.tell(DOMAIN, "TXT", quoted("v=spf1 include:a0.example -all"))
    for number in range(12):
        at.names.tell(f"a{number}.example", "TXT", quoted(f"v=spf1 include:a{number + 1}.example -all"))


def pem(bits: int) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def forget_newest_migration(_: Installation) -> None:
    MigrationRecorder.Migration.objects.filter(app="newsletter").order_by("name").last().delete()


def broken_template(at: Installation) -> None:
    folder = at.folder / "templates" / "email"
    folder.mkdir(parents=True)
    (folder / "roundup.html").write_text("{% if %}")


def paused_edition(at: Installation) -> None:
    edition = builders.scheduled_edition(at.newsletter)
    type(edition).objects.update(status="paused", started_at=timezone.now() - timedelta(days=1))


def refuses_the_password(at: Installation) -> None:
    at.smtp.login = ("user", "right")
    at.environment["SMTP_URL"] = f"smtp://user:wrong@127.0.0.1:{at.smtp.port}"


def unread_for_an_hour(_: Installation) -> None:
    Postbox.objects.update(read_at=timezone.now() - timedelta(hours=1))


def no_signs(_: Installation) -> None:
    SignOfLife.objects.all().delete()
    Worker.objects.all().delete()


def old_signs(_: Installation) -> None:
    long_ago = timezone.now() - timedelta(minutes=6)
    SignOfLife.objects.update(at=long_ago)
    Worker.objects.update(seen_at=long_ago)


CASES: dict[str, tuple[str, State, Break]] = {
    # Settings and machine
    "a short secret": ("keys", WARN, sets(NEWSLETTER_SECRET_KEY="short")),
    "no keys yet": ("keys", WARN, sets(NEWSLETTER_SECRET_KEY="")),
    "a key that everybody reads": ("secret-files", BAD, readable_key),
    "a newsletter.toml that everybody reads": ("secret-files", BAD, readable_toml),
    "a file where the data should go": ("data-dir", BAD, file_for_folder),
    "a DKIM key without a selector": ("settings", BAD, sets(NEWSLETTER_DKIM_SELECTOR="")),
    # Database
    "a migration that is missing": ("migrations", BAD, forget_newest_migration),
    # Redis
    "a Redis that is not there": ("redis", BAD, sets(REDIS_URL="redis://127.0.0.1:1/0")),
    "a Redis that asks for a password": ("redis", BAD, lambda at: at.broker.lock_out("pass")),
    "a Redis that drops what is old": ("redis-policy", BAD, redis("maxmemory-policy", "allkeys-lru")),
    "a Redis that is nearly full": ("redis-policy", WARN, redis("maxmemory", "1200000")),
    # Processes
    "no sign of life for six minutes": ("workers", BAD, old_signs),
    "no sign of life ever": ("workers", BAD, no_signs),
    "a worker of another version": ("workers", WARN, lambda at: drop(Worker.objects.update(version="0.0.9"))),
    "a paused edition": ("sends", BAD, paused_edition),
    # Newsletters and mail
    "no newsletter": ("newsletters", WARN, lambda at: drop(Newsletter.objects.all().delete())),
    "no postal address": ("newsletters", BAD, newsletters(postal_address=" ")),
    "a signature for another domain": ("signature", BAD, newsletters(sender_email="desk@other.example")),
    # Mail server
    "a mail server that is not there": ("mail-server", BAD, sets(SMTP_URL="smtp://127.0.0.1:1")),
    "a mail server that refuses the password": ("mail-server", BAD, refuses_the_password),
    "a mail server that is busy": ("mail-server", BAD, lambda at: at.smtp.script("CONNECT", "421 4.3.2 Busy")),
    "a mail server that hangs up": ("mail-server", BAD, lambda at: at.smtp.script("EHLO", "close", "close")),
    # Returned mail
    "a bounce mailbox that is not there": ("bounce-mailbox", BAD, sets(BOUNCE_MAILBOX_URL="imap://a:b@127.0.0.1:1")),
    "a bounce mailbox that refuses the password": (
        "bounce-mailbox", BAD, lambda at: setattr(at.imap, "password", "another"),
    ),
    "a bounce mailbox that nobody has read for an hour": ("bounces-read", WARN, unread_for_an_hour),
    # Names
    "no SPF": ("spf", BAD, tells(DOMAIN, "TXT", quoted("hello"))),
    "two SPF records": ("spf", BAD, tells(DOMAIN, "TXT", quoted("v=spf1 -all"), quoted("v=spf1 mx -all"))),
    "an SPF record that lets everybody send": ("spf", BAD, spf("v=spf1 +all")),
    "an SPF record with too many look-ups": ("spf", BAD, deep_spf),
    "no DKIM record": ("dkim", BAD, tells(f"nl._domainkey.{DOMAIN}", "TXT")),
    "another DKIM key in the record": ("dkim", BAD, tells(f"nl._domainkey.{DOMAIN}", "TXT", quoted("v=DKIM1; p=AAAA"))),
    "a revoked DKIM key": ("dkim", BAD, tells(f"nl._domainkey.{DOMAIN}", "TXT", quoted("v=DKIM1; p="))),
    "another DKIM key in the settings": ("dkim", BAD, sets(NEWSLETTER_DKIM_KEY=pem(2048))),
    "no DMARC": ("dmarc", BAD, tells(f"_dmarc.{DOMAIN}", "TXT")),
    "a DMARC record without a policy": ("dmarc", BAD, tells(f"_dmarc.{DOMAIN}", "TXT", quoted("v=DMARC1; rua=x"))),
    "a domain that takes no mail": ("mx", BAD, tells(DOMAIN, "MX", "0 .")),
    "neither MX nor address": ("mx", BAD, tells(DOMAIN, "MX")),
    # The site, from outside
    "a site that is down": ("site", BAD, answers("/livez", 502)),
    "a site of another installation": ("site", BAD, answers("/livez", 200, "ok", **{links.SITE_HEADER: "another"})),
    "a site that is no installation of ours": ("site", BAD, answers("/livez", 200, "ok")),
    "a proxy that nobody told us of": ("proxies", WARN, sets(NEWSLETTER_PROXIES="0")),
    "a proxy that is not there": ("proxies", WARN, sets(NEWSLETTER_PROXIES="2")),
    # SendGrid
    "a key that SendGrid does not know": ("sendgrid-key", BAD, (scopes(401))),
    "a key that may not send": ("sendgrid-key", BAD, (scopes(200, {"scopes": ["stats.read"]}))),
    "a key that may do everything": (
        "sendgrid-key", WARN, (scopes(200, {"scopes": ["mail.send", "api_keys.create"]})),
    ),
    "a key that may not read who is dropped": (
        "sendgrid-lists", WARN, by_sendgrid(answers("/v3/suppression/spam_reports", 403)),
    ),
    "an account page that says nothing of use": ("sendgrid-key", BAD, (scopes(200, "<html>"))),
    "a sender's domain that SendGrid does not sign for": (
        "sendgrid-sender", BAD, (domains({"domain": "x.example", "valid": True})),
    ),
    "a sender's domain that is not proven yet": (
        "sendgrid-sender", BAD, (domains({"domain": DOMAIN, "valid": False})),
    ),
    "no webhook key": ("webhook", BAD, by_sendgrid(sets(SENDGRID_WEBHOOK_PUBLIC_KEY=""))),
}  # fmt: skip
ALSO = {  # what stands on the broken thing, or is broken with it
    "a DKIM key without a selector": {"signature", "message", "dkim"},
    "a Redis that is not there": {"redis-policy"},
    "a Redis that asks for a password": {"redis-policy"},
    "no newsletter": {"spf", "dmarc", "mx", "clock"},
    "a signature for another domain": {"spf", "dmarc", "mx"},
}


_seen: dict[str, dict[str, State]] = {}


def baseline(at: Installation) -> dict[str, State]:
    """What the doctor says of the healthy one; looked at once for each transport."""
    transport = at.environment["NEWSLETTER_TRANSPORT"]
    if transport not in _seen:
        _seen[transport] = at.states()
    return _seen[transport]


@pytest.mark.parametrize("name", CASES)
def test_a_broken_environment_turns_its_own_check(healthy: Installation, name: str) -> None:
    # Given what the doctor says of the healthy one
    check, state, break_ = CASES[name]
    if check.startswith(("sendgrid", "webhook")):
        healthy.through_sendgrid()
    before = baseline(healthy)
    assert before[check] == State.OK
    # When one thing breaks
    break_(healthy)
    after = healthy.states()
    # Then its check turns, and no other that is not about the same thing
    assert after[check] == state
    changed = {each for each in after if after[each] != before[each] and after[each] != State.SKIPPED}
    assert changed - ALSO.get(name, set()) == {check}


def test_a_healthy_installation_has_nothing_wrong(healthy: Installation) -> None:
    # A database of the tests is not meant to survive a power cut.
    assert [check for check, state in healthy.states().items() if state == BAD] == ["durability"]
    healthy.through_sendgrid()
    assert [check for check, state in healthy.states().items() if state == BAD] == ["durability"]


def test_a_full_disk(healthy: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**10, 10**10, 10**8))
    assert healthy.states()["disk"] == BAD


def test_too_few_files(healthy: Installation) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
    try:
        assert healthy.states()["open-files"] == WARN
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_name_server_that_is_silent(healthy: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.runtime.doctor.dns.SECONDS", 0.2)
    healthy.names.silent = True
    states = healthy.states()
    assert {states[check] for check in ("spf", "dkim", "dmarc", "mx")} == {BAD}


def test_offline_opens_no_socket(healthy: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        states = healthy.states(offline=True)
    assert states["message"] == State.OK
    assert {states[check] for check in ("redis", "mail-server", "spf", "dkim", "dmarc", "mx", "site")} == {
        State.SKIPPED
    }


def test_a_check_that_fails_in_itself_hides_no_other(healthy: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsletter.runtime.doctor.machine.shutil.disk_usage", lambda _: 1 / 0)
    states = healthy.states()
    assert states["disk"] == BAD
    assert states["mx"] == State.OK
