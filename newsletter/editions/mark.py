"""What is said about an edition after it went out: corrections on its archive copy, and what its stories say now."""

from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from newsletter import links
from newsletter.editions import compare, freeze
from newsletter.editions.models import Edition
from newsletter.editions.snapshot import Snapshot
from newsletter.errors import Refused, UsageError
from newsletter.mail.content import web_address
from newsletter.newsletters import audit
from newsletter.newsletters.models import Staff

LENGTH = 1000


@transaction.atomic
def mark(edition: Edition, text: str, staff: Staff | None) -> None:
    """Add a dated correction to the archive copy; the mail that went out stays what it was.

    Raises Refused before the send began, UsageError for an empty text.
    """
    if not text.strip():
        raise UsageError("A correction needs words.", hint="--text TEXT")
    locked = Edition.objects.select_for_update().get(pk=edition.pk)
    if locked.started_at is None:
        raise Refused(f"Edition {edition.pk} was not sent yet.", hint=f"newsletter edition reopen {edition.pk}")
    locked.marks = [*locked.marks, {"at": timezone.now().isoformat(), "text": text.strip()[:LENGTH]}]
    locked.save(update_fields=["marks"])
    audit.record(staff, "mark", f"edition {edition.pk}")


@transaction.atomic
def repoint(edition: Edition, item: int, address: str, staff: Staff | None) -> str:
    """Lead an entry's link elsewhere, in the copies that went out and on the archive copy; returns where it led before.

    Raises Refused before the send began, and where the copies' links lead straight to their stories; UsageError for an
    entry without a link, or what is no address.
    """
    locked = Edition.objects.select_for_update().get(pk=edition.pk)
    led = _links_of(locked)
    if locked.started_at is None:
        raise Refused(f"Edition {edition.pk} was not sent yet.", hint=f"newsletter edition reopen {edition.pk}")
    if (locked.snapshot or {}).get("newsletter", {}).get("links", "direct") == "direct":
        raise Refused(
            f"The links in the copies of edition {edition.pk} lead straight to their stories and cannot be pointed"
            " elsewhere; only where links are counted they can.",
            hint=f"newsletter edition correct {edition.pk} mails a correction, edition mark notes it in the archive",
        )
    if item not in led:
        raise UsageError(f"Edition {edition.pk} has no link of an entry {item}.", hint="newsletter edition show")
    locked.repointed = {**locked.repointed, str(item): _read(address)}
    locked.save(update_fields=["repointed"])
    before = led[item]
    audit.record(staff, "repoint", f"edition {edition.pk}", item=item, before=before, after=locked.repointed[str(item)])
    return before


def as_corrected(edition: Edition) -> Snapshot:
    """What was approved, with the links that were corrected since."""
    snapshot: Any = edition.snapshot
    if not edition.repointed:
        return cast("Snapshot", snapshot)
    sections = [
        {**section, "items": [_led(item, edition.repointed) for item in section["items"]]}
        for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**snapshot, "sections": sections})


def _led(item: dict[str, Any], repointed: dict[str, str]) -> dict[str, Any]:
    url = repointed.get(str(item["id"]))
    return {**item, "url": url} if url else item


def _links_of(edition: Edition) -> dict[int, str]:
    sections: Any = as_corrected(edition)["sections"] if edition.snapshot else []
    return {item["id"]: str(item["url"]) for section in sections for item in section["items"] if item.get("url")}


def _read(address: str) -> str:
    url = web_address(address)
    if not url or url.startswith(links.absolute("/")):
        raise UsageError(f"{address} is no address of a story.", hint="It starts with https:// and is on another site.")
    return url


def differences(edition: Edition) -> list[str]:
    """What is not as it was approved: for a draft against what had been approved before, for a sent edition against
    what its articles say now. Raises Refused where nothing was approved."""
    before = edition.snapshot or edition.void_snapshot
    if before is None:
        raise Refused(f"Nothing of edition {edition.pk} was approved yet, so there is nothing to compare with.")
    return compare.differences(before, freeze.snapshot_of(edition))
