"""Stories into the tables: one Article for one story, whichever feeds carry it; storing twice changes nothing."""

from collections.abc import Iterable
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


class Shelf:
    """The articles of one visit to a feed, looked up together: two queries for a feed, not five for a story."""

    def __init__(self, feed: Feed, stories: Iterable[Story]) -> None:
        self._feed = feed
        self._articles: dict[str, Article] = {}
        self._sightings: dict[str, Sighting] = {}
        self._look_up(list(stories))

    def store(self, story: Story) -> Result:
        """Write one story. Two workers that meet the same new story make one Article."""
        try:
            with transaction.atomic():
                return self._store(story)
        except IntegrityError:
            # Somebody else wrote it between our look and our write: now we find it.
            self._look_up([story])
            with transaction.atomic():
                return self._store(story)

    def fill_gaps(self, story: Story) -> None:
        """Give an article what its page said when it answered at last; `story` was made from the article itself."""
        article = self._find(story)
        if article is not None:
            self._update(article, story)

    def _look_up(self, stories: list[Story]) -> None:
        keys = {urls.key(url) for story in stories for url in (story.entry.url, story.facts.url)}
        guids = [story.entry.guid for story in stories]
        seen = Sighting.objects.filter(feed=self._feed, guid__in=guids).select_related("article")
        self._articles |= {article.url_key: article for article in Article.objects.filter(url_key__in=keys)}
        self._sightings |= {sighting.guid: sighting for sighting in seen}

    def _find(self, story: Story) -> Article | None:
        """The Article of this story: by address, by the feed's guid for it, by what the page calls its address."""
        by_url = self._articles.get(urls.key(story.entry.url))
        if by_url is not None:
            return by_url
        seen = self._sightings.get(story.entry.guid)
        return seen.article if seen is not None else self._articles.get(urls.key(story.facts.url))

    def _store(self, story: Story) -> Result:
        article = self._find(story)
        result: Result
        if article is None:
            article, result = _create(story), "new"
            self._articles[article.url_key] = article
        else:
            result = "changed" if self._update(article, story) else "unchanged"
        self._note_sighting(article, story)
        return result

    def _note_sighting(self, article: Article, story: Story) -> None:
        guid, digest = story.entry.guid, story.entry.digest
        seen = self._sightings.get(guid)
        if seen is None:
            self._sightings[guid] = Sighting.objects.create(feed=self._feed, article=article, guid=guid, digest=digest)
        elif (seen.article_id, seen.digest) != (article.pk, digest):
            seen.article, seen.digest = article, digest
            seen.save(update_fields=["article", "digest"])

    def _update(self, article: Article, story: Story) -> bool:
        """Bring an article up to date; what this visit does not know stays as it was."""
        fresh = _kept(article, _columns(story.facts))
        if article.topics != fresh["topics"] and article.sightings.exclude(feed=self._feed).exists():
            fresh["topics"] = _united(article.topics, fresh["topics"])
        fresh |= self._address(article, story)
        changes = {name: value for name, value in fresh.items() if getattr(article, name) != value}
        noted: dict[str, Any] = {}
        if story.page_settled and article.page_read_at is None:
            noted["page_read_at"] = timezone.now()
        if changes:
            noted["changed_at"] = timezone.now()
        if noted:
            Article.objects.filter(pk=article.pk).update(**changes, **noted)
        return bool(changes)

    def _address(self, article: Article, story: Story) -> dict[str, str]:
        """The article's new address, when its slug changed and no other article has it.

        A page that could not be read proves nothing: what the feed links to may lead to the address we have.
        """
        key = urls.key(story.facts.url)
        if key == article.url_key or not story.page_settled or key in self._articles:
            return {}
        return {"url": story.facts.url, "url_key": key}


def _create(story: Story) -> Article:
    read_at = timezone.now() if story.page_settled else None
    return Article.objects.create(
        url=story.facts.url, url_key=urls.key(story.facts.url), page_read_at=read_at, **_columns(story.facts)
    )


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


def _columns(facts: ArticleFacts) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(facts, name) for name in _COLUMNS}
    values["byline"] = [asdict(person) for person in facts.byline]
    values["topics"] = list(facts.topics)
    values["image"] = asdict(facts.image) if facts.image else None
    return values
