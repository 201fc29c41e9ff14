"""A mail of an invented week, built as a reader's copy is: rendered, spliced, signed. Nothing is stored."""

from django.utils import timezone

from newsletter.config import Config
from newsletter.deliveries import send
from newsletter.editions.models import Edition
from newsletter.editions.render import render
from newsletter.letters import rehearsal
from newsletter.mail import dkim
from newsletter.newsletters.models import Newsletter
from newsletter.runtime.themes.weeks import sample_week
from newsletter.transports.base import Reader
from newsletter.transports.merge import BatchMailing, Content

ADDRESS = "somebody@example.org"


def specimen(config: Config) -> bytes:
    """The whole message. Raises NewsletterError for what stands in its way: a template, a key."""
    week = sample_week()
    first = Newsletter.objects.order_by("pk").first()
    if first is not None:
        own = {"name": first.name, "sender_name": first.sender_name, "sender_email": first.sender_email}
        week["newsletter"] |= {**own, "slug": first.slug, "reply_to": first.reply_to}  # type: ignore[typeddict-item]
    facts, made = week["newsletter"], render(week)
    edition = Edition(newsletter=first, kind=Edition.Kind.REGULAR)
    content = Content(
        sender=(facts["sender_name"], facts["sender_email"]),
        reply_to=facts["reply_to"],
        subject=made.subject,
        html=made.html,
        text=made.text,
        headers=send.headers(edition, facts["slug"], send.ways_out("")),
    )
    signer = dkim.made_from(config)
    mailing = BatchMailing(content, edition.public, 1, timezone.now(), sign=signer.sign if signer else None)
    slots = rehearsal.slots(first.pk if first else 0, "Somebody")
    return mailing.message(Reader(0, ADDRESS, "Somebody", f"{edition.public}.0", slots))
