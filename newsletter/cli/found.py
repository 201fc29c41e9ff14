"""What commands are given, found in the database: by id, by name, by address."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsletter.editions.models import Edition, Item
    from newsletter.newsletters.models import Newsletter, Section, Staff
    from newsletter.subscribers.models import Subscriber, Subscription


def edition(pk: int) -> "Edition":
    """Raises UsageError."""
    from newsletter.editions.models import Edition
    from newsletter.errors import UsageError

    found = Edition.objects.select_related("newsletter").filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no edition {pk}.", hint="newsletter edition list")
    return found


def item(pk: int) -> "Item":
    """Raises UsageError."""
    from newsletter.editions.models import Item
    from newsletter.errors import UsageError

    found = Item.objects.select_related("edition__newsletter", "section", "article").filter(pk=pk).first()
    if found is None:
        raise UsageError(f"There is no entry {pk}.", hint="newsletter edition show ID lists an edition's entries")
    return found


def section(newsletter: "Newsletter", slug: str | None) -> "Section | None":
    """The section of that slug or name; None where none is named. Raises UsageError."""
    from newsletter.config_sources import nearest
    from newsletter.errors import UsageError

    if slug is None:
        return None
    sections = list(newsletter.sections.filter(cap__gt=0))
    found = next((each for each in sections if slug in (each.slug, each.name)), None)
    if found is None:
        known = [each.slug for each in sections]
        raise UsageError(
            f"{newsletter} has no section {slug}.{nearest(slug, known)}", hint=f"One of {', '.join(known)}"
        )
    return found


def subscriber(address: str) -> "Subscriber":
    """The reader who has an address, or moved away from it. Raises UsageError."""
    from newsletter.errors import UsageError
    from newsletter.subscribers import addresses, consent

    found = consent.reader_of(addresses.key(addresses.clean(address)))
    if found is None:
        raise UsageError(f"Nobody is known by {address}.")
    return found


def subscription(address: str, newsletter: "Newsletter") -> "Subscription":
    """A reader's subscription to a newsletter, whatever its state. Raises UsageError."""
    from newsletter.errors import UsageError
    from newsletter.subscribers import addresses, consent
    from newsletter.subscribers.models import Subscription

    reader = consent.reader_of(addresses.key(addresses.clean(address)))
    theirs = Subscription.objects.filter(newsletter=newsletter, subscriber=reader)
    found = theirs.select_related("subscriber").first()
    if found is None:
        raise UsageError(f"{address} is no reader of {newsletter}.", hint=f"newsletter subscriber show {address}")
    return found


def editor(email: str | None) -> "Staff | None":
    """Who acts, with the right to edit."""
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    return audit.acting(email, Right.EDIT)


def sender(email: str | None) -> "Staff | None":
    """Who acts, with the right to send."""
    from newsletter.newsletters import audit
    from newsletter.newsletters.models import Right

    return audit.acting(email, Right.SEND)
