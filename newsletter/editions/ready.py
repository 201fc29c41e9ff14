"""Making editions ready ahead of their approval: their pictures, fetched and made fit while they are drafts.

A draft with pictures that nobody tried yet is the work that waits; workers look for it at every bell. Nothing here
holds an edition up: what is not ready at approval stays where the publication has it, and what cannot be shown is left
out, each with a word to the editor.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from newsletter.editions import freeze, pictures
from newsletter.editions.models import Edition
from newsletter.feeds import images

LEASE = timedelta(minutes=2)  # whoever makes an edition's pictures and dies is followed after this
AT_ONCE = 15.0  # seconds for one bell; others wait for the same worker
FOR = timedelta(days=14)  # a draft that nobody has touched for longer is left alone


def make_due(now: datetime | None = None) -> int:
    """Make the pictures of one draft that waits for them; returns how many drafts it found, 0 or 1.

    Takes up to 15 seconds, so what is left waits for the next bell. Safe in any number of workers.
    """
    since = (now or timezone.now()) - FOR
    drafts = Edition.objects.filter(Q(composed_at__gt=since) | Q(created_at__gt=since), status=Edition.Status.DRAFT)
    for edition in drafts.select_related("newsletter").order_by("send_at", "pk"):
        if pictures.is_due(freeze.content_of(edition)) and _claim(edition):
            make(edition, seconds=AT_ONCE)
            return 1
    return 0


def make(edition: Edition, *, seconds: float = images.TOTAL_SECONDS) -> list[str]:
    """Make its pictures now, in at most `seconds`; a sentence for each that the mail goes without.

    Call it outside a transaction, and never in answer to a web request.
    """
    told = pictures.make_fit(freeze.content_of(edition), seconds=seconds)
    Edition.objects.filter(pk=edition.pk).update(picturing_until=None)
    return told


def remarks(edition: Edition) -> list[str]:
    """What an editor should know of a draft's pictures before approving it; empty when all is well."""
    content = freeze.content_of(edition)
    waiting = pictures.waiting(content)
    count = f"{len(waiting)} photo is" if len(waiting) == 1 else f"{len(waiting)} photos are"
    still = f"{count} not made fit for mail yet; approved now, the mail shows the publication's own." if waiting else ""
    return [*filter(None, [still]), *pictures.left_out(content)]


def _claim(edition: Edition) -> bool:
    free = Q(picturing_until=None) | Q(picturing_until__lt=Now())
    mine = Edition.objects.filter(free, pk=edition.pk, status=Edition.Status.DRAFT)
    return mine.update(picturing_until=Now() + LEASE) == 1
