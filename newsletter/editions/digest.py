"""The newcomer's first look: a feed's stories become a digest, without a database."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from newsletter.editions import snapshot as shape
from newsletter.editions.compose import Candidate, Rules, compose
from newsletter.editions.render import Rendered, render
from newsletter.editions.week import WEEK
from newsletter.editions.words import PREHEADER_LENGTH, SUBJECT_LENGTH, shortened
from newsletter.errors import NewsletterError
from newsletter.feeds.values import ArticleFacts
from newsletter.mail import slots

CAP = 8
ENOUGH = 5  # stories; a time with fewer is no sight, so a longer one is taken
_WINDOWS = (1, 4, 13, 52)  # weeks
SAMPLE_TOKEN = "your-readers-own-link"  # noqa: S105 # stands where a token would


@dataclass(frozen=True)
class Digest:
    """A rendered sample: how many stories it has, of how many; the end of its time and how many weeks that is.

    `until` None: the feed has no dates. `is_current`: that time ends today.
    """

    rendered: Rendered
    stories: int
    found: int
    until: datetime | None
    weeks: int
    is_current: bool


def digest(
    title: str,
    articles: Sequence[ArticleFacts],
    url: str,
    now: datetime,
    with_pictures: Callable[[shape.Snapshot], shape.Snapshot] = lambda content: content,
) -> Digest:
    """This week's digest of a feed; of its latest week when this one had nothing; of a longer time where that is thin.

    `with_pictures` may put other pictures into what is printed. Raises NewsletterError when there is no story at all.
    """
    if not articles:
        raise NewsletterError("The feed is fine, but it has no stories.", hint="Try it again when it has some.")
    until, current = _end(articles, now)
    weeks, stories = _window(articles, until)
    sections = _sections(stories, "this week" if weeks == 1 else "lately")
    shown = sum(len(section["items"]) for section in sections)
    content = with_pictures(_snapshot(title or urlsplit(url).hostname or url, url, until or now, sections))
    return Digest(_with_sample_links(render(content)), shown, len(stories), until, weeks, current)


def _end(articles: Sequence[ArticleFacts], now: datetime) -> tuple[datetime | None, bool]:
    dated = [each.published_at for each in articles if each.published_at and each.published_at <= now]
    if not dated:
        return None, False
    if max(dated) > now - WEEK:
        return now, True
    return max(dated), False


def _window(articles: Sequence[ArticleFacts], until: datetime | None) -> tuple[int, list[ArticleFacts]]:
    """The shortest time that has stories enough, in weeks, and its stories; else the shortest that has most."""
    if until is None:
        return 1, list(articles)
    found = [(weeks, [each for each in articles if _is_in(each, until, weeks)]) for weeks in _WINDOWS]
    enough = next((each for each in found if len(each[1]) >= ENOUGH), None)
    return enough or max(found, key=lambda each: (len(each[1]), -each[0]))


def _is_in(article: ArticleFacts, until: datetime, weeks: int) -> bool:
    return article.published_at is not None and until - weeks * WEEK < article.published_at <= until


def _sections(stories: Sequence[ArticleFacts], when: str) -> list[shape.SectionContent]:
    rules = _rules(stories, when)
    placed: dict[int, list[shape.ItemContent]] = {rule.section_id: [] for rule in rules}
    for choice in compose(map(_candidate, range(len(stories)), stories), rules):
        if choice.section_id is not None:
            placed[choice.section_id].append(_item(choice.article_id, stories[choice.article_id]))
    return [
        {"name": rule.name, "slug": f"s{rule.section_id}", "is_lead": rule.is_lead, "items": placed[rule.section_id]}
        for rule in rules
        if placed[rule.section_id]
    ]


def _rules(stories: Sequence[ArticleFacts], when: str) -> list[Rules]:
    """A lead, a section for each kind that has stories enough, and one for the rest."""
    kinds = Counter(story.kind for story in stories if story.kind)
    several = [kind for kind, count in kinds.most_common(4) if count > 1] if len(kinds) > 1 else []
    named = [Rules(number, kind, CAP, kinds=frozenset({kind})) for number, kind in enumerate(several, start=1)]
    return [
        Rules(0, "Lead", 1, is_lead=True),
        *named,
        Rules(99, f"More {when}" if named else when.capitalize(), 2 * CAP),
    ]


def _candidate(number: int, story: ArticleFacts) -> Candidate:
    # A feed without dates is taken to be in order, the newest first.
    undated = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(minutes=number)
    return Candidate(
        article_id=number,
        published_at=story.published_at or undated,
        kind=story.kind,
        topics=frozenset(story.topics),
        feeds=frozenset(),
        authors=frozenset(person.name for person in story.byline),
        has_image=story.image is not None and not story.image.is_narrow,
    )


def _item(number: int, story: ArticleFacts) -> shape.ArticleContent:
    return {
        "id": number,
        "type": "article",
        "url": story.url,
        "title": story.title,
        "dek": story.dek,
        "byline": [{"name": person.name, "role": person.role} for person in story.byline],
        "kind": story.kind,
        "topics": list(story.topics),
        "image": _image(story),
        "published": story.published_at.isoformat() if story.published_at else None,
    }


def _image(story: ArticleFacts) -> shape.Image | None:
    image = story.image
    if image is None:
        return None
    return {
        "url": image.url,
        "width": image.width,
        "height": image.height,
        "alt": image.alt,
        "credit": image.credit,
    }


def _snapshot(name: str, url: str, until: datetime, sections: list[shape.SectionContent]) -> shape.Snapshot:
    titles = [item["title"] for section in sections for item in section["items"]]
    home = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
    return {
        "edition": {
            "id": f"{0:016x}",
            "kind": "regular",
            "number": 1,
            "date": until.date().isoformat(),
            "subject": shortened(titles[0], SUBJECT_LENGTH),
            "preheader": shortened(" · ".join(titles[1:3]), PREHEADER_LENGTH),
        },
        "newsletter": {
            "slug": "preview",
            "name": name,
            "tagline": "",
            "mission": "",
            "language": "en",
            "home_url": home,
            "accent": "#9b1c1f",
            "sender_name": name,
            "sender_email": "preview@example.org",
            "reply_to": "",
            "postal_address": "Your postal address stands here",
            "zone": "UTC",
        },
        "note": "",
        "sections": sections,
    }


def _with_sample_links(rendered: Rendered) -> Rendered:
    html, text = (part.replace(slots.TOKEN, SAMPLE_TOKEN) for part in (rendered.html, rendered.text))
    return Rendered(rendered.subject, html, text)
