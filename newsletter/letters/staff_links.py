"""Letters that let staff in: an invitation, and a sign-in link for whoever asks with a known address."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from newsletter.letters import writing
from newsletter.letters.models import Letter
from newsletter.newsletters import audit, people
from newsletter.newsletters.models import Staff

PAUSE = timedelta(minutes=2)
MOST = 6  # letters an hour to one person


@transaction.atomic
def invite(email: str, name: str, role: str, by: Staff | None) -> Staff:
    """Make a person and write to them. One who never came gets a fresh link, and the old one is void. Raises as
    people.add."""
    person = people.add(email, name, role, by)
    person.invited_at = timezone.now()
    person.save(update_fields=["invited_at"])
    dedupe = f"staff-{person.pk}-{person.invited_at:%Y%m%d%H%M%S%f}"
    writing.write("invitation", person, dedupe, staff=person.pk, role=person.role, by=str(by or ""))
    return person


@transaction.atomic
def mail_link(email: str) -> None:
    """Write a sign-in link to a known address; nothing for another, or when one went there just now.

    Whoever asks is told the same in every case.
    """
    person = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        return
    now = timezone.now()
    recent = Letter.objects.filter(kind="login-link", staff=person, created_at__gt=now - timedelta(hours=1))
    if recent.count() >= MOST or recent.filter(created_at__gt=now - PAUSE).exists():
        return
    writing.write("login-link", person, f"staff-{person.pk}-{now:%Y%m%d%H%M%S%f}", staff=person.pk)
    audit.record(None, "login-link", f"staff {person.pk}")
