"""Whether the domains that vouch for a mail are those that its From shows (DMARC, RFC 7489 §3.1). Pure."""

from collections.abc import Iterable, Iterator

from newsletter.config import Config
from newsletter.mail import dkim

_SHORT = 3  # letters: co.uk, com.au, org.nz


def advice(settings: Config, senders: Iterable[str]) -> Iterator[str]:
    """What to mend before mail goes out, a sentence each; `senders` are From addresses. Raises ConfigError."""
    signer = dkim.made_from(settings)
    if signer is not None and signer.bits < dkim.GOOD_BITS:
        yield f"The DKIM key has {signer.bits} bits; use {dkim.GOOD_BITS}, since shorter keys can be broken."
    bounces = settings.bounce_address.rpartition("@")[2]
    for domain in sorted({sender.rpartition("@")[2].lower() for sender in senders}):
        if signer is not None and not is_within(domain, settings.dkim_domain):
            yield (
                f"Mail from {domain} is signed for {settings.dkim_domain}, which is neither {domain} nor above it:"
                " it does not count for DMARC. Change NEWSLETTER_DKIM_DOMAIN."
            )
        if bounces and not same_organisation(bounces, domain):
            yield (
                f"Mail from {domain} bounces to {bounces}, another organisation: its SPF does not count for DMARC."
                f" Use a domain below {domain} in NEWSLETTER_BOUNCE_ADDRESS."
            )


def is_within(domain: str, parent: str) -> bool:
    """Whether it is this domain or below it."""
    return domain == parent or domain.endswith(f".{parent}")


def same_organisation(one: str, other: str) -> bool:
    """Whether both belong together as far as their names tell; no list of public suffixes is asked."""
    return is_within(one, other) or is_within(other, one) or _organisation(one) == _organisation(other)


def _organisation(domain: str) -> list[str]:
    labels = domain.split(".")
    shared = all(len(label) <= _SHORT for label in labels[-2:]) and len(labels) > 2  # noqa: PLR2004 - a pair and a name
    return labels[-3:] if shared else labels[-2:]
