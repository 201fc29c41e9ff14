"""Sending a test: one edition as a real mail with real headers, to one address, by the queue of letters."""

from django.utils import timezone

from newsletter.deliveries import send
from newsletter.editions import preflight
from newsletter.editions.models import Edition
from newsletter.editions.render import Rendered
from newsletter.errors import Refused, UsageError
from newsletter.ids import as_text, random_id
from newsletter.letters import rehearsal, writing
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff
from newsletter.subscribers import addresses, by_mail
from newsletter.subscribers.models import Suppression

MARK = "[Test] "


def rehearse(edition: Edition, to: str, staff: Staff | None, topic_set: str = "") -> str:
    """Write the letter; a worker sends it. Returns the address. `topic_set` chooses a variant.

    Raises UsageError for what is no address or no variant, Refused for a suppressed address, and whatever keeps the
    mail from being made.
    """
    address = addresses.clean(to)
    if Suppression.objects.filter(address_key=addresses.key(address)).exists():
        raise Refused(f"{address} is suppressed and gets no mail, tests included.")
    copy = next((each for each in preflight.copies(edition) if each.topic_set == topic_set), None)
    if copy is None:
        raise UsageError("There is no such variant of this edition.", hint=f"newsletter edition preflight {edition.pk}")
    if not isinstance(copy.made, Rendered):
        raise copy.made
    made, publication = copy.made, copy.snapshot["newsletter"]
    mail = {
        "edition": edition.pk,
        "subject": f"{MARK}{made.subject}",
        "html": made.html,
        "text": made.text,
        "sender": (publication["sender_name"], publication["sender_email"]),
        "reply_to": publication["reply_to"],
        "headers": send.headers(edition, publication["slug"], send.ways_out(by_mail.address_with_slot(timezone.now()))),
    }
    once = f"{edition.public}.{as_text(random_id())}"
    writing.write(rehearsal.KIND, address, once, newsletter=edition.newsletter, **mail)
    audit.record(staff, "test", f"edition {edition.pk}")
    return address
