"""Stories into the tables: one Article for one story, whichever feeds carry it; storing twice changes nothing."""

from dataclasses import asdict
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.feeds import urls
from newsletter.feeds.harvest import Story
from newsletter.feeds.models import Article, Feed, Sighting
from newsletter.feeds.values import ArticleFacts

Result = Literal["new", "changed", "unchanged"]
_COLUMNS = ("title", "dek", "byline", "kind", "topics", "image", "published_at", "updated_at")


def store(feed: Feed, story: Story) -> Result:
    """Write one story. Two workers that meet the same new story make one Article."""
    try:
        with transaction.atomic():
            return _store(feed, story)
    except IntegrityError:
        # Somebody else wrote it between our look and our write: now we find it.
        with transaction.atomic():
            return _store(feed, story)


def fill_gaps(feed: Feed, story: Story) -> None:
    """Give an article what its page said when it answered at last; `story` was made from the article itself."""
    article = find(feed, story)
    if article is not None:
        _update(article, feed, story)


def _store(feed: Feed, story: Story) -> Result:
    article = find(feed, story)
    result: Result
    if article is None:
        article, result = _create(story), "new"
    else:
        result = "changed" if _update(article, feed, story) else "unchanged"
    Sighting.objects.update_or_create(
        feed=feed, guid=story.entry.guid, defaults={"article": article, "digest": story.entry.digest}
    )
    return result


def find(feed: Feed, story: Story) -> Article | None:
    """The Article of this story: by address, by the feed's guid for it, by what the page calls its address."""
    by_url = Article.objects.filter(url_key=urls.key(story.entry.url)).first()
    if by_url is not None:
        return by_url
    seen = Sighting.objects.filter(feed=feed, guid=story.entry.guid).select_related("article").first()
    if seen is not None:
        return seen.article
    return Article.objects.filter(url_key=urls.key(story.facts.url)).first()


def _create(story: Story) -> Article:
    read_at = timezone.now() if story.page_settled else None
    return Article.objects.create(
        url=story.facts.url, url_key=urls.key(story.facts.url), page_read_at=read_at, **_columns(story.facts)
    )


def _update(article: Article, feed: Feed, story: Story) -> bool:
    """Bring an article up to date; what this visit does not know stays as it was."""
    fresh = _kept(article, _columns(story.facts))
    if article.sightings.exclude(feed=feed).exists():
        fresh["topics"] = _united(article.topics, fresh["topics"])
    fresh |= _address(article, story)
    changes = {name: value for name, value in fresh.items() if getattr(article, name) != value}
    settled = {"page_read_at": timezone.now()} if story.page_settled and article.page_read_at is None else {}
    if changes:
        settled["changed_at"] = timezone.now()
    if changes or settled:
        Article.objects.filter(pk=article.pk).update(**changes, **settled)
    return bool(changes)


def _kept(article: Article, fresh: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value or getattr(article, name) for name, value in fresh.items()}
    old, new = article.image, fresh["image"]
    if old and new and old["url"] == new["url"]:
        # A page that could not be read this time gave alt and credit last time.
        kept["image"] = {name: new[name] or old[name] for name in new}
    return kept


def _united(old: list[str], new: list[str]) -> list[str]:
    known = {topic.casefold() for topic in old}
    return [*old, *(topic for topic in new if topic.casefold() not in known)]


def _address(article: Article, story: Story) -> dict[str, str]:
    """The article's new address, when its slug changed and no other article has it.

    A page that could not be read proves nothing: what the feed links to may lead to the address we have.
    """
    key = urls.key(story.facts.url)
    if key == article.url_key or not story.page_settled or Article.objects.filter(url_key=key).exists():
        return {}
    return {"url": story.facts.url, "url_key": key}


def _columns(facts: ArticleFacts) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(facts, name) for name in _COLUMNS}
    values["byline"] = [asdict(person) for person in facts.byline]
    values["topics"] = list(facts.topics)
    values["image"] = asdict(facts.image) if facts.image else None
    return values
