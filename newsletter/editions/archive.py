"""Past editions: which of them the public may see."""

from django.db.models import QuerySet

from newsletter.editions.models import Edition
from newsletter.newsletters.models import Newsletter

UNPRINTED = ("void_snapshot",)  # large, and on no page
OUT = (Edition.Status.SENDING, Edition.Status.PAUSED, Edition.Status.SENT)
Archive = Newsletter.Archive


def listed(newsletter: Newsletter) -> QuerySet[Edition]:
    """The editions of a public archive, the newest first; corrections stand with the edition that they correct."""
    found = newsletter.editions.filter(status__in=OUT, newsletter__archive=Archive.PUBLIC)
    return found.exclude(kind=Edition.Kind.CORRECTION).select_related("newsletter").order_by("-number")


def by_number(slug: str, number: int) -> Edition | None:
    """An edition of a public archive."""
    found = Edition.objects.filter(newsletter__slug=slug, number=number, newsletter__archive=Archive.PUBLIC)
    return found.filter(status__in=OUT).select_related("newsletter").defer(*UNPRINTED).first()


def by_public_id(public_id: int | None) -> Edition | None:
    """An edition that somebody has the link of, as every reader of the mail does."""
    if public_id is None:
        return None
    found = Edition.objects.filter(public_id=public_id).exclude(newsletter__archive=Archive.NONE)
    return found.filter(status__in=OUT).select_related("newsletter").defer(*UNPRINTED).first()


def newsletters() -> QuerySet[Newsletter]:
    """Those whose archive is public, by name."""
    return Newsletter.objects.filter(archive=Archive.PUBLIC).order_by("name")


def corrections(edition: Edition) -> QuerySet[Edition]:
    """The corrections of an edition that were mailed, in their order."""
    return edition.corrections.filter(status__in=OUT).only("public_id", "subject").order_by("number")


def neighbours(edition: Edition) -> tuple[Edition | None, Edition | None]:
    """The edition before and the one after it, in the public archive."""
    others = listed(edition.newsletter).select_related(None).only("number", "subject")
    before = others.filter(number__lt=edition.number).first()
    return before, others.filter(number__gt=edition.number).order_by("number").first()
