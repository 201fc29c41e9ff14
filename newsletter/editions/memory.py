"""Which edition had which story: no reader of a newsletter gets one twice in its weekly mail."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from newsletter.editions.models import Edition, Item
from newsletter.feeds.models import Article
from newsletter.newsletters.models import Newsletter


@dataclass(frozen=True)
class Verdict:
    """What one edition did with an article. `section` None: left out; `dropped`: an editor took it out."""

    edition: Edition
    section: str | None
    position: int
    reason: str
    dropped: bool = False


def unsent(edition: str = "") -> Q:
    """Editions that have no story for good: a draft, one held before anybody approved it, or a cancelled one.

    `edition` is the path to the edition, such as "edition__".
    """
    open_ = Q(**{f"{edition}status__in": (Edition.Status.DRAFT, Edition.Status.CANCELLED)})
    return open_ | Q(**{f"{edition}status": Edition.Status.HELD, f"{edition}content_hash": ""})


def taken(edition: Edition) -> QuerySet[Item]:
    """The places in the newsletter's other regular editions, from approved to sent; none for a special edition."""
    if edition.kind != Edition.Kind.REGULAR:
        return Item.objects.none()
    return taken_by(edition.newsletter).exclude(edition=edition)


def taken_by(newsletter: Newsletter) -> QuerySet[Item]:
    """The places in a newsletter's regular editions, from approved to sent."""
    placed = Item.objects.filter(edition__newsletter=newsletter, dropped=False, article__isnull=False)
    return placed.filter(edition__kind=Edition.Kind.REGULAR).exclude(unsent("edition__"))


def carried_elsewhere(edition: Edition, articles: Collection[int]) -> dict[int, str]:
    """Of these articles, those that an edition of another newsletter had, and which: "The Daily No. 3"."""
    found = Item.objects.filter(article__isnull=False, dropped=False).exclude(unsent("edition__"))
    others = found.exclude(edition__newsletter=edition.newsletter).select_related("edition__newsletter")
    wanted = set(articles)
    if len(wanted) < _FEW:
        others = others.filter(article__in=wanted)
    return {item.article_id: str(item.edition) for item in others.order_by("-pk") if item.article_id in wanted}


_FEW = 500  # ids that every database takes in one statement


def verdicts(article: Article) -> list[Verdict]:
    """What every edition that saw the article did with it, the newest first."""
    placed = article.items.select_related("edition__newsletter", "section")
    refused = Edition.objects.filter(left_out__has_key=str(article.pk)).select_related("newsletter")
    found = [Verdict(item.edition, item.section.name, item.position, item.reason, item.dropped) for item in placed]
    here = {verdict.edition.pk for verdict in found}
    found += [
        Verdict(edition, None, 0, edition.left_out[str(article.pk)]) for edition in refused if edition.pk not in here
    ]
    return sorted(found, key=lambda verdict: -verdict.edition.pk)
