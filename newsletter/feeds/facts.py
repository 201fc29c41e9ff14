"""What the feed says and what the page says → one article, as an editor would write it down. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from newsletter.feeds import urls
from newsletter.feeds.kinds import KINDS, TOPICS_LIMIT, axes, kind_before
from newsletter.feeds.markup import same_picture
from newsletter.feeds.page import without_site
from newsletter.feeds.values import WIDE_ENOUGH, ArticleFacts, Entry, Image, PageFacts, Person

# A date further ahead than any zone explains is a mistake.
AHEAD = timedelta(hours=26)


@dataclass(frozen=True)
class FeedFacts:
    """What holds for all articles of a feed: its title, and the kind and topics that staff gave it."""

    title: str = ""
    kind: str = ""
    topics: tuple[str, ...] = ()
    kinds: Sequence[str] = KINDS


def merge(entry: Entry, page: PageFacts | None, feed: FeedFacts) -> ArticleFacts:
    """The feed's word first; the page's where the feed is silent, cut short, or has only a thumbnail."""
    page = page if page is not None and not leads_elsewhere(entry, page) else PageFacts()
    title = without_site(entry.title, [feed.title, page.site_name])
    kind, topics = _axes(entry, page, feed)
    kind, title = kind_before(title, kind, feed.kinds)
    published = _believable(entry.published_at) or _believable(page.published_at)
    return ArticleFacts(
        url=page.url or entry.url,
        title=title,
        dek=_dek(entry, page, title),
        byline=_byline(entry.byline, page.byline, {feed.title.casefold(), page.site_name.casefold()}),
        kind=kind,
        topics=topics,
        image=_image(entry.image, page.image, title),
        published_at=published,
        updated_at=_updated(entry, page, published),
    )


def needs_page(entry: Entry, feed: FeedFacts) -> bool:
    """Whether the feed alone leaves a gap that the page may fill."""
    return entry.dek_is_cut or bool(merge(entry, None, feed).missing)


def leads_elsewhere(entry: Entry, page: PageFacts) -> bool:
    """The address led to the front page: the article is gone, and what was read is about something else."""
    return urls.is_front(page.url) and not urls.is_front(entry.url)


def _dek(entry: Entry, page: PageFacts, title: str) -> str:
    said = page.dek if page.dek.casefold() != title.casefold() else ""
    return (said or entry.dek) if entry.dek_is_cut or not entry.dek else entry.dek


def _byline(fed: tuple[Person, ...], shown: tuple[Person, ...], houses: set[str]) -> tuple[Person, ...]:
    """WordPress feeds name one author of several, and some feeds name the publication instead of a person."""
    people = tuple(person for person in fed if person.name.casefold() not in houses) or shown or fed
    names = {person.name.casefold(): person for person in shown}
    if len(shown) > len(people) and all(person.name.casefold() in names for person in people):
        return shown
    return tuple(person if person.role else names.get(person.name.casefold(), person) for person in people)


def _axes(entry: Entry, page: PageFacts, feed: FeedFacts) -> tuple[str, tuple[str, ...]]:
    kind, topics = axes(entry.categories, feed.kinds)
    shown_kind, shown_topics = axes(page.categories, feed.kinds)
    itself = _initials(feed.title, page.site_name)
    mine = tuple(topic for topic in topics or shown_topics if topic not in itself)
    known = {topic.casefold() for topic in mine}
    more = tuple(topic for topic in feed.topics if topic.casefold() not in known)
    return kind or shown_kind or feed.kind, (*mine[: TOPICS_LIMIT - len(more)], *more)


def _initials(*sites: str) -> set[str]:
    """TechCrunch files every story under "TC", which tells its readers nothing. A feed's whole title may be a topic."""
    capitals = {site: "".join(char for char in site if char.isupper()) for site in sites}
    return {letters for site, letters in capitals.items() if len(letters) > 1 and letters != site}


def _image(fed: Image | None, shown: Image | None, title: str) -> Image | None:
    image = _chosen(fed, shown)
    # Ghost overwrites every alt text in its feed with the title, which tells nobody what the picture shows.
    return replace(image, alt="") if image and image.alt.casefold() == title.casefold() else image


def _chosen(fed: Image | None, shown: Image | None) -> Image | None:
    if fed is None or shown is None:
        return fed or shown
    if same_picture(fed.url, shown.url):
        wider, other = (shown, fed) if (shown.width or 0) > (fed.width or 0) else (fed, shown)
        return replace(wider, alt=wider.alt or other.alt, credit=wider.credit or other.credit)
    too_small = fed.is_narrow and (shown.width or WIDE_ENOUGH) > (fed.width or 0)
    return shown if too_small or (shown.credit and not fed.credit) else fed


def _believable(when: datetime | None) -> datetime | None:
    return when if when is not None and when <= datetime.now(UTC) + AHEAD else None


def _updated(entry: Entry, page: PageFacts, published: datetime | None) -> datetime | None:
    said = [when for each in (entry.updated_at, page.updated_at) if (when := _believable(each))]
    latest = max(said, default=None)
    # Publishing itself touches the record: what changes within minutes is no update.
    return latest if latest and (published is None or latest - published > timedelta(minutes=10)) else None
