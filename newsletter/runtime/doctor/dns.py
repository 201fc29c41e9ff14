"""What the names say: SPF, DKIM, DMARC and MX of the newsletters' senders."""

import base64
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import dns.exception
import dns.resolver
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from newsletter.config import Config
from newsletter.mail import dkim as signing
from newsletter.runtime.doctor.verdicts import State, Verdict, bad, doubtful, good, skipped

SECONDS = 5.0
MOST_LOOKUPS = 10  # RFC 7208 §4.6.4
_COSTLY = re.compile(r"(include|exists):|redirect=|(a|mx|ptr)(?=[:/]|$)")  # each takes a look-up
_WORST = (State.BAD, State.WARN, State.SKIPPED, State.OK)


def spf(config: Config, senders: Sequence[str]) -> Verdict:
    """Whether the senders' domains say who may send for them."""
    return _worst(config, senders, partial(_spf, config))


def dkim(config: Config) -> Verdict:
    """Whether the key that we sign with is the one that the domain shows."""
    if not config.dkim_key or config.transport != "smtp":
        return skipped("we do not sign; the mail server or SendGrid does")
    if not (config.dkim_domain and config.dkim_selector):
        return skipped("see settings")
    name = f"{config.dkim_selector}._domainkey.{config.dkim_domain}"
    try:
        shown = [text for text in _texts(config, name) if "p=" in text]
    except dns.exception.DNSException as error:
        return _nobody(error)
    ours = _public_half(config.dkim_key)
    record = f'{name} TXT "v=DKIM1; k=rsa; p={ours}"'
    if not shown:
        return bad(f"{name} has no key.", f"Publish {record}")
    if _tag(shown[0], "p") != ours:
        return bad(f"{name} shows another key than the one that signs.", f"Publish {record}")
    bits = getattr(load_der_public_key(base64.b64decode(ours)), "key_size", 0)
    if bits < signing.GOOD_BITS:
        return doubtful(f"The key has {bits} bits.", f"openssl genrsa -out dkim.pem {signing.GOOD_BITS}")
    return good(f"{name} shows our key of {bits} bits")


def dmarc(config: Config, senders: Sequence[str]) -> Verdict:
    """Whether the senders' domains say what is to become of forged mail: Gmail, Yahoo and Outlook insist."""
    return _worst(config, senders, partial(_dmarc, config))


def mx(config: Config, senders: Sequence[str]) -> Verdict:
    """Whether answers and bounces can reach the senders."""
    return _worst(config, senders, partial(_mx, config))


def _worst(config: Config, senders: Sequence[str], look: Callable[[str], Verdict]) -> Verdict:
    """The first of the worst verdicts on the senders' domains."""
    if config.transport == "outbox":
        return skipped("mail stays in the outbox")
    domains = sorted({sender.rpartition("@")[2].lower() for sender in senders})
    if not domains:
        return skipped("no newsletter yet")
    try:
        found = [look(domain) for domain in domains]
    except dns.exception.DNSException as error:
        return _nobody(error)
    worst = min(found, key=lambda each: _WORST.index(each.state))
    return worst if worst.state != State.OK else good("; ".join(each.evidence for each in found))


def _nobody(error: dns.exception.DNSException) -> Verdict:
    return bad(f"The name server did not answer: {type(error).__name__}.", "Check /etc/resolv.conf, or try later.")


def _spf(config: Config, domain: str) -> Verdict:
    envelope = config.bounce_address.rpartition("@")[2] or domain
    if config.transport == "sendgrid":
        return skipped("SendGrid bounces to a domain of its own, whose SPF counts")
    records = [text for text in _texts(config, envelope) if text.lower().startswith("v=spf1")]
    if not records:
        return bad(
            f"{envelope} has no SPF record.", f'Publish {envelope} TXT "v=spf1 … -all" with your mail server in it.'
        )
    if len(records) > 1:
        return bad(f"{envelope} has {len(records)} SPF records, which is as good as none.", "Make one of them.")
    terms = records[0].lower().split()
    if "+all" in terms or "all" in terms:
        return bad(f"The SPF record of {envelope} lets everybody send.", "End it with -all or ~all.")
    if (count := _lookups(config, records[0])) > MOST_LOOKUPS:
        return bad(f"The SPF record of {envelope} takes {count} look-ups; {MOST_LOOKUPS} are allowed.", "Shorten it.")
    return good(f"{envelope}: {records[0]}")


def _lookups(config: Config, record: str, seen: frozenset[str] = frozenset()) -> int:
    """How many look-ups a receiver needs for an SPF record (RFC 7208 §4.6.4), up to a few too many."""
    count = 0
    for term in record.split()[1:]:
        bare = term.lstrip("+-~?").lower()
        if not _COSTLY.match(bare):
            continue
        count += 1
        target = bare.partition(":")[2] if bare.startswith("include:") else bare.partition("redirect=")[2]
        if target and target not in seen and count <= MOST_LOOKUPS:
            inner = [text for text in _texts(config, target) if text.lower().startswith("v=spf1")]
            count += _lookups(config, inner[0], seen | {target}) if inner else 0
    return count


def _dmarc(config: Config, domain: str) -> Verdict:
    for name in _and_above(domain):
        records = [text for text in _texts(config, f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        if records and not _tag(records[0], "p"):
            return bad(f"The DMARC record of {name} says no policy.", f'Publish _dmarc.{name} TXT "v=DMARC1; p=none"')
        if records:
            return good(f"{name}: p={_tag(records[0], 'p')}")
    return bad(f"{domain} has no DMARC record.", f'Publish _dmarc.{domain} TXT "v=DMARC1; p=none; rua=mailto:…"')


def _mx(config: Config, domain: str) -> Verdict:
    hosts = [str(answer.exchange).rstrip(".") for answer in _asked(config, domain, "MX")]
    if hosts == [""]:  # RFC 7505
        return bad(f"{domain} says that it takes no mail.", "Use a sender that can be answered.")
    if not hosts and not _asked(config, domain, "A") and not _asked(config, domain, "AAAA"):
        return bad(f"{domain} takes no mail: it has neither MX nor address.", f"Publish an MX record for {domain}.")
    return good(f"{domain}: {', '.join(hosts[:2]) or 'its own address'}")


def _and_above(domain: str) -> list[str]:
    """The domain and those above it, without the last label."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(len(labels) - 1)]


def _texts(config: Config, name: str) -> list[str]:
    return [b"".join(answer.strings).decode("utf-8", "replace") for answer in _asked(config, name, "TXT")]


def _asked(config: Config, name: str, kind: str) -> list[Any]:
    """The answers, none where there is no such name. Raises DNSException when nobody answers."""
    try:
        return list(_resolver(config.dns_servers).resolve(name, kind, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []


@lru_cache(maxsize=2)
def _resolver(servers: str) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not servers)
    resolver.lifetime = SECONDS
    if servers:
        parts = [each.strip().rpartition(":") for each in servers.split(",")]
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(host or rest, int(rest) if host else 53) for host, _, rest in parts
        ]
    return resolver


def _public_half(pem: str) -> str:
    key = load_pem_private_key(pem.encode(), password=None).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode("ascii")


def _tag(record: str, name: str) -> str:
    """The value of a tag of a DKIM or DMARC record, without white space."""
    for part in record.split(";"):
        key, _, value = part.partition("=")
        if key.strip().lower() == name:
            return "".join(value.split())
    return ""
