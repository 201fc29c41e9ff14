"""Links that show an edition to people without an account: they end by themselves, and can be ended."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from newsletter import links, signing
from newsletter.editions.models import Edition, PreviewLink
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff
from newsletter.signing import Purpose

LIFE = timedelta(days=3)


@transaction.atomic
def make(edition: Edition, staff: Staff) -> PreviewLink:
    """A link that works for three days."""
    made = PreviewLink.objects.create(edition=edition, staff=staff, expires_at=timezone.now() + LIFE)
    audit.record(staff, "preview-link", f"edition {edition.pk}", link=made.pk)
    return made


@transaction.atomic
def revoke(edition: Edition, staff: Staff) -> int:
    """End every link of an edition that still works; how many there were."""
    count = standing(edition).update(revoked_at=timezone.now())
    if count:
        audit.record(staff, "preview-link-end", f"edition {edition.pk}", count=count)
    return count


def standing(edition: Edition) -> QuerySet[PreviewLink]:
    """The links that still work."""
    return edition.preview_links.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("staff")


def address(link: PreviewLink) -> str:
    return links.look(signing.fresh(Purpose.LOOK, link.public_id, link.created_at))


def opened(token: str) -> Edition | None:
    """The edition that a link shows; None for a forged, ended or revoked one."""
    now = timezone.now()
    public_id = signing.read_fresh(Purpose.LOOK, token, now)
    if public_id is None:
        return None
    found = PreviewLink.objects.filter(public_id=public_id, revoked_at=None, expires_at__gt=now)
    link = found.select_related("edition__newsletter").first()
    return link.edition if link else None
