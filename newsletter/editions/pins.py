"""Pins: an editor's wish that a story is in the newsletter's next edition, whatever the caps say."""

from django.db import transaction

from newsletter.editions.models import Pin
from newsletter.errors import Refused, UsageError
from newsletter.feeds.models import Article
from newsletter.newsletters import audit
from newsletter.newsletters.models import Newsletter, Section, Staff


@transaction.atomic
def pin(newsletter: Newsletter, article: Article, section: Section | None, staff: Staff | None) -> Pin:
    """Pin a story, or move its pin to another section. Raises Refused for a held one."""
    if article.held_at:
        raise Refused(f"“{article}” is held.", hint=f"newsletter article release {article.pk}")
    values = {"section": section, "staff": staff}
    made, _ = Pin.objects.update_or_create(newsletter=newsletter, article=article, defaults=values)
    audit.record(staff, "pin", f"article {article.pk}", newsletter=newsletter.slug, section=section and section.slug)
    return made


@transaction.atomic
def unpin(newsletter: Newsletter, article: Article, staff: Staff | None) -> None:
    """Raises UsageError when it is not pinned."""
    count, _ = Pin.objects.filter(newsletter=newsletter, article=article).delete()
    if not count:
        raise UsageError(f"“{article}” is not pinned in {newsletter}.")
    audit.record(staff, "unpin", f"article {article.pk}", newsletter=newsletter.slug)
