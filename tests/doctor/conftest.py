"""A healthy installation, with everything that it talks to on loopback; tests break one thing of it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.utils import timezone

from newsletter import config, links
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.doctor import dns, rounds
from newsletter.runtime.doctor.verdicts import State
from newsletter.tracking import life, reconcile
from newsletter.tracking.models import Postbox
from tests import builders
from tests.fakes.imap import ImapServer
from tests.fakes.names import NameServer
from tests.fakes.provider import Provider
from tests.fakes.sendgrid_webhook import SENDER
from tests.fakes.smtp import SmtpServer
from tests.servers import broker as brokers
from tests.servers.broker import Broker

Loopback = tuple[NameServer, Provider, SmtpServer, Broker, ImapServer]
DOMAIN = "meridian.example"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def quoted(text: str) -> str:
    """A TXT record as a zone file has it: strings of 255 bytes at most."""
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))


@dataclass
class Installation:
    """`environment` are its settings; `states()` what the doctor says."""

    folder: Path
    environment: dict[str, str]
    names: NameServer
    provider: Provider
    smtp: SmtpServer
    broker: Broker
    imap: ImapServer
    newsletter: Newsletter | None = None

    def states(self, *, offline: bool = False) -> dict[str, State]:
        dns._resolver.cache_clear()
        settings = config.load({"NEWSLETTER_CONFIG": "/dev/null", **self.environment})
        return {each.check: each.state for each in rounds.go_round(settings, offline=offline)}

    def through_sendgrid(self) -> None:
        self.environment |= {
            "NEWSLETTER_TRANSPORT": "sendgrid",
            "SENDGRID_API_KEY": "SG.good",
            "SENDGRID_API_URL": self.provider.url,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": SENDER.public_key,
        }


@pytest.fixture(scope="session")
def loopback() -> Iterator[Loopback]:
    with (
        NameServer() as names,
        Provider() as provider,
        SmtpServer() as smtp,
        ImapServer() as imap,
        brokers.running() as broker,
    ):
        yield names, provider, smtp, broker, imap


def environment_of(
    folder: Path, loopback: tuple[NameServer, Provider, SmtpServer, Broker, ImapServer]
) -> dict[str, str]:
    """The settings of an installation that sends by SMTP, signs, and reads its bounces."""
    names, provider, smtp, broker, imap = loopback
    return {
        "NEWSLETTER_DATA_DIR": str(folder),
        "NEWSLETTER_SECRET_KEY": "s" * 64,
        "NEWSLETTER_ADDRESS_KEY": "a" * 64,
        "NEWSLETTER_SITE_URL": provider.url,
        "NEWSLETTER_PROXIES": "1",
        "NEWSLETTER_ALLOW_PRIVATE_HOSTS": "1",
        "NEWSLETTER_TRANSPORT": "smtp",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
        "NEWSLETTER_DKIM_DOMAIN": DOMAIN,
        "NEWSLETTER_DKIM_SELECTOR": "nl",
        "NEWSLETTER_DKIM_KEY": PEM,
        "NEWSLETTER_BOUNCE_ADDRESS": f"bounces@{DOMAIN}",
        "BOUNCE_MAILBOX_URL": imap.url,
        "NEWSLETTER_DNS_SERVERS": names.address,
        "REDIS_URL": broker.url,
    }


@pytest.fixture
def healthy(loopback, tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """Sends by SMTP and signs; through_sendgrid() makes it send by SendGrid."""
    names, provider, smtp, broker, imap = loopback
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    imap.password = "secret"
    environment = environment_of(folder, loopback)
    names.silent, names.records = False, {}
    names.tell(DOMAIN, "TXT", quoted("v=spf1 ip4:203.0.113.7 -all"))
    names.tell(DOMAIN, "MX", "10 mx.meridian.example.")
    names.tell(f"_dmarc.{DOMAIN}", "TXT", quoted("v=DMARC1; p=reject; rua=mailto:d@meridian.example"))
    names.tell(f"nl._domainkey.{DOMAIN}", "TXT", quoted(f"v=DKIM1; k=rsa; p={PUBLIC}"))
    provider.pages = {
        "/livez": (200, {links.SITE_HEADER: links.sender_id(), links.PROXIES_HEADER: "1"}, "ok\n"),
        "/v3/scopes": (200, {}, {"scopes": ["mail.send", "whitelabel.read"]}),
        **{f"/v3/suppression/{name}": (200, {}, []) for name in reconcile.LISTS},
        "/v3/whitelabel/domains": (200, {}, [{"domain": DOMAIN, "valid": True}]),
    }
    smtp.login, smtp.tls, smtp.offer_starttls = None, None, True
    smtp._scripts.clear()
    Postbox.objects.create(pk=1, read_at=timezone.now())
    life.sign()
    made = builders.make_newsletter(rhythm_from=timezone.now())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEWSLETTER_CONFIG")
    yield Installation(folder, environment, names, provider, smtp, broker, imap, made)
    broker.lock_out("")
    broker.client.config_set("maxmemory-policy", "noeviction")
    broker.client.config_set("maxmemory", "0")
