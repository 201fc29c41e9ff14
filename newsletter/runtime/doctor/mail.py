"""What goes out: a real message built and looked through, and who takes it."""

import email
import email.policy
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from newsletter import links
from newsletter.config import Config
from newsletter.errors import ConfigError, NewsletterError
from newsletter.feeds import probe
from newsletter.mail import alignment
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.doctor.verdicts import Verdict, bad, doubtful, good, skipped

CLIP = 102_000  # bytes of HTML; Gmail hides what follows, the foot with the link for leaving first


def newsletters(_config: Config) -> Verdict:
    """Whether there is anything to send."""
    names = list(Newsletter.objects.order_by("pk").values_list("name", "postal_address"))
    if not names:
        return doubtful("There is no newsletter yet.", "newsletter init, or newsletter add NAME …")
    bare = [name for name, address in names if not address.strip()]
    if bare:
        return bad(
            f"{bare[0]} has no postal address, which every mail must carry.", "newsletter set SLUG --postal-address …"
        )
    return good(", ".join(name for name, _ in names))


def message(config: Config) -> Verdict:
    """Whether a mail, built as it would go out, has what receivers and the law ask for."""
    from newsletter.runtime.doctor.specimen import specimen

    try:
        made = specimen(config)
    except NewsletterError as error:
        return bad(str(error), error.hint or "newsletter theme check")
    parsed = email.message_from_bytes(made, policy=email.policy.default)
    faults = list(_faults(parsed, config))
    if faults:
        return bad(faults[0], "newsletter theme check")
    return good(f"{len(made):,} bytes, {_parts(parsed)}, List-Unsubscribe and one click")


def signature(config: Config, senders: Sequence[str]) -> Verdict:
    """Whether the signing and the bounces fit From, so that they count for DMARC."""
    if config.transport != "smtp":
        return skipped("the transport signs, or nothing leaves")
    try:
        advice = list(alignment.advice(config, senders))
    except ConfigError as error:
        return bad(str(error), error.hint)
    if advice:
        return bad(advice[0], "newsletter config check")
    if not config.dkim_key:
        return doubtful("We sign nothing.", "Let your mail server sign by DKIM, or set NEWSLETTER_DKIM_KEY_FILE.")
    return good(f"d={config.dkim_domain}, s={config.dkim_selector}")


def handover(config: Config) -> Verdict:
    """Whether the mail server lets us in; nothing is sent."""
    if config.transport != "smtp":
        return skipped(f"the transport is {config.transport}")
    from newsletter.transports import smtp_connect, tls
    from newsletter.transports.smtp_server import server_from
    from newsletter.transports.smtp_session import Limits

    server = server_from(config.smtp_url, allow_private_hosts=config.allow_private_hosts)
    try:
        session = smtp_connect.open_session(server, Limits(), tls.default_trust(), "")
    except smtp_connect.NoSessionError as error:
        return bad(str(error), "newsletter config show smtp_url")
    session.close()
    return good(f"{server.host}:{server.port} lets us in")


def site_answers(config: Config) -> Verdict:
    """Whether the site's address leads to this installation."""
    if config.transport == "outbox" and not config.site_url.startswith("https:"):
        return skipped("the site is on this machine while mail stays in the outbox")
    found = _asked(config)
    if found.status != 200:  # noqa: PLR2004
        said = found.words or f"HTTP {found.status}"
        return bad(f"{config.site_url} does not answer: {said}.", "newsletter run web, and the proxy before it")
    if found.site != links.sender_id():
        return bad(
            f"{config.site_url} is not this installation: readers' links would lead elsewhere.",
            "newsletter config show site_url",
        )
    return good(f"{config.site_url} is this installation")


def proxies(config: Config) -> Verdict:
    """Whether we know who is a proxy of ours and who a stranger: networks, and limits by network, come of it."""
    found, ours = _asked(config).proxies, config.proxies
    if found is None:
        return skipped("the web did not say how it was asked")
    evidence = f"A question to the site came through {found} proxies, and proxies is set to {ours}"
    if found > ours:
        why = "strangers seem to come from the proxy, so limits by network hold nobody up, or everybody"
        return doubtful(f"{evidence}: {why}.", f"Set NEWSLETTER_PROXIES={found}.")
    if found < ours:
        why = "a stranger may claim any network by a header of their own"
        return doubtful(f"{evidence}: {why}.", f"Set NEWSLETTER_PROXIES={found}, or ask from outside.")
    return good(evidence)


def _asked(config: Config) -> probe.Probe:
    return probe.probe(f"{config.site_url.rstrip('/')}/livez", private=config.allow_private_hosts)


def webhook(config: Config) -> Verdict:
    """Whether SendGrid's reports can be verified: a signed one of our own making is."""
    if config.transport != "sendgrid":
        return skipped(f"the transport is {config.transport}")
    from newsletter.runtime.doctor.loop import believed
    from newsletter.webhooks import signature as signatures

    remedy = "SENDGRID_WEBHOOK_PUBLIC_KEY, from Mail Settings > Event Webhook > Signature Verification"
    try:
        keys = signatures.keys_in(config.sendgrid_webhook_public_key)
    except ValueError:
        return bad("SENDGRID_WEBHOOK_PUBLIC_KEY is no P-256 key in base64.", remedy)
    if not keys:
        return bad("Bounces and complaints are refused: without a key nothing can be verified.", remedy)
    if not believed():
        return bad("A correctly signed report is not believed.", "Report this: it is a fault of ours.")
    return good(f"{len(keys)} key(s); a signed report is believed, a forged one is not")


def _faults(parsed: EmailMessage, config: Config) -> Iterator[str]:
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "Feedback-ID"):
        if len(parsed.get_all(name, [])) != 1:
            yield f"A mail has {len(parsed.get_all(name, []))} headers {name} instead of one."
    leave = parsed.get("List-Unsubscribe", "")
    if config.transport != "outbox" and "<https://" not in leave and not config.allow_private_hosts:
        yield "List-Unsubscribe has no https address."
    if parsed.get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        yield "List-Unsubscribe-Post is not as RFC 8058 wants it."
    html, text = parsed.get_body(("html",)), parsed.get_body(("plain",))
    if html is None or text is None:
        yield "A mail lacks its HTML or its text."
    elif len(html.get_content().encode()) > CLIP:
        yield f"The HTML has more than {CLIP:,} bytes; Gmail would clip it."


def _parts(parsed: EmailMessage) -> str:
    return " and ".join(part.get_content_type() for part in parsed.walk() if not part.is_multipart())
