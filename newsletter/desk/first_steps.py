"""What a new installation lacks before its first edition, and the page where each is given."""

from collections.abc import Sequence

from django.urls import reverse

from newsletter.feeds.models import Feed
from newsletter.newsletters.models import Newsletter
from newsletter.subscribers.models import Subscription

Step = tuple[str, str, str]
"""What to do, why, and where."""


def left(newsletters: Sequence[Newsletter]) -> list[Step]:
    """In the order in which they are best done; nothing once all are."""
    if not newsletters:
        return []
    found = []
    if not Feed.objects.exists():
        found.append(
            ("Add a feed", "Stories come from it; the address of your RSS or Atom feed is enough.", "desk-feeds")
        )
    if not Subscription.objects.exists():
        found.append(("Take your readers in", "From a CSV file, or one by one.", "desk-readers"))
    steps = [(words, why, reverse(name)) for words, why, name in found]
    return steps + [_address(each) for each in newsletters if not each.postal_address.strip()]


def _address(newsletter: Newsletter) -> Step:
    words = f"Give {newsletter} a postal address"
    return (
        words,
        "Every mail must carry one; nothing is approved without.",
        reverse("desk-newsletter", args=[newsletter.slug]),
    )
